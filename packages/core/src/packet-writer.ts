import { tolerant } from '@socketserver/socket';

import { PacketTooLongError } from './errors';

/** Bytes of the longest datagram that a kernel may take, over a Unix socket; over UDP it is 65,507. */
const LONGEST = 262_144;

/** Collects the one datagram that a handler answers with: what it has as `wfile`. Source: `io.BytesIO`. */
export class PacketWriter {
  readonly #parts: Buffer[] = [];
  #length = 0;

  /** Whether anything was written, even if that was nothing. */
  get isUsed(): boolean {
    return this.#parts.length > 0;
  }

  /**
   * Adds `data` (a string as UTF-8) and resolves with its length in bytes.
   *
   * @throws {PacketTooLongError} when no datagram can be so long
   */
  write(data: Uint8Array | string): Promise<number> {
    const bytes = Buffer.from(data);
    if (this.#length + bytes.length > LONGEST) return tolerant(Promise.reject(new PacketTooLongError(LONGEST)));
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return Promise.resolve(bytes.length);
  }

  /** Does nothing: the datagram leaves when the handler has finished. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** What was written so far. */
  getvalue(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }
}
