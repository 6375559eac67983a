/** Our clients with our server. */
import { student } from '../src/student-command';
import { teacher } from '../src/teacher-command';
import { errors } from '../src/wire-texts';
import { ClientRun } from './client/client-run';
import { inOneThread, RollServer } from './roll-server';
import { TemporaryFolder } from './storage';

const prompts = /^(?:Digite|Informe) .*:\n/gm;

describe.each(inOneThread)('our clients with our server, %s', (strategy) => {
  let server: RollServer;

  beforeEach(async () => {
    server = await RollServer.open(strategy);
  });

  afterEach(() => server.close());

  /** What the client shows for these lines: only the replies. */
  async function shown(role: typeof teacher, ...lines: string[]): Promise<string[]> {
    const { code, stdout, stderr } = await new ClientRun(role, ['--port', server.port]).finish(...lines);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout
      .slice(stdout.lastIndexOf('---\n\n') + 5)
      .replaceAll(prompts, '')
      .trimEnd()
      .split('\n');
  }

  it('hold a whole conversation in both dialects', async () => {
    expect(await shown(teacher, '101', '101/iniciar', '7/iniciar')).toEqual([
      expect.stringMatching(/^A chamada da turma 101 foi ativada em .*!$/),
      expect.stringMatching(/^A chamada da turma 101 está aberta desde .*\.$/),
      expect.stringMatching(/^A chamada da turma 7 está aberta desde .*\.$/),
    ]);
    expect(await shown(student, '042191010', '101', '042191010', '101', '1', '9')).toEqual([
      expect.stringMatching(/^Presença registrada com sucesso na turma 101 em /),
      'Você já registrou sua presença nesta turma!',
      expect.stringMatching(/^Esta turma não está com presença ativa\. Solicitação rejeitada em /),
    ]);
    const lines = await shown(
      teacher,
      '101/consultar',
      '7/consultar',
      '9/consultar',
      '101',
      '7/encerrar',
      '7/encerrar',
    );
    expect(lines).toEqual([
      expect.stringMatching(/^A chamada da turma 101 está aberta\. Presentes em /),
      '042191010',
      '1 aluno presente',
      expect.stringMatching(/^A chamada da turma 7 está aberta\. Presentes em /),
      'Nenhum aluno presente',
      expect.stringMatching(/^A turma 9 não está com a chamada aberta /),
      expect.stringMatching(/^A chamada da turma 101 foi encerrada em .*! Os seguintes .*: \['042191010'\]$/),
      '042191010',
      '1 aluno presente',
      expect.stringMatching(/^A chamada da turma 7 foi encerrada em /),
      'Nenhum aluno presente',
      expect.stringMatching(/^A turma 7 não está com a chamada aberta /),
    ]);
  });

  it('show why nothing can be added, in both dialects, and not that the class is not open', async () => {
    await server.close();
    server = await RollServer.open(strategy, { settings: { maxClasses: 1, maxStudents: 1 } });
    expect(await shown(teacher, '101', '102', '102/iniciar')).toEqual([
      expect.stringMatching(/^A chamada da turma 101 foi ativada/),
      errors.tooManyClasses,
      errors.tooManyClasses,
    ]);
    expect(await shown(student, '1', '101', '2', '101')).toEqual([
      expect.stringMatching(/^Presença registrada/),
      errors.classFull,
    ]);
  });

  it('read a list of 500 students to its end', async () => {
    const students = Array.from({ length: 500 }, (_, number) => String(number).padStart(9, '0'));
    await shown(teacher, '101');
    await shown(student, ...students.flatMap((number) => [number, '101']));
    const lines = await shown(teacher, '101');
    expect(lines.slice(1, 501)).toEqual(students);
    expect(lines[501]).toBe('500 alunos presentes');
  });

  it('register everybody, once, though the server is cut off again and again', async () => {
    const students = Array.from({ length: 60 }, (_, number) => String(number + 1));
    using folder = new TemporaryFolder();
    let cut = await RollServer.open(strategy, {}, folder.path);
    const { port } = cut;
    const run = new ClientRun(student, ['--port', port], { columns: 100 });
    await run.shows(/matrícula:$/);
    const first = new ClientRun(teacher, ['--port', port]);
    await first.finish('101');
    for (const number of students) run.enter(number, '101');
    for (const number of [10, 25, 40]) {
      await run.shows(new RegExp(`matrícula: ${number}\\n`));
      await cut.close();
      cut = await RollServer.open(strategy, { port }, folder.path);
    }
    await run.shows(/matrícula: 60\n.*\n(?:Presença registrada|Você já registrou).*(?:\n.*)?\nInforme .*matrícula:$/);
    run.stdin.write('\x04');
    expect(await run.ended).toBe(0);
    const { stdout } = await new ClientRun(teacher, ['--port', port]).finish('101/consultar');
    await cut.close();
    expect(stdout).toContain(`${students.join('\n')}\n60 alunos presentes`);
    const replies = run.screen.rows.filter((row) => /^(?:Presença registrada|Você já registrou)/.test(row));
    expect(replies).toHaveLength(60);
  });
});
