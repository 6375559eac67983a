/**
 * Reading lines and blocks from a socket: what a handler has as `rfile`.
 *
 * Source: `Lib/socketserver.py`, `StreamRequestHandler`; `io.BufferedReader`.
 */
import type { Socket } from '@socketserver/socket';

import { LineTooLongError, ReadTooLongError } from './errors';

/** What bounds a {@link StreamReader}. */
export interface StreamReaderLimits {
  /** Bytes of a line, its end included. */
  readonly maxLineLength: number;
  /** Bytes that `read()` without a size gives at most. */
  readonly maxReadLength: number;
  /** Bytes asked of the socket at a time. */
  readonly chunkSize: number;
  /** Asked before each line of an iteration: whether to end it here. */
  readonly isDraining?: () => boolean;
}

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);

export class StreamReader implements AsyncIterable<Buffer> {
  readonly #socket: Socket;
  readonly #limits: StreamReaderLimits;
  /** Read from the socket and not yet asked for. */
  #rest: Buffer = EMPTY;
  #isAtLine = false;

  constructor(socket: Socket, limits: StreamReaderLimits) {
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Whether it waits for the first byte of a line. */
  get isBetweenLines(): boolean {
    return this.#isAtLine && this.#rest.length === 0 && this.#socket.receiving && this.#socket.buffered === 0;
  }

  /**
   * `n` bytes, or fewer when the stream ends before; without `n`, all bytes to the end.
   *
   * @throws {ReadTooLongError} without `n`, when there are more than `maxReadLength`
   */
  async read(n?: number): Promise<Buffer> {
    const limit = n ?? this.#limits.maxReadLength + 1;
    const parts: Buffer[] = [];
    let length = 0;
    while (length < limit) {
      const part = await this.#take(limit - length);
      if (part.length === 0) break;
      parts.push(part);
      length += part.length;
      this.#socket.observer?.partial(n !== undefined && length < n);
    }
    if (n === undefined && length === limit) throw new ReadTooLongError(this.#limits.maxReadLength);
    this.#socket.observer?.partial(false);
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length);
  }

  /**
   * The next line with its `\n`; the last one may have none; empty at the end of the stream.
   *
   * @param limit gives at most so many bytes, also when that is not a whole line, as in Python
   * @throws {LineTooLongError} without `limit`, when the line is longer than `maxLineLength`
   */
  readline(limit?: number): Promise<Buffer> {
    const rest = this.#rest;
    const end = rest.indexOf(NEWLINE) + 1;
    if (end > 0 && end <= (limit ?? this.#limits.maxLineLength)) {
      this.#rest = end === rest.length ? EMPTY : rest.subarray(end);
      return Promise.resolve(rest.subarray(0, end));
    }
    return this.#readline(limit);
  }

  /** Lines, each with its `\n`, to the end of the stream. When the server drains it ends after the current line. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return {
      next: async () => {
        if (this.#limits.isDraining?.() === true) return { done: true, value: undefined };
        this.#isAtLine = true;
        const line = await this.readline();
        this.#isAtLine = false;
        return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line };
      },
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
  }

  async #readline(limit: number | undefined): Promise<Buffer> {
    const longest = limit ?? this.#limits.maxLineLength;
    let parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = this.#rest.length > 0 ? this.#rest : await this.#socket.recv(this.#limits.chunkSize);
      const newline = chunk.indexOf(NEWLINE);
      const wanted = newline === -1 ? chunk.length : newline + 1;
      if (length + wanted > longest && limit === undefined) throw new LineTooLongError(longest);
      const end = Math.min(wanted, longest - length);
      this.#rest = end === chunk.length ? EMPTY : chunk.subarray(end);
      const isWhole = newline !== -1 || chunk.length === 0 || length + end === longest;
      if (parts.length > 0 || !isWhole) this.#socket.observer?.partial(!isWhole);
      if (parts.length === 0 && isWhole) return chunk.subarray(0, end);
      parts.push(chunk.subarray(0, end));
      length += end;
      if (isWhole) return Buffer.concat(parts, length);
      // A peer that sends byte by byte must not make an object out of each of them.
      if (parts.length === 64) parts = [Buffer.concat(parts, length)];
    }
  }

  async #take(n: number): Promise<Buffer> {
    if (this.#rest.length === 0) return this.#socket.recv(Math.min(n, this.#limits.chunkSize));
    const taken = this.#rest.subarray(0, n);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }
}
