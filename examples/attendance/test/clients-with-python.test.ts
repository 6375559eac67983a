/** Our clients with a server of Python's, which behaves as that of the lecture notes. */
import { join } from 'node:path';

import { describeWithPython, endPrograms, type Program, python, pythonServer } from '@socketserver/testing';

import { student } from '../src/student-command';
import { teacher } from '../src/teacher-command';
import { ClientRun } from './client/client-run';

const file = join(__dirname, 'fixtures', 'server.py');
const moment = String.raw`\d{2}/\d{2}/\d{4} às \d{2}:\d{2}`;
const prompt = 'Digite o número da turma para iniciar/encerrar sua chamada:\n';

let server: Program;
let port: number;

/** What the client shows for these lines, without its banner. */
async function shown(role: typeof teacher, ...lines: string[]): Promise<string> {
  const { code, stdout, stderr } = await new ClientRun(role, ['--port', port]).finish(...lines);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.slice(stdout.lastIndexOf('---\n\n') + 5);
}

describeWithPython('our clients with a Python server', () => {
  beforeEach(async () => {
    ({ server, port } = await pythonServer(file));
  });

  afterEach(endPrograms);

  it('hold a whole conversation: opened, registered, repeated, refused, closed with its list', async () => {
    expect(await shown(teacher, '101')).toMatch(
      new RegExp(`^${prompt}A chamada da turma 101 foi ativada em ${moment}!\n${prompt}$`),
    );
    const replies = await shown(student, '042191010', '101', '042191010', '101', '205182055', '101', '7', '999');
    expect(replies.split('\n').filter((line) => !line.startsWith('Informe'))).toEqual([
      expect.stringMatching(`^Presença registrada com sucesso na turma 101 em ${moment}!$`),
      'Você já registrou sua presença nesta turma!',
      expect.stringMatching(`^Presença registrada com sucesso na turma 101 em ${moment}!$`),
      expect.stringMatching(`^Esta turma não está com presença ativa\\. Solicitação rejeitada em ${moment}$`),
      '',
    ]);
    expect(await shown(teacher, '101')).toMatch(
      new RegExp(
        `^${prompt}A chamada da turma 101 foi encerrada em ${moment}! Os seguintes alunos registraram presença: ` +
          String.raw`\['042191010', '205182055'\]\n042191010\n205182055\n2 alunos presentes\n${prompt}$`,
      ),
    );
    await server.prints(/^Servidor está escutando\.\.\.\nCliente conectado: {2}\('127\.0\.0\.1', \d+\)$/m);
  });

  it('read a list of 500 students to its end', async () => {
    const students = Array.from({ length: 500 }, (_, number) => String(number).padStart(9, '0'));
    await shown(teacher, '101');
    await shown(student, ...students.flatMap((number) => [number, '101']));
    const lines = (await shown(teacher, '101')).split('\n');
    expect(lines.slice(2, 502)).toEqual(students);
    expect(lines[502]).toBe('500 alunos presentes');
  });

  it('say that it does not know the requests of the assignment', async () => {
    const { code, stdout, stderr } = await new ClientRun(teacher, ['--port', port]).finish('101/consultar');
    expect(code).toBe(0);
    expect(stdout).toContain('Esta turma não está com presença ativa.');
    expect(stderr).toBe(
      'Este servidor não parece conhecer esse pedido; o número da turma, sozinho, inicia e encerra.\n',
    );
  });

  it('notice at the prompt that it was killed, and go on when it is there again', async () => {
    const run = new ClientRun(teacher, ['--port', port], { columns: 100 });
    await run.shows(/sua chamada:$/);
    await server.end('SIGKILL');
    await run.shows(/^Conexão com .* perdida: [^]*sair\)\nDigite .* sua chamada:$/m);
    python(file, port);
    await run.shows(/^Conectado a .*\nDigite .* sua chamada:$/m);
    run.enter('101');
    await run.shows(/A chamada da turma 101 foi ativada em .*!\nDigite .* sua chamada:$/);
    run.stdin.write('\x04');
    expect(await run.ended).toBe(0);
  });
});
