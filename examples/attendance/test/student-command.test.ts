import { expectNoLeaks } from '@socketserver/testing';

import { student } from '../src/student-command';
import { ClientRun } from './client/client-run';
import { receive, ServerDouble } from './client/server-double';

expectNoLeaks();

const banner = `
---------------[BEM VINDO]------------------
Olá Aluno,
Bem vindo ao sistema de registro de presença.
---------------------------------------------

`;
const prompts = ['Informe seu número de matrícula:', 'Informe o número da matéria em que deseja registrar presença:'];
const registered = 'Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!';
const repeated = 'Você já registrou sua presença nesta turma!';
const refused = 'Esta turma não está com presença ativa. Solicitação rejeitada em 19/11/2026 às 08:05';

let server: ServerDouble;

beforeEach(async () => {
  server = await ServerDouble.open();
});

afterEach(() => server.close());

/** Starts the client, and gives the server's end of its connection. */
async function started(...flags: string[]) {
  const run = new ClientRun(student, ['--port', server.address[1], ...flags]);
  return { run, socket: await server.accept() };
}

describe('attendance:student', () => {
  it('registers many students, each with two prompts and a reply', async () => {
    const { run, socket } = await started();
    const finished = run.finish('042191010', '101', '205182055', '101', '042191010', '7');
    for (const [request, reply] of [
      ['042191010/101,student', registered],
      ['205182055/101,student', repeated],
      ['042191010/7,student', refused],
    ] as const) {
      expect(await receive(socket)).toBe(request);
      socket.write(reply);
    }
    const asked = `${prompts.join('\n')}\n`;
    expect(await finished).toEqual({
      code: 0,
      stdout: `${banner}${asked}${registered}\n${asked}${repeated}\n${asked}${refused}\n${prompts[0]}\n`,
      stderr: '',
    });
  });

  it('speaks English with --lang en', async () => {
    const { run } = await started('--lang=en');
    const { stdout, stderr } = await run.finish('a', '1', 'b');
    expect(stdout).toMatch(/\nHello Student,\n/);
    expect(stdout).toMatch(/\nEnter your student number:\nEnter the number of the class to register in:\n/);
    expect(stderr).toBe(
      '"a" is not a student number: 1 to 20 digits (0 to 9), nothing else\n' +
        '"b" is not a class number: 1 to 15 digits (0 to 9), not only zeros\n',
    );
  });

  it('asks again for what makes no sense, and sends nothing of it', async () => {
    const { run, socket } = await started();
    const finished = run.finish('4/2', '1'.repeat(21), '042', '1,2', '0', '101');
    expect(await receive(socket)).toBe('042/101,student');
    socket.write(registered);
    const { stdout, stderr } = await finished;
    expect(stdout.slice(banner.length).split('\n')).toEqual([
      ...[prompts[0], prompts[0], prompts[0]],
      ...[prompts[1], prompts[1], prompts[1]],
      ...[registered, prompts[0], ''],
    ]);
    expect(stderr.match(/não é um número de matrícula/g)).toHaveLength(2);
    expect(stderr.match(/não é um número de matéria/g)).toHaveLength(2);
  });

  it('goes back to the first prompt for an empty class, so that a wrong number can be mended', async () => {
    const { run, socket } = await started();
    const finished = run.finish('', '043', '', '042', '101');
    expect(await receive(socket)).toBe('042/101,student');
    socket.write(registered);
    expect((await finished).stdout.slice(banner.length).split('\n').slice(0, 5)).toEqual([
      ...[prompts[0], prompts[0], prompts[1], prompts[0], prompts[1]],
    ]);
  });

  it('registers again when the connection is lost before the reply, and says that all is well', async () => {
    const { run, socket } = await started();
    const finished = run.finish('042', '101');
    await receive(socket);
    socket.end('Presença regis');
    const next = await server.accept();
    expect(await receive(next)).toBe('042/101,student');
    next.write(repeated);
    const { code, stdout, stderr } = await finished;
    expect(stdout).toContain(
      `${repeated}\nTudo certo: a conexão caiu e o pedido foi repetido, mas a presença está registrada.\n`,
    );
    expect(stderr).toMatch(/^Conexão com .* perdida: o servidor encerrou a conexão\. Reconectando\nConectado a .*\n$/);
    expect(code).toBe(0);
  });

  it('says nothing of that when the first request had not arrived', async () => {
    const { run, socket } = await started();
    const finished = run.finish('042', '101');
    await receive(socket);
    socket.resetAndDestroy();
    const next = await server.accept();
    await receive(next);
    next.write(registered);
    expect((await finished).stdout).not.toContain('Tudo certo');
  });

  it('gives up a server that takes the request five times and never answers', async () => {
    const { run, socket: first } = await started();
    const finished = run.finish('042', '101');
    for (let socket = first, attempt = 1; ; attempt += 1) {
      expect(await receive(socket)).toBe('042/101,student');
      socket.end();
      if (attempt === 5) break;
      socket = await server.accept();
    }
    const { code, stderr } = await finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/após 5 tentativas: o servidor encerrou a conexão/);
  });
});

describe('attendance:student at a terminal', () => {
  it('waits for a server that is not there, for as long as it takes', async () => {
    const { address } = server;
    await server.close();
    const run = new ClientRun(student, ['--port', address[1]], { columns: 100 });
    await run.shows(/Sem conexão com .*: conexão recusada\. Novas tentativas até conseguir \(Ctrl-C para sair\)/);
    server = await ServerDouble.open(address[1]);
    await server.accept();
    await run.shows(/Conectado a .*\nInforme seu número de matrícula:$/);
    run.stdin.write('\x03');
    expect(await run.ended).toBe(0);
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('stops waiting for one at %s', async (_key, byte) => {
    const [, port] = await ServerDouble.nobody();
    const run = new ClientRun(student, ['--port', port], { columns: 100 });
    await run.shows(/Sem conexão com/);
    run.stdin.write(byte);
    expect(await run.ended).toBe(0);
  });

  it('keeps what is being typed when the server goes and comes back', async () => {
    const run = new ClientRun(student, ['--port', server.address[1]], { columns: 100 });
    const socket = await server.accept();
    await run.shows(/matrícula:$/);
    run.stdin.write('042');
    await run.shows(/matrícula: 042$/);
    socket.end();
    const next = await server.accept();
    await run.shows(/Conectado a .*\nInforme seu número de matrícula: 042$/);
    expect(run.screen.rows.filter((row) => row.startsWith('Informe'))).toHaveLength(1);
    run.enter('1', '101');
    expect(await receive(next)).toBe('0421/101,student');
    next.write(registered);
    await run.shows(/turma 101 em 19\/11\/2026 às 08:05!\nInforme seu número de matrícula:$/);
    run.stdin.write('\x04');
    expect(await run.ended).toBe(0);
  });

  it('still waits for the reply when Ctrl-D follows the request at once', async () => {
    const run = new ClientRun(student, ['--port', server.address[1]], { columns: 100 });
    const socket = await server.accept();
    await run.shows(/matrícula:$/);
    run.stdin.write('042\r101\r\x04');
    expect(await receive(socket)).toBe('042/101,student');
    socket.write(registered);
    expect(await run.ended).toBe(0);
    expect(run.screen.rows.at(-1)).toBe(registered);
  });

  it('leaves at once when Ctrl-D was pressed and the connection is lost', async () => {
    const run = new ClientRun(student, ['--port', server.address[1]], { columns: 100 });
    const socket = await server.accept();
    await run.shows(/matrícula:$/);
    run.stdin.write('042\r101\r\x04');
    await receive(socket);
    await server.close();
    expect(await run.ended).toBe(0);
    await run.shows(/perdida: o servidor encerrou a conexão/);
  });
});
