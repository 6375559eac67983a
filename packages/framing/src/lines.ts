/**
 * Lines of text, ended by a newline:
 *
 * ```
 *   lines()     │ 48 69 0a │ 4f 6c c3 a1 0d 0a │ …      'Hi', 'Olá'
 *                       \n                \r \n
 * ```
 *
 * One carriage return before the newline belongs to the end of the line, not to the line: telnet and many protocols end
 * their lines with `\r\n`. Text is decoded when its line is whole, so a character may come in pieces.
 */
import { checkBytes, checkChoice, checkNames, show } from './check-option';
import type { Codec } from './codec';
import { InvalidMessageError, MalformedMessageError, MessageTooLongError } from './errors';
import { StreamDecoder } from './stream-decoder';
import { checkEncoding, encodingFlaw, textOf, type TextEncoding } from './text';

/** What lines are like. */
export interface LinesOptions {
  /** Bytes of a line at most, without its `\n` or `\r\n`; up to 16 MiB. @default 65536 */
  readonly maxLength?: number;
  /**
   * `utf8` refuses bytes that are not UTF-8. `latin1` takes any: byte n becomes the character with the number n.
   *
   * @default 'utf8'
   */
  readonly encoding?: TextEncoding;
  /**
   * What bytes after the last newline are when the stream ends: `reject` makes them an error, because they may be the
   * beginning of a line that was cut off; `accept` makes them a line, as Python's `readline()` does.
   *
   * @default 'reject'
   */
  readonly lastLine?: 'reject' | 'accept';
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * A codec for lines of text, without their ends.
 *
 * `encode()` ends a line with `\n`. It refuses text that the peer would read as something else: with a newline in it or a
 * carriage return at its end, longer than `maxLength`, or with characters that the encoding does not have.
 *
 * @throws {InvalidOptionError} when an option has a value that it cannot have
 */
export function lines(options: LinesOptions = {}): Codec<string> {
  checkNames('lines', options, ['maxLength', 'encoding', 'lastLine']);
  const { maxLength = 65_536, encoding = 'utf8', lastLine = 'reject' } = options;
  checkBytes('lines', 'maxLength', maxLength);
  checkEncoding('lines', encoding);
  checkChoice('lines', 'lastLine', lastLine, ['reject', 'accept']);
  return {
    decoder: () => new LinesDecoder(maxLength, encoding, lastLine === 'accept'),
    encode: (line) => encodeLine(line, maxLength, encoding),
  };
}

class LinesDecoder extends StreamDecoder<string> {
  constructor(
    private readonly maxLength: number,
    private readonly encoding: TextEncoding,
    private readonly acceptsLast: boolean,
  ) {
    // A line that is one byte too long, and the \r that might still have been its end.
    super(maxLength + 2, "a line without its newline (lastLine: 'accept' would take it)");
  }

  protected override decode(): string | undefined {
    const { bytes, from, to } = this;
    const at = this.#newlineAt();
    if (at === -1) {
      // A last \r is not counted: it belongs to the end of the line if the next byte is \n.
      this.#check(bytes[to - 1] === carriageReturn ? to - 1 : to);
      return undefined;
    }
    const line = this.#text(at > from && bytes[at - 1] === carriageReturn ? at - 1 : at);
    this.from = at + 1;
    return line;
  }

  protected override reach(chunk: Buffer): number {
    return chunk.indexOf(newline) + 1 || chunk.length;
  }

  protected override decodeLast(): string | undefined {
    return this.acceptsLast ? this.#text(this.to) : undefined;
  }

  /** A buffer of our own was filled as far as `reach()` says, so only its last byte can be a newline. */
  #newlineAt(): number {
    if (!this.owned) return this.bytes.indexOf(newline, this.from);
    return this.bytes[this.to - 1] === newline ? this.to - 1 : -1;
  }

  #check(end: number): void {
    const length = end - this.from;
    if (length <= this.maxLength) return;
    throw new MessageTooLongError(
      `lines: a line has more than ${this.maxLength} bytes (${length} have come); raise maxLength if such lines are meant`,
      { bytes: this.bytes.subarray(this.from, end), length, limit: this.maxLength },
    );
  }

  /** The text from the front of the window to `end`. */
  #text(end: number): string {
    this.#check(end);
    const { bytes, from, encoding } = this;
    const text = textOf(bytes, from, end, encoding);
    if (text !== undefined) return text;
    const line = bytes.subarray(from, end);
    throw new MalformedMessageError(
      `lines: a line of ${line.length} bytes is not UTF-8; if the peer uses another encoding, try encoding: 'latin1'`,
      line,
    );
  }
}

function encodeLine(line: string, maxLength: number, encoding: TextEncoding): Uint8Array {
  if (typeof line !== 'string') throw new InvalidMessageError(`lines: a message is ${show(line)}; send text`);
  const bytes = Buffer.from(`${line}\n`, encoding);
  const length = bytes.length - 1;
  const flaw = flawOf(line, encoding);
  if (flaw === undefined && length <= maxLength) return bytes;
  throw new InvalidMessageError(
    `lines: a message ${flaw ?? `of ${length} bytes is longer than maxLength (${maxLength}); shorten it or raise maxLength`}`,
    { bytes: bytes.subarray(0, length), length, limit: flaw === undefined ? maxLength : undefined },
  );
}

/** Why the peer would read another text than `line`, or undefined if it would not. */
function flawOf(line: string, encoding: TextEncoding): string | undefined {
  const at = line.indexOf('\n');
  if (at !== -1) return `has a newline at index ${at}; send each line as a message of its own`;
  if (line.endsWith('\r')) return 'ends in a carriage return, which would be read as part of the line end; remove it';
  return encodingFlaw(line, encoding);
}
