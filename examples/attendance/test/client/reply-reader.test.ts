import { ReplyReader, type ReplyState } from '../../src/client/reply-reader';

const moment = '19/11/2026 às 08:05';
const many = Array.from({ length: 500 }, (_, number) => String(42_191_010 + number).padStart(9, '0'));
const list = (students: readonly string[]) => `[${students.map((student) => `'${student}'`).join(', ')}]`;
const closed = `A chamada da turma 101 foi encerrada em ${moment}! Os seguintes alunos registraram presença: `;

/** Replies that show their end, and whether they answer a request for a list. */
const replies: [reply: string, listsStudents: boolean][] = [
  [`A chamada da turma 101 foi ativada em ${moment}!`, false],
  [`A chamada da turma 999999999999999 foi ativada em ${moment}!`, false],
  [`${closed}[]`, false],
  [`${closed}['042191010', '205182055']`, false],
  [`Presença registrada com sucesso na turma 101 em ${moment}!`, false],
  ['Você já registrou sua presença nesta turma!', false],
  [`Esta turma não está com presença ativa. Solicitação rejeitada em ${moment}`, false],
  ['101,19/11/2026,08:05', false],
  ['0,19/11/2026,08:05', false],
  ["101,19/11/2026,08:05,['042191010']", true],
  ['101,19/11/2026,08:05,[]', true],
  ['007,19/11/2026,08:05,[]', true],
];

/** The states that a reader goes through when it takes these pieces. */
function states(listsStudents: boolean, pieces: readonly Uint8Array[]): ReplyState[] {
  const reader = new ReplyReader(listsStudents);
  return pieces.map((piece) => reader.push(piece));
}

function bytesOf(text: string): Buffer[] {
  return Array.from(Buffer.from(text), (byte) => Buffer.of(byte));
}

describe('ReplyReader', () => {
  it.each(replies)('finds the end of %j whatever byte it is cut at', (reply, listsStudents) => {
    const bytes = Buffer.from(reply);
    for (let at = 1; at < bytes.length; at += 1) {
      const reader = new ReplyReader(listsStudents);
      expect([at, reader.push(bytes.subarray(0, at))]).toEqual([at, 'begun']);
      expect([at, reader.push(bytes.subarray(at))]).toEqual([at, 'whole']);
      expect(reader.text).toBe(reply);
      expect(reader.length).toBe(bytes.length);
    }
  });

  it.each(replies)('finds the end of %j when it comes byte by byte', (reply, listsStudents) => {
    const seen = states(listsStudents, bytesOf(reply));
    expect(seen.lastIndexOf('begun')).toBe(seen.length - 2);
    expect(seen.at(-1)).toBe('whole');
  });

  it('reads a list of 500 students to its end, in pieces of any size', () => {
    const bytes = Buffer.from(closed + list(many));
    for (const size of [1, 7, 1024, 5000]) {
      const reader = new ReplyReader(false);
      for (let from = 0; from < bytes.length; from += size) {
        const state = reader.push(bytes.subarray(from, from + size));
        expect(state).toBe(from + size < bytes.length ? 'begun' : 'whole');
      }
      expect(reader.text).toBe(closed + list(many));
    }
  });

  it.each([
    ['a bracket within quotation marks', String.raw`['a]', 'b']`],
    ['the other quotation marks', String.raw`["it's ]", 'b']`],
    ['quotation marks behind a backslash', String.raw`['it\'s "]"\\', 'b']`],
  ])('is not ended by %s', (_what, students) => {
    const seen = states(false, bytesOf(closed + students));
    expect(seen.indexOf('whole')).toBe(seen.length - 1);
  });

  it.each([
    ['Erro: pedido não reconhecido. Envie <turma>,teacher'],
    ['Presença? Talvez.'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['A chamada da turma 101 já foi, e a resposta que diz isso é bem longa. '.repeat(5)],
    ['\u{1f600}'],
  ])('leaves it to silence where %j ends', (text) => {
    expect(states(false, [Buffer.from(text)])).toEqual(['perhaps']);
    const seen = states(false, bytesOf(text));
    expect(seen).not.toContain('whole');
    expect(seen.at(-1)).toBe('perhaps');
  });

  it('leaves it to silence whether a refusal has a list', () => {
    const refused = '0,19/11/2026,08:05';
    expect(states(true, [Buffer.from(refused)])).toEqual(['perhaps']);
    expect(states(true, [Buffer.from(refused), Buffer.from(',[]')])).toEqual(['perhaps', 'whole']);
  });

  it('does not take the time of a class for the end when a list is to come', () => {
    expect(states(true, [Buffer.from('101,19/11/2026,08:05')])).toEqual(['begun']);
  });

  it('takes no harm from line breaks around a reply', () => {
    const reader = new ReplyReader(false);
    expect(reader.push(Buffer.from('\r\nVocê já registrou sua presença nesta turma!\n'))).toBe('whole');
    expect(reader.text).toBe('Você já registrou sua presença nesta turma!');
  });

  it('shows bytes that are not UTF-8 as what they are', () => {
    const reader = new ReplyReader(false);
    expect(reader.push(Buffer.of(0xff, 0x41))).toBe('perhaps');
    expect(reader.text).toBe('\ufffdA');
  });
});
