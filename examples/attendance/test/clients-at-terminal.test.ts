/** The clients as programs, at a real terminal. */
import { once } from 'node:events';
import { join } from 'node:path';

import { describeWithPython, endPrograms, Program, python, pythonServer } from '@socketserver/testing';

import { Screen } from './client/screen';

const fixture = (name: string) => join(__dirname, 'fixtures', `${name}.py`);

const CTRL_C = '\x03';
const CTRL_D = '\x04';

/** A client at a terminal of 100 columns, and what the screen shows. */
function atTerminal(name: string, port: number, env: NodeJS.ProcessEnv = {}, ...flags: string[]) {
  const client = [process.execPath, join(__dirname, '..', 'dist', `${name}-command.js`), '--port', String(port)];
  const program = new Program('python3', ['-u', fixture('in_terminal'), '100', ...client, ...flags], {
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, TERM: 'xterm-256color', ...env },
  });
  const screen = new Screen(100);
  program.process.stdout.on('data', (text: string) => screen.write(text));
  const ended = program.ended.then((end) => ({ end }));
  const shows = async (pattern: RegExp) => {
    while (!pattern.test(screen.rows.join('\n'))) {
      const over = await Promise.race([once(screen, 'shown').then(() => undefined), ended]);
      if (over !== undefined) throw new Error(`ended with ${over.end} before it showed ${pattern}:\n${screen.raw}`);
    }
  };
  const press = (keys: string) => program.process.stdin.write(keys);
  return { program, screen, shows, press };
}

let server: Program;
let port: number;

describeWithPython('the clients at a terminal', () => {
  beforeEach(async () => {
    ({ server, port } = await pythonServer(fixture('server')));
  });

  afterEach(endPrograms);

  it('hold a conversation that looks like this', async () => {
    const { program, screen, shows, press } = atTerminal('teacher', port);
    await shows(/sua chamada:$/);
    press('101\r');
    await shows(/foi ativada em .*\n.*sua chamada:$/);
    press('\x1b[A\r');
    await shows(/Nenhum aluno presente\n.*sua chamada:$/);
    press(CTRL_D);
    expect(await program.ended).toBe(0);
    expect(program.stderr).toBe('echo canonical\n');
    expect(screen.rows).toEqual([
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
    expect(screen.cursor).toEqual([20, 0]);
    expect(screen.raw).toContain('\x1b[1mDigite');
  });

  it.each([
    ['NO_COLOR is set', { NO_COLOR: '1' }],
    ['NO_COLOR and FORCE_COLOR are set', { NO_COLOR: '1', FORCE_COLOR: '1' }],
  ])('use no colours when %s', async (_when, env) => {
    const { program, screen, shows, press } = atTerminal('student', port, env);
    await shows(/matrícula:$/);
    press(CTRL_D);
    expect(await program.ended).toBe(0);
    expect(screen.raw).not.toMatch(/\x1b\[[\d;]*m/);
  });

  it('write plain lines to a terminal that is none', async () => {
    const { program, screen, shows, press } = atTerminal('student', port, { TERM: 'dumb' });
    await shows(/matrícula:$/);
    press('042\r');
    await shows(/presença:$/);
    press(CTRL_D);
    expect(await program.ended).toBe(0);
    expect(screen.raw).not.toContain('\x1b');
  });

  it('end with exit code 0 at Ctrl-C, and leave the terminal as it was', async () => {
    const { program, screen, shows, press } = atTerminal('student', port);
    await shows(/matrícula:$/);
    press(`042${CTRL_C}`);
    expect(await program.ended).toBe(0);
    expect(program.stderr).toBe('echo canonical\n');
    expect(screen.rows.at(-1)).toBe('Informe seu número de matrícula: 042');
    expect(screen.cursor[1]).toBe(0);
  });

  it('leave the terminal as it was at SIGTERM, too', async () => {
    const { program, shows } = atTerminal('teacher', port);
    await shows(/sua chamada:$/);
    expect(await program.end('SIGTERM')).toBe(0);
    expect(program.stderr).toBe('echo canonical\n');
  });

  it('say above the open prompt that the server was killed and is back', async () => {
    const { program, screen, shows, press } = atTerminal('student', port, {}, '--lang', 'en');
    await shows(/student number:$/);
    press('042');
    await shows(/student number: 042$/);
    await server.end('SIGKILL');
    await shows(/Lost the connection to .*: .*\. Reconnecting\nEnter your student number: 042$/);
    python(fixture('server'), port);
    await shows(/Connected to .*\nEnter your student number: 042$/);
    expect(screen.rows.filter((row) => row.startsWith('Enter your'))).toHaveLength(1);
    press(CTRL_C);
    expect(await program.ended).toBe(0);
  });

  it('wait for a server that is not there until Ctrl-C', async () => {
    await server.end('SIGKILL');
    const { program, shows, press } = atTerminal('teacher', port);
    await shows(/Sem conexão com .*: conexão recusada\. Novas tentativas até conseguir \(Ctrl-C para sair\)/);
    press(CTRL_C);
    expect(await program.ended).toBe(0);
    expect(program.stderr).toBe('echo canonical\n');
  });
});
