import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';

import { BackOff } from '@socketserver/host';
import type { Clock } from '@socketserver/socket';

import { clientCommand, type ClientRole } from '../../src/client/client-command';
import { Screen } from './screen';

interface RunOptions {
  /** How wide the terminal is; without it there is none, but pipes. */
  readonly columns?: number;
  readonly clock?: Clock;
}

/** A client's command in this process, with everything it shows kept. It waits 1 ms between two attempts to connect. */
export class ClientRun {
  /** What came on standard output so far; at a terminal, standard error too. */
  stdout = '';
  stderr = '';
  readonly stdin: PassThrough & { readonly isTTY: boolean };
  readonly screen: Screen;
  /** The exit code. */
  readonly ended: Promise<number>;
  readonly #news = new EventEmitter();

  constructor(role: ClientRole, argv: readonly (string | number)[], { columns, clock }: RunOptions = {}) {
    const isTTY = columns !== undefined;
    this.screen = new Screen(columns ?? 80);
    const pipe = (keep: (text: string) => void) =>
      new PassThrough().on('data', (text) => {
        keep(String(text));
        this.#news.emit('news');
      });
    this.screen.on('shown', () => this.#news.emit('news'));
    this.stdin = Object.assign(new PassThrough(), { isTTY });
    const streams = {
      stdin: this.stdin,
      stdout: isTTY ? this.screen : pipe((text) => (this.stdout += text)),
      stderr: isTTY ? this.screen : pipe((text) => (this.stderr += text)),
      env: {},
    };
    const backOff = new BackOff(1, 1);
    this.ended = clientCommand(role, argv.map(String), { streams, clock, backOff });
  }

  /** Enters lines. */
  enter(...lines: string[]): void {
    for (const line of lines) this.stdin.write(`${line}${this.stdin.isTTY ? '\r' : '\n'}`);
  }

  /** Resolves when standard output, standard error or the screen fits. */
  async shows(pattern: RegExp): Promise<void> {
    const seen = () => [this.stdout, this.stderr, this.screen.rows.join('\n')];
    let isOver = false;
    void this.ended.then(() => {
      isOver = true;
      this.#news.emit('news');
    });
    while (!seen().some((text) => pattern.test(text))) {
      if (isOver) throw new Error(`ended before it showed ${pattern}:\n${seen().join('\n')}`);
      await once(this.#news, 'news');
    }
  }

  /** Enters the lines, and resolves with what was shown between the banner and the end of input. */
  async finish(...lines: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    this.enter(...lines);
    this.stdin.end();
    return { code: await this.ended, stdout: this.stdout, stderr: this.stderr };
  }
}
