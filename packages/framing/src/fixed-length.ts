/**
 * Messages of one fixed size, back to back, with nothing between them:
 *
 * ```
 *   fixedLength(4)     │ 70 69 6e 67 │ 70 6f 6e 67 │ …      'ping', 'pong'
 * ```
 *
 * Nothing in the stream says where a message begins, so a single message of another size shifts all later ones. That is why
 * `encode()` refuses it.
 */
import { checkBytes } from './check-option';
import type { Codec, Decoder, Format } from './codec';
import { InvalidMessageError } from './errors';
import { type AnyFormat, bytesThemselves, checkParsed } from './format';
import { StreamDecoder } from './stream-decoder';

/**
 * A codec for messages of exactly `size` bytes, each a `Buffer`; mostly a view of the chunk it came in.
 *
 * @param size in bytes, from 1 to 16 MiB
 * @throws {InvalidOptionError} for any other size
 */
export function fixedLength(size: number): Codec<Buffer, Uint8Array>;
/**
 * A codec for values whose format has exactly `size` bytes.
 *
 * @param size in bytes, from 1 to 16 MiB
 * @param format turns the bytes of a message into a value and back
 * @throws {InvalidOptionError} for any other size
 */
export function fixedLength<In, Out = In>(size: number, format: Format<In, Out>): Codec<In, Out>;
export function fixedLength(
  size: number,
  format: AnyFormat | Format<Buffer, Uint8Array> = bytesThemselves,
): Codec<unknown, never> {
  checkBytes('fixedLength', 'size', size);
  return {
    decoder: (): Decoder<unknown> => new FixedLengthDecoder(size, format),
    encode(message: never): Uint8Array {
      const bytes = format.format(message);
      if (bytes.byteLength === size) return bytes;
      throw new InvalidMessageError(
        `fixedLength: a message has ${bytes.byteLength} bytes instead of ${size}, which would shift all later messages; ` +
          'pad or shorten it first',
        { bytes, length: bytes.byteLength, limit: size },
      );
    },
  };
}

class FixedLengthDecoder<In> extends StreamDecoder<In> {
  constructor(
    private readonly size: number,
    private readonly format: Format<In, never>,
  ) {
    super(size, `a message of ${size} bytes`);
  }

  protected override decode(): In | undefined {
    const { bytes, from, size } = this;
    const end = from + size;
    if (end > this.to) return undefined;
    // A buffer that is exactly the message is the message: one object less for each.
    const message = this.format.parse(bytes.length === size ? bytes : bytes.subarray(from, end));
    checkParsed(message, 'fixedLength', this.format);
    this.from = end;
    return message;
  }
}
