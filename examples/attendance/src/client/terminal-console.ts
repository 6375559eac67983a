import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';

import { JobControl } from './job-control';
import type { ConsoleEvents, ConsoleStreams, TextConsole } from './text-console';

/** Lines that were entered before they were asked for; then reading stops. */
const MAX_AHEAD = 100;

/**
 * A conversation at a terminal: lines can be edited and called back, and what arrives while a prompt is open appears above
 * it, with the prompt and all that was typed still there. What is typed while none is open appears at the next one.
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
    const { stdin: input, stdout, env } = streams;
    this.#streams = streams;
    // Node lets FORCE_COLOR overrule NO_COLOR.
    this.#hasColors = (env.NO_COLOR ?? '') === '' && stdout.hasColors?.() === true;
    const job = new JobControl(input, () => this.#continued());
    const output = new Echo(stdout, () => this.#answer !== null);
    this.#interface = createInterface({ input, output, terminal: true, prompt: '' })
      .on('line', (line) => this.#entered(line))
      .on('SIGINT', onInterrupt)
      .on('SIGTSTP', job.stop)
      // A terminal that was hung up fails instead of ending.
      .on('error', () => this.close())
      .on('close', () => {
        output.detach();
        job.detach();
        this.#ended();
        onEnd();
      });
    stdout.once('error', onInterrupt);
  }

  get ahead(): number {
    return this.#ahead.length;
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
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#interface.setPrompt(styled);
      this.#draw(0);
    });
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

  /** The cursor is wherever the shell left it: at the beginning of a row. */
  #continued(): void {
    if (this.#answer !== null) this.#draw(this.#interface.getCursorPos().rows);
  }

  /** Writes a line; in the place of an open prompt, which moves below it. */
  #above(stream: Writable, line: string): void {
    if (this.#answer === null) {
      stream.write(`${line}\n`);
      return;
    }
    const { stdout } = this.#streams;
    const { rows } = this.#interface.getCursorPos();
    moveCursor(stdout, 0, -rows);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    stream.write(`${line}\n`);
    this.#draw(rows);
  }

  /** Draws the prompt, and what was typed, at the beginning of an empty row. @param rows above the cursor, when last drawn */
  #draw(rows: number): void {
    // It first goes up, by as many rows as readline thinks that it had. How many that is, it does not tell officially; after
    // text that was pasted it is not where the cursor was.
    const { prevRows = rows } = this.#interface as { prevRows?: number };
    this.#streams.stdout.write('\n'.repeat(prevRows));
    this.#interface.prompt(true);
  }

  #style(text: string, code: string): string {
    return this.#hasColors ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

/** The screen as readline has it, which echoes all that is typed: it passes on only what belongs to an open prompt. */
class Echo extends Writable {
  readonly #resized = (): void => void this.emit('resize');

  constructor(
    private readonly screen: Writable & { readonly columns?: number },
    private readonly isWanted: () => boolean,
  ) {
    super({ decodeStrings: false });
    screen.on('resize', this.#resized);
  }

  get columns(): number | undefined {
    return this.screen.columns;
  }

  override _write(text: string, encoding: BufferEncoding, done: () => void): void {
    if (this.isWanted()) this.screen.write(text, encoding);
    done();
  }

  /** Lets go of the screen. */
  detach(): void {
    this.screen.off('resize', this.#resized);
  }
}
