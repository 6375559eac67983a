import { Writable } from 'node:stream';

/** What a terminal makes of the bytes that it is sent: as much of it as readline uses. */
export class Screen extends Writable {
  readonly isTTY = true;
  /** All that came, as it came. */
  raw = '';
  readonly #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(
    readonly columns = 80,
    private readonly colors = 1,
  ) {
    super({ decodeStrings: false });
  }

  hasColors(): boolean {
    return this.colors > 1;
  }

  /** The rows, without the empty ones at the end. */
  get rows(): string[] {
    const rows = this.#rows.map((row) =>
      Array.from(row, (character) => character ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (rows.at(-1) === '') rows.pop();
    return rows;
  }

  /** Where the cursor is: row and column, from 0. */
  get cursor(): [row: number, column: number] {
    return [this.#row, this.#column];
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    const text = String(chunk);
    this.raw += text;
    for (const [, parameter, command, plain] of text.matchAll(/\x1b\[([\d;?]*)([A-Za-z])|([^])/gu)) {
      if (plain !== undefined) this.#put(plain);
      else this.#obey(command!, parameter!);
    }
    this.emit('shown');
    done();
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#down();
    else {
      // The margin is passed by the next character, not by the one that reaches it.
      if (this.#column === this.columns) this.#down();
      this.#rows[this.#row]![this.#column] = character;
      this.#column += 1;
    }
  }

  /** A terminal's driver puts a carriage return before each line feed. */
  #down(): void {
    this.#column = 0;
    this.#row += 1;
    this.#rows[this.#row] ??= [];
  }

  #obey(command: string, parameter: string): void {
    const count = Number(parameter === '' ? 1 : parameter);
    if (command === 'A') this.#row = Math.max(0, this.#row - count);
    else if (command === 'B') this.#row = Math.min(this.#rows.length - 1, this.#row + count);
    else if (command === 'C') this.#column = Math.min(this.columns - 1, this.#column + count);
    else if (command === 'D') this.#column = Math.max(0, this.#column - count);
    else if (command === 'G') this.#column = count - 1;
    else if (command === 'K') this.#rows[this.#row]!.length = Math.min(this.#rows[this.#row]!.length, this.#column);
    else if (command === 'J') {
      this.#rows[this.#row]!.length = Math.min(this.#rows[this.#row]!.length, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (command !== 'm') throw new RangeError(`this screen does not know \\e[${parameter}${command}`);
  }
}
