import { newCommand, runCommand } from '../src/command-line';
import { BadSettingsError, UsageError } from '../src/errors';
import type { Language } from '../src/language';

/** Streams that keep what is written. */
function streams() {
  const written = { stdout: '', stderr: '' };
  return {
    written,
    stdout: (text: string) => void (written.stdout += text),
    stderr: (text: string) => void (written.stderr += text),
  };
}

const listeners = () => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];

describe('runCommand()', () => {
  it('gives the exit code of the command', async () => {
    const { written, ...rest } = streams();
    expect(await runCommand(rest, async () => 3)).toBe(3);
    expect(written).toEqual({ stdout: '', stderr: '' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('tells the command of %s, and leaves no listener', async (name) => {
    const before = listeners();
    const ended = runCommand(streams(), async (signal) => {
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
      process.emit(name);
      await aborted;
      return 0;
    });
    expect(await ended).toBe(0);
    expect(listeners()).toEqual(before);
  });

  it('prints the whole line of a UsageError, with no control character in it', async () => {
    const { written, ...rest } = streams();
    const fail = () => Promise.reject(new UsageError('erro: --name \u009b2J: vazio', '--name', ''));
    expect(await runCommand(rest, fail)).toBe(2);
    expect(written).toEqual({ stdout: '', stderr: 'erro: --name \\x9b2J: vazio\n' });
  });

  it('prints other errors of this package as the socketserver command does', async () => {
    const { written, ...rest } = streams();
    const problems = ['one', 'two'].map((message) => ({ path: message, message }));
    expect(await runCommand(rest, () => Promise.reject(new BadSettingsError(problems)))).toBe(2);
    expect(written.stderr).toBe('error: one\nerror: two\n');
  });

  it('rejects with what nobody foresaw, and leaves no listener', async () => {
    const before = listeners();
    const bug = new RangeError('a bug');
    await expect(runCommand(streams(), () => Promise.reject(bug))).rejects.toBe(bug);
    expect(listeners()).toEqual(before);
  });
});

describe('newCommand()', () => {
  const run = (...argv: string[]) => runIn('en', ...argv);
  const runIn = async (language: Language, ...argv: string[]) => {
    const { written, ...rest } = streams();
    const code = await runCommand(rest, async () => {
      const command = newCommand('ask', 'Asks', rest, language)
        .argument('[name]', 'whom')
        .option('--port <port>', 'where', '5000');
      return Number(command.parse(argv, { from: 'user' }).opts<{ port: string }>().port);
    });
    return { code, ...written };
  };

  it('reads flags', async () => {
    expect(await run('--port', '7')).toEqual({ code: 7, stdout: '', stderr: '' });
  });

  it.each([
    [['--prot', '1'], "error: unknown option '--prot'\n"],
    [['--port'], "error: option '--port <port>' argument missing\n"],
    [['a', 'b'], /^error: too many arguments.*\n$/],
  ])('refuses %j in one line, with exit code 2', async (argv, line) => {
    const { code, stdout, stderr } = await run(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    if (typeof line === 'string') expect(stderr).toBe(line);
    else expect(stderr).toMatch(line);
  });

  it('prints its help to standard output', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: ask .*Asks.*--port <port> +where \(default: "5000"\)/s);
  });

  it.each([
    [['--prot', '1'], "erro: opção desconhecida: '--prot'\n"],
    [['--port'], "erro: falta o valor de '--port <port>'\n"],
    [['a', 'b'], 'erro: argumentos demais\n'],
  ])('refuses %j in Portuguese', async (argv, line) => {
    expect(await runIn('pt-BR', ...argv)).toEqual({ code: 2, stdout: '', stderr: line });
  });

  it('prints its help in Portuguese', async () => {
    const { stdout } = await runIn('pt-BR', '--help');
    expect(stdout).toMatch(/^Uso: ask \[opções\].*Argumentos:.*Opções:.*where \(padrão: "5000"\).*mostra esta ajuda/s);
    expect(stdout).not.toMatch(/Usage|Options|default|help$/m);
  });
});
