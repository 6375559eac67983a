import { expectNoLeaks } from '@socketserver/testing';

import { student } from '../../src/student-command';
import { teacher } from '../../src/teacher-command';
import { ClientRun } from './client-run';
import { receive, ServerDouble } from './server-double';
import { WaitingClock } from './waiting-clock';

expectNoLeaks();

const CTRL_C = '\x03';
const opened = 'A chamada da turma 7 foi ativada em 19/11/2026 às 08:05!';
const registered = 'Presença registrada com sucesso na turma 101 em 19/11/2026 às 08:05!';
const repeated = 'Você já registrou sua presença nesta turma!';

let server: ServerDouble;
let port: number;

beforeEach(async () => {
  server = await ServerDouble.open();
  port = server.address[1];
});

afterEach(() => server.close());

/** A client at a terminal whose server has gone away. */
async function abandoned(role: typeof teacher, ...flags: string[]): Promise<ClientRun> {
  const run = new ClientRun(role, ['--port', port, ...flags], { columns: 150 });
  await server.accept();
  await run.shows(/: $|:$/);
  await server.close();
  await run.shows(/(?:perdida|Lost the connection)/);
  return run;
}

/** Lets the server come back; gives its end of the client's connection. */
async function comeBack(run: ClientRun) {
  server = await ServerDouble.open(port);
  const socket = await server.accept();
  await run.shows(/Conectado a|Connected to/);
  return socket;
}

describe('a conversation at a terminal, without a connection', () => {
  it.each(['101', '101/encerrar'])('drops %s, which must not be done later, says so, and asks again', async (line) => {
    const run = await abandoned(teacher);
    run.enter(line);
    await run.shows(
      new RegExp(`chamada: ${line}\\nNão há conexão: nada foi enviado\\. Repita o pedido quando houver\\nDigite .*:$`),
    );
    const socket = await comeBack(run);
    run.enter('7');
    expect(await receive(socket)).toBe('7,teacher');
    socket.write(opened);
    await run.shows(new RegExp(`${opened}\\nDigite .*:$`));
    run.stdin.write(CTRL_C);
    expect(await run.ended).toBe(0);
  });

  it('does so from the start, too', async () => {
    await server.close();
    const run = new ClientRun(teacher, ['--port', port, '--lang', 'en'], { columns: 150 });
    run.enter('101');
    await run.shows(
      /\(Ctrl-C to leave\)\nEnter .*: 101\nThere is no connection: nothing was sent\. Repeat .*\nEnter .*:$/,
    );
    const socket = await comeBack(run);
    run.enter('7');
    expect(await receive(socket)).toBe('7,teacher');
    socket.write(opened);
    await run.shows(/foi ativada/);
    run.stdin.write(CTRL_C);
    expect(await run.ended).toBe(0);
  });

  it.each([
    ['101/consultar', '101/consultar,professor', "101,19/11/2026,08:05,['9']", 'Presentes em 19/11/2026 às 08:05:'],
    ['101/iniciar', '101/iniciar,professor', '101,19/11/2026,08:05', 'está aberta desde 19/11/2026 às 08:05.'],
  ])('keeps %s, which does no harm later, says so, and sends it', async (line, request, reply, shown) => {
    const run = await abandoned(teacher);
    run.enter(line);
    await run.shows(/\nNão há conexão: o pedido será enviado quando houver \(Ctrl-C para sair\)$/);
    const socket = await comeBack(run);
    expect(await receive(socket)).toBe(request);
    socket.write(reply);
    await run.shows(new RegExp(`${shown}\\n[^]*Digite .*:$`));
    run.stdin.write(CTRL_C);
    expect(await run.ended).toBe(0);
  });

  it('keeps the registration of a student, says so, and sends it', async () => {
    const run = await abandoned(student, '--lang', 'en');
    run.enter('042', '101');
    await run.shows(/: 101\nThere is no connection: the request will be sent when there is one \(Ctrl-C to leave\)$/);
    const socket = await comeBack(run);
    expect(await receive(socket)).toBe('042/101,student');
    socket.write(registered);
    await run.shows(new RegExp(`${registered}\\nEnter your student number:$`));
    run.stdin.write(CTRL_C);
    expect(await run.ended).toBe(0);
  });

  it('ends at Ctrl-C while it keeps one', async () => {
    const run = await abandoned(student);
    run.enter('042', '101');
    await run.shows(/o pedido será enviado quando houver/);
    run.stdin.write(CTRL_C);
    expect(await run.ended).toBe(0);
  });

  it('drops what was entered behind a request that is kept, if it must not be done later', async () => {
    const run = await abandoned(teacher);
    run.enter('101/consultar', '101', '102/iniciar', '102/encerrar');
    await run.shows(/o pedido será enviado quando houver/);
    const socket = await comeBack(run);
    for (const [request, reply] of [
      ['101/consultar,professor', '101,19/11/2026,08:05,[]'],
      ['102/iniciar,professor', '102,19/11/2026,08:05'],
    ] as const) {
      expect(await receive(socket)).toBe(request);
      socket.write(reply);
    }
    const outdated = 'Digitado antes de a conexão voltar: nada foi enviado\\. Se ainda quiser, repita o pedido';
    await run.shows(
      new RegExp(`: 101\\n${outdated}\\nDigite .*: 102/iniciar\\n.*\\nDigite .*: 102/encerrar\\n${outdated}\\nDigite`),
    );
    run.enter('7');
    expect(await receive(socket)).toBe('7,teacher');
    socket.write(opened);
    await run.shows(/turma 7 foi ativada/);
    run.stdin.write(CTRL_C);
    expect(await run.ended).toBe(0);
  });

  it('says how long it tries to find the server again', async () => {
    const run = await abandoned(teacher);
    await run.shows(/perdida: .*\. Novas tentativas até conseguir \(Ctrl-C para sair\)\nDigite .*:$/);
    run.stdin.write(CTRL_C);
    expect(await run.ended).toBe(0);
  });
});

describe('a conversation in a pipe, without a connection', () => {
  it('keeps a request that was never sent, and sends it once: not again when its reply does not come', async () => {
    const run = new ClientRun(teacher, ['--port', port]);
    const first = await server.accept();
    await run.shows(/sua chamada:\n$/);
    first.end();
    await run.shows(/Reconectando\n/);
    const finished = run.finish('101', '7');
    const second = await server.accept();
    expect(await receive(second)).toBe('101,teacher');
    second.resetAndDestroy();
    const third = await server.accept();
    expect(await receive(third)).toBe('7,teacher');
    third.write(opened);
    const { code, stderr } = await finished;
    expect(stderr).toMatch(/não se sabe se o pedido teve efeito; ele não foi repetido/);
    expect(stderr).not.toMatch(/Não há conexão/);
    expect(code).toBe(1);
  });
});

describe('a conversation with a server that does not answer', () => {
  it('tells a student that sending again does no harm', async () => {
    const clock = new WaitingClock();
    const run = new ClientRun(student, ['--port', port], { columns: 150, clock });
    const socket = await server.accept();
    await run.shows(/matrícula:$/);
    run.enter('042', '101');
    await receive(socket);
    clock.advance(10_000);
    await run.shows(
      /\nNão houve resposta: .*\nPode enviar de novo: cada presença conta uma vez só\.\nInforme .*matrícula:$/,
    );
    while (!clock.awaits(1)) await new Promise(setImmediate);
    clock.advance(1);
    const next = await server.accept();
    await run.shows(/Conectado a/);
    run.enter('042', '101');
    expect(await receive(next)).toBe('042/101,student');
    next.write(repeated);
    await run.shows(new RegExp(repeated));
    run.stdin.write(CTRL_C);
    expect(await run.ended).toBe(0);
  });
});
