import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { Writable } from 'node:stream';

import type { ConsoleEvents, ConsoleStreams, TextConsole } from './text-console';

/** Lines that were entered before they were asked for; then reading stops. */
const MAX_AHEAD = 100;

/**
 * A conversation at a terminal: lines can be edited and called back, and what arrives while a prompt is open appears above
 * it, with the prompt and all that was typed still there.
 */
export class TerminalConsole implements TextConsole {
  readonly isInteractive = true;
  hasEnded = false;
  readonly #streams: ConsoleStreams;
  readonly #hasColors: boolean;
  readonly #interface: Interface;
  readonly #ahead: string[] = [];
  #answer: ((line: string | undefined) => void) | null = null;

  constructor(streams: ConsoleStreams, { onInterrupt, onEnd }: ConsoleEvents) {
    const { stdin: input, stdout: output, env } = streams;
    this.#streams = streams;
    // Node lets FORCE_COLOR overrule NO_COLOR.
    this.#hasColors = (env.NO_COLOR ?? '') === '' && output.hasColors?.() === true;
    this.#interface = createInterface({ input, output, terminal: true, prompt: '' })
      .on('line', (line) => this.#entered(line))
      .on('SIGINT', onInterrupt)
      // A terminal that was hung up fails instead of ending.
      .on('error', () => this.close())
      .on('close', () => {
        this.#ended();
        onEnd();
      });
    output.once('error', onInterrupt);
  }

  ask(prompt: string): Promise<string | undefined> {
    const styled = this.#style(prompt, '1');
    const line = this.#ahead.shift();
    if (line !== undefined) {
      this.say(styled + line);
      if (!this.hasEnded) this.#interface.resume();
      return Promise.resolve(line);
    }
    if (this.hasEnded) return Promise.resolve(undefined);
    this.#interface.setPrompt(styled);
    this.#interface.prompt(true);
    return new Promise((resolve) => (this.#answer = resolve));
  }

  say(line: string): void {
    this.#above(this.#streams.stdout, line);
  }

  warn(line: string): void {
    const { stderr } = this.#streams;
    this.#above(stderr, stderr.isTTY === true ? this.#style(line, '33') : line);
  }

  close(): void {
    this.#interface.close();
  }

  #entered(line: string): void {
    const answer = this.#answer;
    this.#answer = null;
    this.#interface.setPrompt('');
    if (answer !== null) return answer(line);
    this.#ahead.push(line);
    if (this.#ahead.length >= MAX_AHEAD) this.#interface.pause();
  }

  #ended(): void {
    this.hasEnded = true;
    const answer = this.#answer;
    this.#answer = null;
    if (answer === null) return;
    this.#streams.stdout.write('\n');
    answer(undefined);
  }

  /** Writes a line in the place of the prompt, and the prompt below it. */
  #above(stream: Writable, line: string): void {
    const { stdout } = this.#streams;
    if (this.hasEnded) {
      stream.write(`${line}\n`);
      return;
    }
    const { rows } = this.#interface.getCursorPos();
    moveCursor(stdout, 0, -rows);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    stream.write(`${line}\n`);
    // A prompt that is drawn again first goes up, by as many rows as readline thinks that it had. How many that is, it does
    // not tell officially; after text that was pasted it is not where the cursor was.
    const { prevRows = rows } = this.#interface as { prevRows?: number };
    stdout.write('\n'.repeat(prevRows));
    // Drawing it would also make a reading go on that was stopped.
    if (this.#ahead.length < MAX_AHEAD) this.#interface.prompt(true);
  }

  #style(text: string, code: string): string {
    return this.#hasColors ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
