/** The built `socketserver` command as a child process, for tests. It never outlives its test. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const bin = join(__dirname, '../bin/socketserver.js');
export const fixtures = join(__dirname, 'fixtures');

export class SpawnedCommand implements AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly text = { stdout: '', stderr: '' };
  /** The exit code, or the name of the signal that ended it; when all output has come. */
  readonly ended: Promise<number | string | null>;

  constructor(args: string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [bin, ...args], {
      cwd: fixtures,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A bounded life, whatever the test does.
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name].setEncoding('utf8').on('data', (chunk: string) => {
        this.text[name] += chunk;
        this.child.emit('text');
      });
    }
    this.ended = once(this.child, 'close').then(([code, signal]: (number | string | null)[]) => code ?? signal ?? null);
    void this.ended.then(() => this.child.emit('text'));
  }

  /** Waits until the output has matched; fails when the process ends first. */
  async saw(pattern: RegExp, name: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text[name]);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        await this.ended;
        const last = pattern.exec(this.text[name]);
        if (last !== null) return last;
        throw new Error(`ended before ${String(pattern)}: ${this.text.stdout}${this.text.stderr}`);
      }
      await once(this.child, 'text');
    }
  }

  /** The port of the ready line. */
  async port(): Promise<number> {
    return Number((await this.saw(/^listening on (?:tcp|udp):\/\/127\.0\.0\.1:(\d+) \(\w+\)$/m))[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Runs the command to its end. */
export async function runCommand(
  args: string[],
  env?: NodeJS.ProcessEnv,
): Promise<{ code: number | string | null; stdout: string; stderr: string }> {
  const command = new SpawnedCommand(args, env);
  return { code: await command.ended, ...command.text };
}
