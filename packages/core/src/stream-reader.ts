/**
 * Reading lines and blocks from a socket: what a handler has as `rfile`.
 *
 * Source: `Lib/socketserver.py`, `StreamRequestHandler`; `io.BufferedReader`.
 */
import { type Socket, tolerant } from '@socketserver/socket';

import { LineTooLongError, ReadTooLongError } from './errors';

/** What a {@link StreamReader} reads from: a connection, as a rule. */
export type ByteSource = Pick<Socket, 'recv' | 'receiving' | 'buffered' | 'observer'>;

/** What bounds a {@link StreamReader}. */
export interface StreamReaderLimits {
  /** Bytes of a line, its end included. */
  readonly maxLineLength: number;
  /** Bytes that `read()` without a size gives at most. */
  readonly maxReadLength: number;
  /** Bytes asked of the socket at a time. */
  readonly chunkSize: number;
  /** Called before each line of an iteration: a promise ends it here, once it has resolved. */
  readonly beforeLine?: () => Promise<void> | null;
}

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);

/** Lines and blocks of a stream, each within its limit. Use one reader for a socket: it reads ahead. */
export class StreamReader implements AsyncIterable<Buffer> {
  readonly #socket: ByteSource;
  readonly #limits: StreamReaderLimits;
  /** Read from the socket and not yet asked for. */
  #rest: Buffer = EMPTY;
  /** The last thing asked for was a line of an iteration, and nothing of it has come. */
  #isAtLine = false;
  /** What to do with the first chunk of a line. One function for all lines, and for a reader that never waits none. */
  #onChunk: ((chunk: Buffer) => Buffer | Promise<Buffer>) | null = null;

  constructor(socket: ByteSource, limits: StreamReaderLimits) {
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Whether it waits for the first byte of a line. */
  get isBetweenLines(): boolean {
    return this.#isAtLine && this.#rest.length === 0 && this.#socket.receiving && this.#socket.buffered === 0;
  }

  /**
   * `size` bytes, or fewer when the stream ends before; without `size`, or with a negative one, all bytes to the end.
   *
   * @throws {ReadTooLongError} without `size`, when there are more than `maxReadLength`
   */
  read(size?: number): Promise<Buffer> {
    return tolerant(this.#read(size));
  }

  async #read(size?: number): Promise<Buffer> {
    this.#isAtLine = false;
    const n = limitOf(size);
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
   * @param size gives at most so many bytes, also when that is not a whole line; a negative one is none, as in Python
   * @throws {LineTooLongError} without `size`, when the line is longer than `maxLineLength`
   */
  readline(size?: number): Promise<Buffer> {
    this.#isAtLine = false;
    const limit = limitOf(size);
    if (limit === 0) return Promise.resolve(EMPTY);
    return tolerant(limit === undefined ? this.#nextLine() : this.#readline(limit));
  }

  /** Lines, each with its `\n`, to the end of the stream. When the server drains it ends after the current line. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return {
      next: () => {
        const leaving = this.#limits.beforeLine?.() ?? null;
        if (leaving !== null) return leaving.then(() => END);
        this.#isAtLine = true;
        return this.#nextLine().then(asResult);
      },
      return: () => Promise.resolve(END),
    };
  }

  /**
   * A line that is there, or that comes in one chunk: the usual cases, without the asynchronous function of the others,
   * because connections spend most of their lives waiting here.
   */
  #nextLine(): Promise<Buffer> {
    const rest = this.#rest;
    const end = rest.indexOf(NEWLINE) + 1;
    if (end > 0 && end <= this.#limits.maxLineLength) {
      this.#rest = end === rest.length ? EMPTY : rest.subarray(end);
      this.#socket.observer?.partial(false);
      return Promise.resolve(rest.subarray(0, end));
    }
    if (rest.length > 0) return this.#readline(undefined);
    this.#onChunk ??= (chunk) => {
      if (chunk.length === 0 || chunk.indexOf(NEWLINE) === chunk.length - 1) {
        if (chunk.length <= this.#limits.maxLineLength) return chunk;
      }
      this.#rest = chunk;
      return this.#readline(undefined);
    };
    return this.#socket.recv(this.#limits.chunkSize).then(this.#onChunk);
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
      const isFull = limit !== undefined && length + end === limit;
      const isWhole = newline !== -1 || chunk.length === 0 || isFull;
      if (parts.length > 0 || !isWhole) this.#socket.observer?.partial(!isWhole);
      if (parts.length === 0 && isWhole) return chunk.subarray(0, end);
      this.#isAtLine = false;
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

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

function asResult(line: Buffer): IteratorResult<Buffer, undefined> {
  return line.length === 0 ? END : { done: false, value: line };
}

/** Python says -1, or nothing, for "no limit". */
function limitOf(size: number | undefined): number | undefined {
  return size === undefined || size < 0 ? undefined : size;
}
