/**
 * Messages ended by a fixed sequence of bytes, which no message contains:
 *
 * ```
 *   delimiter('\0')          │ 68 69 00 │ 6f 6c 61 00 │ 00 │ …             'hi', 'ola', ''
 *   delimiter('\r\n.\r\n')   │ 61 0d 0a 62 0d 0a 2e 0d 0a │ …              'a\r\nb'
 *                                      \r \n  . \r \n
 * ```
 *
 * The separator may come in pieces, and is looked for from the left: a message ends at the first place where it is whole.
 * No byte is searched again because more bytes have come, except those in which a separator may have begun.
 */
import { checkBytes, checkChoice, checkNames } from './check-option';
import type { Codec, Decoder, Format } from './codec';
import { InvalidMessageError, InvalidOptionError, MessageTooLongError } from './errors';
import { type AnyFormat, bytesThemselves, checkParsed } from './format';
import { StreamDecoder } from './stream-decoder';

/** What messages with a separator are like. */
export interface DelimiterOptions {
  /** Bytes of a message at most, without its separator; up to 16 MiB. @default 65536 */
  readonly maxLength?: number;
  /**
   * What bytes after the last separator are when the stream ends: `reject` makes them an error, because they may be the
   * beginning of a message that was cut off; `accept` makes them a message.
   *
   * @default 'reject'
   */
  readonly last?: 'reject' | 'accept';
}

/** A separator is searched byte by byte in the worst case, so its length is a factor of the work. */
const longestSeparator = 256;

/**
 * A codec for messages ended by `separator`, each a `Buffer` without it; mostly a view of the chunk it came in.
 *
 * `encode()` refuses a message in which the peer would find the separator earlier: one that contains it, or ends in bytes
 * that make one together with its beginning (the message `a` before the separator `aa`).
 *
 * @param separator 1 to 256 bytes; a string is taken as UTF-8
 * @throws {InvalidOptionError} when the separator or an option has a value that it cannot have
 */
export function delimiter(separator: string | Uint8Array, options?: DelimiterOptions): Codec<Buffer, Uint8Array>;
/**
 * A codec for values whose format never contains `separator`: `delimiter('\n', { format: json() })`.
 *
 * @param separator 1 to 256 bytes; a string is taken as UTF-8
 * @param options `format`: turns the bytes of a message, without the separator, into a value and back
 * @throws {InvalidOptionError} when the separator or an option has a value that it cannot have
 */
export function delimiter<In, Out = In>(
  separator: string | Uint8Array,
  options: DelimiterOptions & { readonly format: Format<In, Out> },
): Codec<In, Out>;
export function delimiter(
  separator: string | Uint8Array,
  options: DelimiterOptions & { readonly format?: AnyFormat } = {},
): Codec<unknown, never> {
  checkNames('delimiter', options, ['maxLength', 'last', 'format']);
  const { maxLength = 65_536, last = 'reject', format = bytesThemselves } = options;
  checkBytes('delimiter', 'maxLength', maxLength);
  checkChoice('delimiter', 'last', last, ['reject', 'accept']);
  const end = separatorOf(separator);
  return {
    decoder: (): Decoder<unknown> => new DelimiterDecoder(end, maxLength, last === 'accept', format),
    encode: (message) => encodeMessage(format.format(message), end, maxLength),
  };
}

class DelimiterDecoder<In> extends StreamDecoder<In> {
  constructor(
    private readonly separator: Buffer,
    private readonly maxLength: number,
    private readonly acceptsLast: boolean,
    private readonly format: Format<In, never>,
  ) {
    super(maxLength + separator.length, "a message without its separator (last: 'accept' would take it)");
  }

  protected override decode(): In | undefined {
    const at = this.#separatorAt();
    if (at === -1) {
      if (this.to - this.from > this.maxLength && !this.#mayHaveBegun()) this.#refuse(this.to);
      return undefined;
    }
    const message = this.#message(at);
    this.from = at + this.separator.length;
    return message;
  }

  protected override reach(chunk: Buffer): number {
    const at = chunk.indexOf(this.separator);
    return at === -1 ? chunk.length : at + this.separator.length;
  }

  protected override decodeLast(): In | undefined {
    return this.acceptsLast ? this.#message(this.to) : undefined;
  }

  #separatorAt(): number {
    const { bytes, from, to, separator } = this;
    const start = from + Math.max(0, this.seen - separator.length + 1);
    if (!this.owned) return bytes.indexOf(separator, start);
    // Behind the window a buffer of our own has old bytes.
    const at = bytes.subarray(start, to).indexOf(separator);
    return at === -1 ? -1 : start + at;
  }

  /** Whether the window may end in the beginning of a separator before which the message is not too long. */
  #mayHaveBegun(): boolean {
    const { bytes, from, to, separator, maxLength } = this;
    for (let at = Math.max(from, to - separator.length + 1); at <= from + maxLength; at++) {
      if (bytes.compare(separator, 0, to - at, at, to) === 0) return true;
    }
    return false;
  }

  /** The message from the front of the window to `end`. */
  #message(end: number): In {
    if (end - this.from > this.maxLength) this.#refuse(end);
    return checkParsed(this.format.parse(this.bytes.subarray(this.from, end)), 'delimiter', this.format);
  }

  #refuse(end: number): never {
    const length = end - this.from;
    throw new MessageTooLongError(
      `delimiter: a message has more than ${this.maxLength} bytes (${length} have come); ` +
        'raise maxLength if such messages are meant',
      { bytes: this.bytes.subarray(this.from, end), length, limit: this.maxLength },
    );
  }
}

function separatorOf(separator: string | Uint8Array): Buffer {
  const bytes = typeof separator === 'string' || separator instanceof Uint8Array ? Buffer.from(separator) : undefined;
  if (bytes !== undefined && bytes.length >= 1 && bytes.length <= longestSeparator) return bytes;
  throw new InvalidOptionError(
    `delimiter: the separator ${bytes === undefined ? 'is not bytes' : `has ${bytes.length} bytes`}; ` +
      `give a string or a Uint8Array of 1 to ${longestSeparator} bytes`,
    'separator',
    separator,
  );
}

function encodeMessage(message: Uint8Array, separator: Buffer, maxLength: number): Buffer {
  const { length } = message;
  const frame = Buffer.allocUnsafe(length + separator.length);
  frame.set(message);
  frame.set(separator, length);
  const at = frame.indexOf(separator);
  if (at === length && length <= maxLength) return frame;
  const flaw =
    at < length
      ? `would end at byte ${at}, where the separator begins; escape it first`
      : `of ${length} bytes is longer than maxLength (${maxLength}); shorten it or raise maxLength`;
  throw new InvalidMessageError(`delimiter: a message ${flaw}`, {
    bytes: message,
    length,
    limit: at < length ? undefined : maxLength,
  });
}
