/**
 * No frame at all: whatever has come is a message. For protocols without messages (a tunnel, a file), and for handlers that
 * find the messages themselves.
 *
 * ```
 *   raw()                     fed │ 61 62 63 │ 64 65 │     messages │ 61 62 63 │ 64 65 │
 *   raw({ maxLength: 2 })     fed │ 61 62 63 │ 64 65 │     messages │ 61 62 │ 63 │ 64 65 │
 * ```
 */
import { checkBytes, checkNames } from './check-option';
import type { Codec } from './codec';
import { StreamDecoder } from './stream-decoder';

/** What chunks are like. */
export interface RawOptions {
  /** Bytes of a message at most, up to 16 MiB; a longer chunk becomes several messages. @default 65536 */
  readonly maxLength?: number;
}

/**
 * A codec whose messages are the chunks as they come. Where they are cut says nothing about what the peer meant: a stream
 * may be cut anywhere on its way.
 *
 * @throws {InvalidOptionError} when `maxLength` is not a whole number of bytes from 1 to 16 MiB
 */
export function raw(options: RawOptions = {}): Codec<Buffer, Uint8Array> {
  checkNames('raw', options, ['maxLength']);
  const { maxLength = 65_536 } = options;
  checkBytes('raw', 'maxLength', maxLength);
  return {
    decoder: () => new RawDecoder(maxLength),
    encode: (message) => message,
  };
}

class RawDecoder extends StreamDecoder<Buffer> {
  constructor(private readonly maxLength: number) {
    super(maxLength, 'a chunk');
  }

  protected override decode(): Buffer {
    const { bytes, from, to, maxLength } = this;
    this.from = Math.min(to, from + maxLength);
    return this.from - from === bytes.length ? bytes : bytes.subarray(from, this.from);
  }
}
