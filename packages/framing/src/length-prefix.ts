/**
 * Messages that say how long they are, in a field at a fixed place. The names of the options are those of Netty's
 * `LengthFieldBasedFrameDecoder` (https://netty.io/4.1/api/io/netty/handler/codec/LengthFieldBasedFrameDecoder.html):
 *
 * ```
 *    offset     width        value + adjustment
 *   ├────────┼─────────────┼──────────────────────┤
 *   │ header │ length: 0c  │ HELLO, WORLD         │
 *   ├──────────────┼──────────────────────────────┤
 *        strip               what is handed out
 * ```
 *
 * The usual cases, `HELLO, WORLD` being 12 bytes:
 *
 * ```
 *   1  only the text is handed out                                  { width: 2 }
 *      │ 00 0c │ HELLO, WORLD │                    ──►  │ HELLO, WORLD │
 *
 *   2  the length as well                                           { width: 2, strip: 0 }
 *      │ 00 0c │ HELLO, WORLD │                    ──►  │ 00 0c │ HELLO, WORLD │
 *
 *   3  the length counts itself                                     { width: 2, adjustment: -2 }
 *      │ 00 0e │ HELLO, WORLD │                    ──►  │ HELLO, WORLD │
 *
 *   4  two bytes before the length                                  { width: 3, offset: 2 }
 *      │ ca fe │ 00 00 0c │ HELLO, WORLD │         ──►  │ ca fe │ 00 00 0c │ HELLO, WORLD │
 *
 *   5  two bytes behind the length, which it does not count         { width: 3, adjustment: 2, strip: 0 }
 *      │ 00 00 0c │ ca fe │ HELLO, WORLD │         ──►  │ 00 00 0c │ ca fe │ HELLO, WORLD │
 *
 *   6  the length in the middle of a header of which the second half is wanted
 *                                                                   { width: 2, offset: 1, adjustment: 1, strip: 3 }
 *      │ ca │ 00 0c │ fe │ HELLO, WORLD │          ──►  │ fe │ HELLO, WORLD │
 *
 *   7  the same, with the length of the whole frame
 *                                                                   { width: 2, offset: 1, adjustment: -3, strip: 3 }
 *      │ ca │ 00 10 │ fe │ HELLO, WORLD │          ──►  │ fe │ HELLO, WORLD │
 * ```
 *
 * A frame that is too long is refused as soon as its length field is there, before its body comes.
 */
import { checkBytes, checkChoice, checkNames, mostBytes } from './check-option';
import type { Codec, Decoder, Format } from './codec';
import { InvalidMessageError, InvalidOptionError, MalformedMessageError, MessageTooLongError } from './errors';
import { type AnyFormat, bytesThemselves, checkParsed } from './format';
import { StreamDecoder } from './stream-decoder';

/** Where the length is, and what it counts. */
export interface LengthPrefixOptions {
  /** Bytes of the length field, an unsigned number. @default 4 */
  readonly width?: 1 | 2 | 3 | 4 | 8;
  /** Which byte of the length comes first: the most significant one, or the least. @default 'big' */
  readonly endianness?: 'big' | 'little';
  /** Bytes before the length field; up to 16 MiB. @default 0 */
  readonly offset?: number;
  /**
   * What is added to the length to get the number of bytes that follow its field: negative if it counts bytes of the header
   * too, positive if it leaves bytes out that follow it. From -16 MiB to 16 MiB.
   *
   * @default 0
   */
  readonly adjustment?: number;
  /** Bytes removed from the front of a frame before it is handed out. @default `width` if `offset` is 0, otherwise 0 */
  readonly strip?: number;
  /** Bytes of a message at most, as it is handed out; up to 16 MiB. @default 65536 */
  readonly maxLength?: number;
}

type Layout = Required<LengthPrefixOptions>;

/**
 * A codec for messages with their length before them, each a `Buffer`; mostly a view of the chunk it came in.
 *
 * `encode()` takes what a decoder hands out, puts back what `strip` has removed, and writes the length into its place. What
 * the message has in the place of the length field does not matter. Only bytes of the length field can be put back: if
 * `strip` removes other bytes too, the codec can only decode, and `encode()` throws {@link InvalidOptionError}.
 *
 * @throws {InvalidOptionError} when an option has a value that it cannot have
 */
export function lengthPrefix(options?: LengthPrefixOptions): Codec<Buffer, Uint8Array>;
/**
 * A codec for values with the length of their bytes before them: `lengthPrefix({ width: 2, format: json() })`.
 *
 * @param options `format`: turns the bytes of a message, as they are handed out, into a value and back
 * @throws {InvalidOptionError} when an option has a value that it cannot have
 */
export function lengthPrefix<In, Out = In>(
  options: LengthPrefixOptions & { readonly format: Format<In, Out> },
): Codec<In, Out>;
export function lengthPrefix(
  options: LengthPrefixOptions & { readonly format?: AnyFormat } = {},
): Codec<unknown, never> {
  const known = ['width', 'endianness', 'offset', 'adjustment', 'strip', 'maxLength', 'format'];
  checkNames('lengthPrefix', options, known);
  const { format = bytesThemselves } = options;
  const layout = layoutOf(options);
  return {
    decoder: (): Decoder<unknown> => new LengthPrefixDecoder(layout, format),
    encode: (message) => encodeFrame(format.format(message), layout),
  };
}

function layoutOf(options: LengthPrefixOptions): Layout {
  const { width = 4, endianness = 'big', offset = 0, adjustment = 0, maxLength = 65_536 } = options;
  const { strip = offset === 0 ? width : 0 } = options;
  checkChoice('lengthPrefix', 'width', width, [1, 2, 3, 4, 8]);
  checkChoice('lengthPrefix', 'endianness', endianness, ['big', 'little']);
  checkBytes('lengthPrefix', 'offset', offset, 0);
  checkBytes('lengthPrefix', 'adjustment', adjustment, -mostBytes);
  checkBytes('lengthPrefix', 'strip', strip, 0);
  checkBytes('lengthPrefix', 'maxLength', maxLength);
  return { width, endianness, offset, adjustment, strip, maxLength };
}

class LengthPrefixDecoder<In> extends StreamDecoder<In> {
  /** Where the bytes begin that follow the length field, from the front of the frame. */
  readonly #head: number;
  /** How many bytes the window must have before there is something to decide. */
  #needed = 0;

  constructor(
    private readonly layout: Layout,
    private readonly format: Format<In, never>,
  ) {
    const head = layout.offset + layout.width;
    super(Math.max(head, layout.strip + layout.maxLength), 'a message with its length before it');
    this.#head = head;
  }

  protected override decode(): In | undefined {
    const { bytes, from } = this;
    const held = this.to - from;
    const needed = (this.#needed = held < this.#head ? this.#head : this.#frameLength());
    if (held < needed) return undefined;
    const start = from + this.layout.strip;
    const end = from + needed;
    const message = this.format.parse(bytes.subarray(start, end));
    checkParsed(message, 'lengthPrefix', this.format);
    this.from = end;
    return message;
  }

  protected override reach(chunk: Buffer): number {
    return Math.min(chunk.length, this.#needed - (this.to - this.from));
  }

  /** The bytes of the whole frame, as its length field says. */
  #frameLength(): number {
    const { strip, maxLength, adjustment } = this.layout;
    const value = readLength(this.bytes, this.from + this.layout.offset, this.layout);
    const frame = this.#head + value + adjustment;
    if (frame < this.#head || frame < strip) {
      throw new MalformedMessageError(
        `lengthPrefix: the length ${value} makes no frame: with adjustment ${adjustment} it would have ${frame} bytes, ` +
          `less than its first ${Math.max(this.#head, strip)}; check width, endianness, offset and adjustment`,
        this.bytes.subarray(this.from, this.from + this.#head),
      );
    }
    if (frame - strip > maxLength) {
      throw new MessageTooLongError(
        `lengthPrefix: a message of ${frame - strip} bytes is announced, more than ${maxLength}; ` +
          'raise maxLength if such messages are meant, or check width and endianness',
        { bytes: this.bytes.subarray(this.from, this.to), length: frame - strip, limit: maxLength },
      );
    }
    return frame;
  }
}

/** Exact up to 2^53; beyond that it is still larger than any limit. */
function readLength(bytes: Uint8Array, at: number, { width, endianness }: Layout): number {
  let value = 0;
  if (endianness === 'big') for (let index = at; index < at + width; index++) value = value * 256 + bytes[index]!;
  else for (let index = at + width - 1; index >= at; index--) value = value * 256 + bytes[index]!;
  return value;
}

function writeLength(bytes: Uint8Array, at: number, value: number, { width, endianness }: Layout): void {
  let rest = value;
  for (let index = 0; index < width; index++) {
    bytes[endianness === 'little' ? at + index : at + width - 1 - index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function encodeFrame(message: Uint8Array, layout: Layout): Buffer {
  const { width, offset, adjustment, strip, maxLength } = layout;
  if (strip > 0 && (offset > 0 || strip > width)) {
    throw new InvalidOptionError(
      `lengthPrefix: strip (${strip}) removes bytes that encode() cannot put back, because they are not of the length field; ` +
        'strip at most the length field, with nothing before it, to send messages',
      'strip',
      strip,
    );
  }
  const { length } = message;
  const value = strip + length - offset - width - adjustment;
  const flaw = flawOf(length, value, layout);
  if (flaw !== undefined) {
    const limit = length > maxLength ? maxLength : undefined;
    throw new InvalidMessageError(`lengthPrefix: a message of ${length} bytes ${flaw}`, {
      bytes: message,
      length,
      limit,
    });
  }
  const frame = Buffer.allocUnsafe(strip + length);
  frame.set(message, strip);
  writeLength(frame, offset, value, layout);
  return frame;
}

/** Why the peer would not read this message, or undefined if it would. */
function flawOf(
  length: number,
  value: number,
  { width, offset, adjustment, strip, maxLength }: Layout,
): string | undefined {
  if (length > maxLength) return `is longer than maxLength (${maxLength}); shorten it or raise maxLength`;
  const head = offset + width - strip;
  if (length < head) return `has no room for its header; begin it with ${head} bytes, the length field included`;
  if (value < 0) return `is too short: with adjustment ${adjustment} its length would be ${value}`;
  if (value >= 256 ** width) return `has the length ${value}, too large for ${width} bytes; use a larger width`;
  return undefined;
}
