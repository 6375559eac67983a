import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Milliseconds that no started program outlives. */
const LONGEST_LIFE = 60_000;

const running = new Set<Program>();

/** A program in a process of its own, and what it has printed. */
export class Program {
  /** What came on standard output so far. */
  stdout = '';
  /** What came on standard error so far. */
  stderr = '';
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly process: ChildProcessWithoutNullStreams;

  /** @param withChannel whether the program can be sent messages, as `fork()` does it */
  constructor(command: string, args: readonly string[], withChannel = false) {
    this.process = spawn(command, args, {
      timeout: LONGEST_LIFE,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe', ...(withChannel ? ['ipc' as const] : [])],
    }) as ChildProcessWithoutNullStreams;
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = once(this.process, 'close').then(([code, signal]: unknown[]) => {
      running.delete(this);
      return (code ?? signal) as number | string;
    });
    running.add(this);
  }

  /** Resolves with the match when the output fits; rejects, with all that was printed, when the program ends before. */
  async prints(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    const ended = this.ended.then((end) => ({ end }));
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      const more = once(this.process[stream], 'data').then(() => undefined);
      const over = await Promise.race([more, ended]);
      if (over === undefined) continue;
      const last = pattern.exec(this[stream]);
      if (last !== null) return last;
      throw new Error(`ended with ${over.end} before it printed ${pattern}:\n${this.stdout}\n${this.stderr}`);
    }
  }

  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.process.kill(signal);
    return this.ended;
  }
}

/** Ends whatever a test has left running. */
export async function endPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.end('SIGKILL')));
}

/** A compiled program of this package. */
export function compiled(name: string, ...args: string[]): Program {
  return new Program(process.execPath, [join(__dirname, '../dist', `${name}.js`), ...args]);
}

/** The hub, as the `socketserver` command runs it, and the port that it listens on. */
export async function hubProgram(args: readonly string[] = [], nodeFlags: readonly string[] = []) {
  const bin = join(__dirname, '../../../packages/host/bin/socketserver.js');
  const serve = [...nodeFlags, bin, 'serve', join(__dirname, '..'), '--port', '0', ...args];
  const hub = new Program(process.execPath, serve, true);
  const [, port] = await hub.prints(/^listening on tcp:\/\/127\.0\.0\.1:(\d+) \(\w+\)$/m);
  return { hub, port: Number(port) };
}

/** One of the Python programs beside the tests. */
export function python(name: string, ...args: (string | number)[]): Program {
  return new Program('python3', [join(__dirname, 'fixtures', `${name}.py`), ...args.map(String)]);
}

/** Starts a Python server on a free port. */
export async function pythonServer(name: string, ...args: number[]): Promise<{ server: Program; port: number }> {
  const server = python(name, 0, ...args);
  const [, port] = await server.prints(/^porta (\d+)$/m);
  return { server, port: Number(port) };
}

/** Python is the other side in these tests; a machine without it (as Windows often is) skips them. */
export const describeWithPython = spawnSync('python3', ['--version']).status === 0 ? describe : describe.skip;
