import { PassThrough } from 'node:stream';

import { settled, until } from '@socketserver/testing';

import { TerminalConsole } from '../../src/client/terminal-console';
import { Screen } from './screen';

const UP = '\x1b[A';
const LEFT = '\x1b[D';
const CTRL_C = '\x03';
const CTRL_D = '\x04';

let open: TerminalConsole[] = [];

afterEach(() => {
  for (const console of open) console.close();
  open = [];
});

/** A console on a screen of its own. Its standard error goes to the same screen, unless another is given. */
function terminal({ columns = 40, colors = 1, env = {}, stderr = undefined as Screen | undefined } = {}) {
  const keyboard = new PassThrough();
  const screen = new Screen(columns, colors);
  const events = { onInterrupt: jest.fn(), onEnd: jest.fn() };
  const streams = { stdin: keyboard, stdout: screen, stderr: stderr ?? screen, env };
  const console = new TerminalConsole(streams, events);
  open.push(console);
  /** Presses one key after the other. */
  const type = async (keys: string) => {
    for (const [key] of keys.matchAll(/\x1b\[.|[^]/gu)) await paste(key);
  };
  /** Presses all keys at once. */
  const paste = async (keys: string) => {
    keyboard.write(keys);
    await settled();
  };
  return { console, keyboard, screen, type, paste, ...events };
}

/** The rows that a text takes. */
function wrapped(text: string, columns: number): string[] {
  return text.match(new RegExp(`.{1,${columns}}`, 'gu'))!.map((row) => row.trimEnd());
}

describe('TerminalConsole', () => {
  it('asks with a prompt and takes the line that is entered', async () => {
    const { console, screen, type } = terminal();
    const line = console.ask('Turma: ');
    expect(screen.rows).toEqual(['Turma:']);
    expect(screen.cursor).toEqual([0, 7]);
    await type('10x\x7f1\r');
    expect(await line).toBe('101');
    expect(screen.rows).toEqual(['Turma: 101']);
    expect(screen.cursor).toEqual([1, 0]);
  });

  it('calls earlier lines back', async () => {
    const { console, type } = terminal();
    const first = console.ask('Turma: ');
    await type('101\r');
    await first;
    const second = console.ask('Turma: ');
    await type(`${UP}\r`);
    expect(await second).toBe('101');
  });

  it('shows what arrives above an open prompt, and keeps what was typed', async () => {
    const { console, screen, type } = terminal();
    const line = console.ask('Turma: ');
    await type('10');
    console.warn('Conexão perdida');
    console.say('um\ndois');
    expect(screen.rows).toEqual(['Conexão perdida', 'um', 'dois', 'Turma: 10']);
    expect(screen.cursor).toEqual([3, 9]);
    await type('1\r');
    expect(await line).toBe('101');
    expect(screen.rows).toEqual(['Conexão perdida', 'um', 'dois', 'Turma: 101']);
  });

  it.each(
    [10, 11, 12, 13, 20, 39].flatMap((columns) => [
      ['typed', columns, 'type'] as const,
      ['pasted', columns, 'paste'] as const,
    ]),
  )('does so with text %s on %d columns, where it takes several rows', async (_how, columns, enter) => {
    const { console, screen, [enter]: add } = terminal({ columns });
    console.say('antes');
    const line = console.ask('Informe o número da matéria: ');
    await add('123456789');
    console.warn('um aviso');
    console.warn('outro aviso, que é mais longo que uma linha');
    await add('01234');
    console.warn('fim');
    const texts = ['antes', 'um aviso', 'outro aviso, que é mais longo que uma linha', 'fim'];
    const all = [...texts, 'Informe o número da matéria: 12345678901234'];
    expect(screen.rows).toEqual(all.flatMap((text) => wrapped(text, columns)));
    await add('\r');
    expect(await line).toBe('12345678901234');
  });

  it('leaves the cursor where it was within the line', async () => {
    const { console, screen, type } = terminal();
    const line = console.ask('Turma: ');
    await type(`11${LEFT}`);
    console.warn('aviso');
    expect(screen.cursor).toEqual([1, 8]);
    await type('0\r');
    expect(await line).toBe('101');
  });

  it('keeps lines that are entered before they are asked for, and shows each once, at its prompt', async () => {
    const { console, screen, type } = terminal();
    await type('101\r10');
    console.say('a resposta');
    expect(screen.rows).toEqual(['a resposta']);
    expect(await console.ask('Turma: ')).toBe('101');
    const second = console.ask('Turma: ');
    expect(screen.rows).toEqual(['a resposta', 'Turma: 101', 'Turma: 10']);
    await type('2\r');
    expect(await second).toBe('102');
  });

  it('does so with lines that are pasted at once', async () => {
    const { console, screen, paste } = terminal();
    const number = console.ask('Matrícula: ');
    await paste('042\r101\r205');
    expect(await number).toBe('042');
    expect(await console.ask('Turma: ')).toBe('101');
    console.say('a resposta');
    const next = console.ask('Matrícula: ');
    expect(screen.rows).toEqual(['Matrícula: 042', 'Turma: 101', 'a resposta', 'Matrícula: 205']);
    expect(screen.cursor).toEqual([3, 14]);
    await paste('182055\r');
    expect(await next).toBe('205182055');
  });

  it.each([10, 11, 12, 40])(
    'shows what was typed before, edited too, at its prompt on %d columns, where it takes several rows',
    async (columns) => {
      const { console, screen, type } = terminal({ columns });
      console.say('antes');
      await type(`01234567890123456789${LEFT}${LEFT}x\x7f`);
      const line = console.ask('Matrícula: ');
      expect(screen.rows).toEqual(['antes', ...wrapped('Matrícula: 01234567890123456789', columns)]);
      console.warn('aviso');
      expect(screen.rows).toEqual(['antes', 'aviso', ...wrapped('Matrícula: 01234567890123456789', columns)]);
      await type('\r');
      expect(await line).toBe('01234567890123456789');
    },
  );

  it('draws a long line again when the screen changes its size', async () => {
    const { console, screen, type } = terminal({ columns: 20 });
    const line = console.ask('Matrícula: ');
    await type('0123456789012');
    Object.assign(screen, { columns: 40 });
    screen.emit('resize');
    await type('3');
    expect(screen.rows).toEqual(['Matrícula: 01234567890123']);
    await type('\r');
    expect(await line).toBe('01234567890123');
    console.close();
    expect(screen.listenerCount('resize')).toBe(0);
  });

  it('stops reading when a hundred lines have been entered before they are asked for, and goes on', async () => {
    const { console, keyboard, type } = terminal();
    const lines = Array.from({ length: 300 }, (_, number) => String(number));
    for (const line of lines) await type(`${line}\r`);
    expect(keyboard.readableLength).toBeGreaterThan(0);
    console.say('uma resposta');
    await settled();
    expect(keyboard.readableLength).toBeGreaterThan(0);
    for (const line of lines) expect(await console.ask('')).toBe(line);
  });

  it('tells of Ctrl-C', async () => {
    const { console, screen, type, onInterrupt } = terminal();
    const line = console.ask('Turma: ');
    await type(`10${CTRL_C}`);
    expect(onInterrupt).toHaveBeenCalledTimes(1);
    console.close();
    expect(await line).toBeUndefined();
    expect(screen.cursor).toEqual([1, 0]);
  });

  it('takes Ctrl-D for the end, after the lines that were entered before', async () => {
    const { console, screen, type, onEnd } = terminal();
    const first = console.ask('Turma: ');
    await type(`101\r102\r${CTRL_D}`);
    expect(await first).toBe('101');
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(console.hasEnded).toBe(true);
    console.say('a resposta');
    expect(await console.ask('Turma: ')).toBe('102');
    expect(await console.ask('Turma: ')).toBeUndefined();
    expect(screen.rows).toEqual(['Turma: 101', 'a resposta', 'Turma: 102']);
  });

  it('takes Ctrl-D at an open prompt for the end', async () => {
    const { console, screen, type } = terminal();
    const line = console.ask('Turma: ');
    await type(CTRL_D);
    expect(await line).toBeUndefined();
    expect(screen.cursor).toEqual([1, 0]);
  });

  it.each([
    ['ends', undefined],
    ['fails', new RangeError('hung up')],
  ])('takes a keyboard that %s for the end', async (_how, error) => {
    const { console, keyboard } = terminal();
    const line = console.ask('Turma: ');
    if (error === undefined) keyboard.end();
    else keyboard.destroy(error);
    expect(await line).toBeUndefined();
  });

  it('shows prompts and warnings in colours where there are some', async () => {
    const { console, screen } = terminal({ colors: 256 });
    void console.ask('Turma: ');
    console.warn('aviso');
    expect(screen.raw).toContain('\x1b[1mTurma: \x1b[0m');
    expect(screen.raw).toContain('\x1b[33maviso\x1b[0m');
    expect(screen.rows).toEqual(['aviso', 'Turma:']);
    expect(screen.cursor).toEqual([1, 7]);
  });

  it.each([
    ['NO_COLOR is set', { colors: 256, env: { NO_COLOR: '1' } }],
    ['NO_COLOR is set and FORCE_COLOR, too', { colors: 256, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }],
    ['the terminal has none', { colors: 1 }],
  ])('uses no colours when %s', async (_when, options) => {
    const { console, screen } = terminal(options);
    void console.ask('Turma: ');
    console.warn('aviso');
    expect(screen.raw).not.toMatch(/\x1b\[[\d;]*m/);
  });

  it('keeps warnings, without colours, for a standard error that goes elsewhere', async () => {
    const file = Object.assign(new Screen(80), { isTTY: false as never });
    const { console, screen } = terminal({ colors: 256, stderr: file });
    void console.ask('Turma: ');
    console.warn('aviso');
    expect(file.raw).toBe('aviso\n');
    expect(screen.rows).toEqual(['Turma:']);
  });

  it('tells when nobody sees the screen any more', async () => {
    const { screen, onInterrupt } = terminal();
    screen.destroy(new RangeError('gone'));
    await until(() => onInterrupt.mock.calls.length === 1);
  });
});
