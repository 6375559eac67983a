import type { Readable } from 'node:stream';

import type { ConsoleEvents, ConsoleStreams, TextConsole } from './text-console';

/** Characters of a line that are kept; the rest is thrown away. Nothing that makes sense is nearly as long. */
const MAX_LINE = 1024;

/** A conversation in plain lines, as pipes and files hold it: a line for each prompt, and one for each reply. */
export class PlainConsole implements TextConsole {
  readonly isInteractive: boolean;
  readonly ahead = 0;
  readonly #streams: ConsoleStreams;
  readonly #lines: InputLines;
  #answer: ((line: string | undefined) => void) | null = null;
  #isClosed = false;

  constructor(streams: ConsoleStreams, { onInterrupt }: ConsoleEvents) {
    this.#streams = streams;
    this.isInteractive = streams.stdin.isTTY === true;
    this.#lines = new InputLines(streams.stdin);
    streams.stdout.once('error', onInterrupt);
  }

  get hasEnded(): boolean {
    return this.#lines.hasEnded;
  }

  ask(prompt: string): Promise<string | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    this.say(prompt.trimEnd());
    return new Promise((resolve) => {
      this.#answer = resolve;
      void this.#lines.next().then(resolve);
    });
  }

  say(line: string): void {
    this.#streams.stdout.write(`${line}\n`);
  }

  warn(line: string): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  close(): void {
    this.#isClosed = true;
    this.#answer?.(undefined);
  }
}

/** The lines of a stream, which is read no further than they are asked for. */
class InputLines {
  hasEnded = false;
  readonly #chunks: AsyncIterator<Buffer | string, undefined>;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer | string, undefined>;
  }

  /** The next line, without its end; undefined after the last. A last line may lack its end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end !== -1) return this.#take(end, 1);
      if (this.hasEnded) return this.#rest === '' ? undefined : this.#take(this.#rest.length, 0);
      this.#rest = this.#rest.slice(0, MAX_LINE);
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done !== true)
        this.#rest += typeof value === 'string' ? value : this.#decoder.decode(value, { stream: true });
      else this.hasEnded = true;
    } catch {
      // A terminal that was hung up, for one, fails instead of ending.
      this.hasEnded = true;
    }
  }

  #take(end: number, terminator: number): string {
    const line = this.#rest.slice(0, Math.min(end, MAX_LINE)).replace(/\r$/, '');
    this.#rest = this.#rest.slice(end + terminator);
    return line;
  }
}
