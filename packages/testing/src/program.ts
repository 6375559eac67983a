import { type ChildProcessWithoutNullStreams, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

import { TestingError } from './errors';

/** How a {@link Program} is started. */
export interface ProgramOptions extends Pick<SpawnOptions, 'cwd' | 'env'> {
  /** Milliseconds that it does not outlive: then it is killed. @default 60000 */
  readonly longestLife?: number;
  /** Whether it can be sent messages, as by `fork()`. @default false */
  readonly withChannel?: boolean;
}

const running = new Set<Program>();

/** A program in a process of its own, and what it has printed. To be ended by `endPrograms()` after each test. */
export class Program {
  /** What came on standard output so far. */
  stdout = '';
  /** What came on standard error so far. */
  stderr = '';
  /** The exit code, or the signal that ended it; its output is whole by then. Rejects when it could not be started. */
  readonly ended: Promise<number | string>;
  readonly process: ChildProcessWithoutNullStreams;

  constructor(command: string, args: readonly string[] = [], options: ProgramOptions = {}) {
    const { longestLife = 60_000, withChannel = false, ...others } = options;
    this.process = spawn(command, args, {
      ...others,
      stdio: ['pipe', 'pipe', 'pipe', ...(withChannel ? ['ipc' as const] : [])],
    }) as ChildProcessWithoutNullStreams;
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    // One that has ended reads nothing any more, and that is no error of the test's.
    this.process.stdin.on('error', () => undefined);
    // Not `spawn()`'s own: its timer goes on for a program that could not be started.
    const lifetime = setTimeout(() => this.process.kill('SIGKILL'), longestLife);
    this.ended = once(this.process, 'close')
      .then(([code, signal]: unknown[]) => (code ?? signal) as number | string)
      .finally(() => {
        clearTimeout(lifetime);
        running.delete(this);
      });
    // Who awaits it hears of it; a test that does not is told by what it waits for.
    this.ended.catch(() => undefined);
    running.add(this);
  }

  /**
   * Resolves with the match when the output fits.
   *
   * @throws {TestingError} ERR_PROGRAM_ENDED, with all that was printed, when the program ends before
   */
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
      const message = `ended with ${over.end} before it printed ${pattern}:\n${this.stdout}\n${this.stderr}`;
      throw new TestingError(message, 'ERR_PROGRAM_ENDED');
    }
  }

  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.process.kill(signal);
    return this.ended;
  }
}

/** Ends whatever a test has left running: `afterEach(endPrograms)`. */
export async function endPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.end('SIGKILL')));
}
