/**
 * Writing to a socket, with or without a buffer: what a handler has as `wfile`.
 *
 * Source: `Lib/socketserver.py`, `_SocketWriter`; `io.BufferedWriter`.
 */
import { type Socket, tolerant } from '@socketserver/socket';

/** Writes to a stream, at once or collected. Await each write: that is how a slow peer slows its handler down. */
export class StreamWriter {
  readonly #socket: Socket;
  readonly #size: number;
  #waiting: Buffer[] = [];
  #length = 0;

  /** @param size bytes to collect before they are sent; 0 sends at once */
  constructor(socket: Socket, size: number) {
    this.#socket = socket;
    this.#size = size;
  }

  /**
   * Writes all of `data` (a string as UTF-8) and resolves with its length in bytes.
   *
   * @throws {BrokenPipeError} when this side or the peer has ended the connection
   */
  write(data: Uint8Array | string): Promise<number> {
    if (this.#size === 0) {
      const length = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
      return tolerant(this.#socket.sendall(data).then(() => length));
    }
    return tolerant(this.#collect(Buffer.from(data)));
  }

  /** Bytes that were collected and not sent yet. */
  get buffered(): number {
    return this.#length;
  }

  /** Sends what was collected. */
  flush(): Promise<void> {
    if (this.#length === 0) return Promise.resolve();
    const data = Buffer.concat(this.#waiting, this.#length);
    this.#waiting = [];
    this.#length = 0;
    return this.#socket.sendall(data);
  }

  async #collect(data: Buffer): Promise<number> {
    this.#waiting.push(data);
    this.#length += data.length;
    if (this.#length >= this.#size) await this.flush();
    return data.length;
  }
}
