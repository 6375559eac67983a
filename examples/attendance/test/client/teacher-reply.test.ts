import { clientTexts } from '../../src/client/client-texts';
import { readTeacherReply } from '../../src/client/teacher-reply';
import { parseTeacherRequest } from '../../src/client/teacher-request';
import { errors } from '../../src/wire-texts';

/** What a teacher who entered `line` is shown of this reply. */
function read(line: string, reply: string, language: 'pt-BR' | 'en' = 'pt-BR') {
  return readTeacherReply(reply, parseTeacherRequest(line)!, clientTexts[language]);
}

describe('readTeacherReply()', () => {
  it('leaves the sentences of the notes as they are', () => {
    const opened = 'A chamada da turma 101 foi ativada em 19/11/2026 às 08:05!';
    expect(read('101', opened, 'en')).toEqual({ sentence: opened, students: undefined, isMisunderstood: false });
    const closed =
      "A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['042191010', '7']";
    expect(read('101', closed)).toEqual({ sentence: closed, students: ['042191010', '7'], isMisunderstood: false });
  });

  it.each([
    ['iniciar', '101,19/11/2026,08:05', 'A chamada da turma 101 está aberta desde 19/11/2026 às 08:05.'],
    ['encerrar', "101,19/11/2026,08:05,['1']", 'A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05.'],
    [
      'consultar',
      "101,19/11/2026,08:05,['1']",
      'A chamada da turma 101 está aberta. Presentes em 19/11/2026 às 08:05:',
    ],
    ['encerrar', '0,19/11/2026,08:05,[]', 'A turma 101 não está com a chamada aberta (19/11/2026 às 08:05).'],
    ['consultar', '0,19/11/2026,08:05', 'A turma 101 não está com a chamada aberta (19/11/2026 às 08:05).'],
  ])('makes a sentence of the fields that answer %s', (act, reply, sentence) => {
    expect(read(`101/${act}`, reply)).toMatchObject({ sentence, isMisunderstood: false });
  });

  it('makes English sentences of fields', () => {
    const { sentence } = read('101/list', "101,19/11/2026,08:05,['1']", 'en');
    expect(sentence).toBe('The roll call of class 101 is open. Present on 19/11/2026 at 08:05:');
  });

  it('tells an empty list from no list', () => {
    expect(read('101/consultar', '101,19/11/2026,08:05,[]').students).toEqual([]);
    expect(read('101/consultar', '0,19/11/2026,08:05,[]').students).toBeUndefined();
    expect(read('101/iniciar', '101,19/11/2026,08:05').students).toBeUndefined();
  });

  it('tells a server that does not know the assignment from one that refuses', () => {
    const misread = 'Esta turma não está com presença ativa. Solicitação rejeitada em 19/11/2026 às 08:05';
    expect(read('101/consultar', misread)).toMatchObject({ sentence: misread, isMisunderstood: true });
  });

  it.each(['101', '101/iniciar', '101/encerrar', '101/consultar'])(
    'leaves every error that answers %s as it is, and takes none for a class that is not open',
    (line) => {
      for (const sentence of Object.values(errors)) {
        expect(read(line, sentence)).toEqual({ sentence, students: undefined, isMisunderstood: false });
      }
    },
  );
});
