/** The clients as programs, at a real terminal. */
import { describeWithPython, endPrograms, type Program, python, pythonServer } from '@socketserver/testing';

import { AtTerminal, commandOf, CTRL_C, CTRL_D, fixture } from './client/at-terminal';

let server: Program;
let port: number;

describeWithPython('the clients at a terminal', () => {
  beforeEach(async () => {
    ({ server, port } = await pythonServer(fixture('server')));
  });

  afterEach(endPrograms);

  it('hold a conversation that looks like this', async () => {
    const terminal = new AtTerminal(commandOf('teacher', port));
    await terminal.shows(/sua chamada:$/);
    terminal.press('101\r');
    await terminal.shows(/foi ativada em .*\n.*sua chamada:$/);
    terminal.press('\x1b[A\r');
    await terminal.shows(/Nenhum aluno presente\n.*sua chamada:$/);
    terminal.press(CTRL_D);
    expect(await terminal.program.ended).toBe(0);
    expect(terminal.program.stderr).toBe('echo canonical\n');
    expect(terminal.screen.rows).toEqual([
      '',
      '---------------[BEM VINDO]------------------',
      'Olá Professor,',
      'Bem vindo ao sistema de registro de presença!',
      'Neste sistema é possível:',
      '- Abrir chamada de uma matéria;',
      '- Encerrar a chamada da mesma;',
      '- Consultar a lista de alunos presentes;',
      '---------------------------------------------',
      '',
      'Para ver a lista sem encerrar: 101/consultar. Também: 101/iniciar, 101/encerrar',
      'Para sair: Ctrl-D',
      '',
      'Digite o número da turma para iniciar/encerrar sua chamada: 101',
      expect.stringMatching(/^A chamada da turma 101 foi ativada em .*!$/),
      'Digite o número da turma para iniciar/encerrar sua chamada: 101',
      // It is longer than a row.
      expect.stringMatching(/^A chamada da turma 101 foi encerrada em .*! Os seguintes alunos registraram/),
      expect.stringMatching(/: \[\]$/),
      'Nenhum aluno presente',
      'Digite o número da turma para iniciar/encerrar sua chamada:',
    ]);
    expect(terminal.screen.cursor).toEqual([20, 0]);
    expect(terminal.screen.raw).toContain('\x1b[1mDigite');
  });

  it.each([
    ['NO_COLOR is set', { NO_COLOR: '1' }],
    ['NO_COLOR and FORCE_COLOR are set', { NO_COLOR: '1', FORCE_COLOR: '1' }],
  ])('use no colours when %s', async (_when, env) => {
    const terminal = new AtTerminal(commandOf('student', port), env);
    await terminal.shows(/matrícula:$/);
    terminal.press(CTRL_D);
    expect(await terminal.program.ended).toBe(0);
    expect(terminal.screen.raw).not.toMatch(/\x1b\[[\d;]*m/);
  });

  it('write plain lines to a terminal that is none', async () => {
    const terminal = new AtTerminal(commandOf('student', port), { TERM: 'dumb' });
    await terminal.shows(/matrícula:$/);
    terminal.press('042\r');
    await terminal.shows(/presença:$/);
    terminal.press(CTRL_D);
    expect(await terminal.program.ended).toBe(0);
    expect(terminal.screen.raw).not.toContain('\x1b');
  });

  it('end with exit code 0 at Ctrl-C, and leave the terminal as it was', async () => {
    const terminal = new AtTerminal(commandOf('student', port));
    await terminal.shows(/matrícula:$/);
    terminal.press(`042${CTRL_C}`);
    expect(await terminal.program.ended).toBe(0);
    expect(terminal.program.stderr).toBe('echo canonical\n');
    expect(terminal.screen.rows.at(-1)).toBe('Informe seu número de matrícula: 042');
    expect(terminal.screen.cursor[1]).toBe(0);
  });

  it('leave the terminal as it was at SIGTERM, too', async () => {
    const terminal = new AtTerminal(commandOf('teacher', port));
    await terminal.shows(/sua chamada:$/);
    expect(await terminal.program.end('SIGTERM')).toBe(0);
    expect(terminal.program.stderr).toBe('echo canonical\n');
  });

  it('say above the open prompt that the server was killed and is back', async () => {
    const terminal = new AtTerminal(commandOf('student', port, '--lang', 'en'));
    await terminal.shows(/student number:$/);
    terminal.press('042');
    await terminal.shows(/student number: 042$/);
    await server.end('SIGKILL');
    await terminal.shows(/Lost the connection to [^]*leave\)\nEnter your student number: 042$/);
    python(fixture('server'), port);
    await terminal.shows(/Connected to .*\nEnter your student number: 042$/);
    expect(terminal.screen.rows.filter((row) => row.startsWith('Enter your'))).toHaveLength(1);
    terminal.press(CTRL_C);
    expect(await terminal.program.ended).toBe(0);
  });

  it('wait for a server that is not there until Ctrl-C', async () => {
    await server.end('SIGKILL');
    const terminal = new AtTerminal(commandOf('teacher', port));
    await terminal.shows(/Sem conexão com .*: conexão recusada\. Novas tentativas até conseguir \(Ctrl-C para sair\)/);
    terminal.press(CTRL_C);
    expect(await terminal.program.ended).toBe(0);
    expect(terminal.program.stderr).toBe('echo canonical\n');
  });
});
