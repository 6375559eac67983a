import { expectNoLeaks } from '@socketserver/testing';

import { teacher } from '../src/teacher-command';
import { ClientRun } from './client/client-run';
import { receive, ServerDouble } from './client/server-double';
import { WaitingClock } from './client/waiting-clock';

expectNoLeaks();

const banner = `
---------------[BEM VINDO]------------------
Olá Professor,
Bem vindo ao sistema de registro de presença!
Neste sistema é possível:
- Abrir chamada de uma matéria;
- Encerrar a chamada da mesma;
- Consultar a lista de alunos presentes;
---------------------------------------------

`;
const prompt = 'Digite o número da turma para iniciar/encerrar sua chamada:\n';
const opened = 'A chamada da turma 101 foi ativada em 19/11/2026 às 08:05!';
const closed =
  "A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['042191010', '205182055']";
const list = '042191010\n205182055\n2 alunos presentes\n';

let server: ServerDouble;

beforeEach(async () => {
  server = await ServerDouble.open();
});

afterEach(() => server.close());

/** Starts the client, and gives the server's end of its connection. */
async function started(...flags: string[]) {
  const run = new ClientRun(teacher, ['--port', server.address[1], ...flags]);
  return { run, socket: await server.accept() };
}

describe('attendance:teacher', () => {
  it('toggles, and shows the reply and the students', async () => {
    const { run, socket } = await started();
    const finished = run.finish('101', '101');
    expect(await receive(socket)).toBe('101,teacher');
    socket.write(opened);
    expect(await receive(socket)).toBe('101,teacher');
    socket.write(closed);
    expect(await finished).toEqual({
      code: 0,
      stdout: `${banner}${prompt}${opened}\n${prompt}${closed}\n${list}${prompt}`,
      stderr: '',
    });
  });

  it('looks at a list, and opens and closes, by the requests of the assignment', async () => {
    const { run, socket } = await started();
    const finished = run.finish('101/iniciar', 'consultar 101', '101/encerrar', '101/consultar');
    for (const [request, reply] of [
      ['101/iniciar,professor', '101,19/11/2026,08:05'],
      ['101/consultar,professor', "101,19/11/2026,08:05,['7']"],
      ['101/encerrar,professor', '101,19/11/2026,08:05,[]'],
      ['101/consultar,professor', '0,19/11/2026,08:05,[]'],
    ] as const) {
      expect(await receive(socket)).toBe(request);
      socket.write(reply);
    }
    const { stdout } = await finished;
    expect(stdout.slice(banner.length).replaceAll(prompt, '')).toBe(
      'A chamada da turma 101 está aberta desde 19/11/2026 às 08:05.\n' +
        'A chamada da turma 101 está aberta. Presentes em 19/11/2026 às 08:05:\n7\n1 aluno presente\n' +
        'A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05.\nNenhum aluno presente\n' +
        'A turma 101 não está com a chamada aberta (19/11/2026 às 08:05).\n',
    );
  });

  it('speaks English with --lang en, and shows what the server says as it is', async () => {
    const { run, socket } = await started('--lang', 'en');
    const finished = run.finish('x', '101');
    expect(await receive(socket)).toBe('101,teacher');
    socket.write(closed);
    const { stdout, stderr } = await finished;
    expect(stdout).toMatch(/^\n-+\[WELCOME\]-+\nHello Teacher,\n/);
    expect(stdout).toContain(`open/close:\n${closed}\n042191010\n205182055\n2 students are present\n`);
    expect(stderr).toBe(
      '"x" is not a class number: 1 to 15 digits (0 to 9), not only zeros\nExamples: 101, 101/list, 101/open, 101/close\n',
    );
  });

  it('sends nothing for what makes no sense, and says why', async () => {
    const { run, socket } = await started();
    const finished = run.finish('', '  ', '1,2', 'turma', '１０１', '\x1b[2J', '9'.repeat(2000), '7');
    expect(await receive(socket)).toBe('7,teacher');
    socket.write('A chamada da turma 7 foi ativada em 19/11/2026 às 08:05!');
    const { code, stderr } = await finished;
    expect(code).toBe(0);
    const shown = ['1,2', 'turma', '１０１', String.raw`\x1b[2J`, '9'.repeat(40)];
    const example = 'Exemplos: 101, 101/consultar, 101/iniciar, 101/encerrar';
    expect(stderr.split('\n')).toEqual([
      ...shown.flatMap((text) => [
        `"${text}" não é um número de turma: de 1 a 15 algarismos (0 a 9), não só zeros`,
        example,
      ]),
      '',
    ]);
  });

  it('escapes whatever a hostile server puts into its replies', async () => {
    const { run, socket } = await started();
    const finished = run.finish('101', '101');
    await receive(socket);
    socket.write(
      String.raw`A chamada da turma 101 foi encerrada em 19/11/2026 às 08:05! Os seguintes alunos registraram presença: ['`,
    );
    socket.write("\x1b[2J\x1b]0;x\x07', 'a\nb\u202e']");
    await receive(socket);
    socket.end('\x1b[31mErro\r\nfalso');
    const { stdout } = await finished;
    expect(stdout).toContain(
      String.raw`\x1b[2J\x1b]0;x\x07` + '\n' + String.raw`a\x0ab\u202e` + '\n2 alunos presentes\n',
    );
    expect(stdout).toContain(String.raw`\x1b[31mErro\x0d\x0afalso` + '\n');
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
  });

  it('does not repeat a toggle whose reply was cut off, and says how to look', async () => {
    const { run, socket } = await started();
    const finished = run.finish('101', '101/consultar');
    await receive(socket);
    socket.end('A chamada da tur');
    const next = await server.accept();
    expect(await receive(next)).toBe('101/consultar,professor');
    next.write('101,19/11/2026,08:05,[]');
    const { code, stderr } = await finished;
    const where = `127.0.0.1:${server.address[1]}`;
    expect(stderr.split('\n')).toEqual([
      `Conexão com ${where} perdida: o servidor encerrou a conexão. Reconectando`,
      'O que chegou da resposta: A chamada da tur',
      'Sem a resposta inteira, não se sabe se o pedido teve efeito; ele não foi repetido. Veja com 101/consultar',
      `Conectado a ${where}`,
      '',
    ]);
    expect(code).toBe(1);
  });

  it('repeats a look whose reply was cut off', async () => {
    const { run, socket } = await started();
    const finished = run.finish('101/consultar');
    await receive(socket);
    socket.resetAndDestroy();
    const next = await server.accept();
    expect(await receive(next)).toBe('101/consultar,professor');
    next.write("101,19/11/2026,08:05,['7']");
    const { code, stdout } = await finished;
    expect(stdout).toContain('7\n1 aluno presente\n');
    expect(code).toBe(0);
  });

  it('says that a server does not answer, and goes on with a new connection', async () => {
    const clock = new WaitingClock();
    const run = new ClientRun(teacher, ['--port', server.address[1]], { clock });
    const socket = await server.accept();
    run.enter('101');
    await receive(socket);
    socket.write('A chamada');
    clock.advance(10_000);
    await run.shows(/não se sabe se o pedido teve efeito/);
    expect(run.stderr).toContain('Não houve resposta: a resposta não chegou inteira a tempo\n');
    // Nothing passes by itself on this clock.
    while (!clock.awaits(1)) await new Promise(setImmediate);
    clock.advance(1);
    const next = await server.accept();
    const finished = run.finish('7');
    expect(await receive(next)).toBe('7,teacher');
    next.write(opened);
    expect((await finished).stdout).toContain(opened);
    expect(clock.pending).toBe(0);
  });

  it('says that it gives up a reply without end', async () => {
    const { run, socket } = await started();
    run.enter('101');
    await receive(socket);
    const flood = setInterval(() => socket.write(Buffer.alloc(65_536, 'x')));
    await run.shows(/Não houve resposta: a resposta é longa demais/);
    clearInterval(flood);
    expect((await run.finish()).code).toBe(1);
  });

  it('says that the server has gone while it waits for input, and connects again', async () => {
    const { run, socket } = await started();
    await run.shows(/sua chamada:\n$/);
    socket.end();
    const next = await server.accept();
    await run.shows(/perdida: o servidor encerrou a conexão\. Reconectando\nConectado a 127\.0\.0\.1:\d+\n$/);
    const finished = run.finish('101');
    expect(await receive(next)).toBe('101,teacher');
    next.write(opened);
    expect(await finished).toMatchObject({ code: 0 });
  });

  it('gives up after five attempts when nobody can be asked to wait', async () => {
    const [host, port] = await ServerDouble.nobody();
    const { code, stdout, stderr } = await new ClientRun(teacher, ['--port', port]).finish('101');
    expect(code).toBe(1);
    expect(stdout).toBe(banner);
    expect(stderr).toBe(
      `Sem conexão com ${host}:${port}: conexão recusada. Até 5 tentativas\n` +
        `Sem resposta de ${host}:${port} após 5 tentativas: conexão recusada. Confira --host e --port\n`,
    );
  });

  it('gives up while it waits for input, too', async () => {
    const { run, socket } = await started();
    await run.shows(/sua chamada:\n$/);
    await server.close();
    socket.destroy();
    expect(await run.ended).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with exit code 0 at %s, whatever it waits for', async (signal) => {
    const { run, socket } = await started();
    await run.shows(/sua chamada:\n$/);
    run.enter('101');
    await receive(socket);
    process.emit(signal);
    expect(await run.ended).toBe(0);
    expect(await receive(socket)).toBe('');
  });

  it.each([
    [['--port', '0'], 'erro: --port "0": esperado um número de 1 a 65535\n'],
    [['--port', '70000', '--lang', 'en'], 'error: --port "70000": expected a number from 1 to 65535\n'],
    [['--host', ''], 'erro: --host "": esperado um nome ou endereço IP\n'],
    [['--lang', 'fr'], 'erro: --lang "fr": esperado um destes: pt-BR, en\n'],
    [['--prot', '1'], "erro: opção desconhecida: '--prot'\n"],
  ])('refuses %j in one line, with exit code 2', async (argv, stderr) => {
    expect(await new ClientRun(teacher, argv).finish()).toEqual({ code: 2, stdout: '', stderr });
  });

  it.each([
    [
      ['--help'],
      /attendance:teacher.*Inicia, consulta e encerra.*--port <port> +porta do servidor \(padrão: "5050"\)/s,
    ],
    [['--help', '--lang', 'en'], /Opens, shows and closes.*--host <host> +name or IP address of the server/s],
  ])('shows its help for %j', async (argv, text) => {
    const { code, stdout } = await new ClientRun(teacher, argv).finish();
    expect(code).toBe(0);
    expect(stdout).toMatch(text);
  });
});
