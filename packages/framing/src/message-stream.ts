/**
 * Codecs without a server: the messages in any stream of bytes, whether a socket, a file or a list of buffers.
 *
 * ```
 *   source ── chunk ──► decoder ── message ──► for await (const message of messages(source, codec))
 *                          │
 *                          └─ upgrade(next): what is undecoded, and all that follows, by another codec
 * ```
 *
 * One chunk at a time is asked of the source, and only when no whole message is left of the one before.
 */
import { types } from 'node:util';
import { show } from './check-option';
import type { Codec, Decoder } from './codec';
import { InvalidOptionError } from './errors';

/** Chunks of bytes; sockets and file streams are such, and arrays of buffers. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** The part of a codec that is needed to read. */
export type Reading<In> = Pick<Codec<In, never>, 'decoder'>;

const over: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The messages in a source of bytes.
 *
 * Leaving the loop early, and an error of the codec, close the source by its iterator's `return()`: a socket or a file
 * stream is destroyed then. Where it has to live on, give `stream.iterator({ destroyOnReturn: false })`.
 *
 * Chunks are not copied, and messages may be views of them: a source must not write to a chunk that it has given.
 *
 * @param source is iterated once; chunks that are not bytes (a stream with `setEncoding()`) make the first `next()` reject
 * with {@link InvalidOptionError}
 * @param codec finds the messages
 */
export function messages<In>(source: ByteSource, codec: Reading<In>): MessageStream<In> {
  if (typeof source !== 'object' || source === null) {
    throw new InvalidOptionError(
      `messages: the source is ${show(source)}; give something that chunks of bytes come out of, as a stream`,
      'source',
      source,
    );
  }
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  return new MessageStream(new Chunks(iterator), codec.decoder());
}

/** Messages, one after the other. Made by {@link messages}. */
export class MessageStream<In> implements AsyncIterableIterator<In> {
  /** Undefined once the stream is over early: left, failed or upgraded. */
  #chunks: Chunks | undefined;
  readonly #decoder: Decoder<In>;
  #hasEnded = false;
  /** How many calls of `next()` wait for bytes; each one behind waits for the latest before it. */
  #waiting = 0;
  #latest: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(chunks: Chunks | undefined, decoder: Decoder<In>) {
    this.#chunks = chunks;
    this.#decoder = decoder;
  }

  /**
   * The next message. Calls may overlap: they are answered in their order.
   *
   * Rejects once with the error of the codec or of the source; after that the stream is over.
   */
  next(): Promise<IteratorResult<In, undefined>> {
    if (this.#waiting > 0) return this.#wait();
    try {
      const result = this.#decode();
      return result === undefined ? this.#wait() : Promise.resolve(result);
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Ends the stream and closes the source, unless an upgrade has taken that over. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    await chunks?.close();
    return over;
  }

  /** The same as `return()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** The stream itself: it can be iterated once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Goes on with another codec: in what this stream has not decoded yet, and in all that follows. This stream is over then:
   * leaving its loop does not close the source any more, and calls of `next()` that still wait find no message.
   */
  upgrade<Next>(codec: Reading<Next>): MessageStream<Next> {
    const decoder = codec.decoder();
    decoder.feed(this.#decoder.take());
    const chunks = this.#chunks;
    this.#chunks = undefined;
    return new MessageStream(chunks, decoder);
  }

  /**
   * Removes and returns the bytes that have come and are not decoded: for a log after an error, or for whoever reads on
   * when the stream is over.
   */
  rest(): Buffer {
    return this.#decoder.take();
  }

  /** The next result, or undefined if that takes more bytes. */
  #decode(): IteratorResult<In, undefined> | undefined {
    if (this.#chunks === undefined) return over;
    const message = this.#decoder.next();
    if (message !== undefined) return { done: false, value: message };
    if (!this.#chunks.haveEnded) return undefined;
    if (this.#hasEnded) return over;
    this.#hasEnded = true;
    this.#decoder.end();
    return this.#decode();
  }

  #wait(): Promise<IteratorResult<In, undefined>> {
    const result = this.#waiting === 0 ? this.#receive() : this.#latest.then(() => this.#receive());
    const isDone = () => void this.#waiting--;
    this.#waiting++;
    this.#latest = result.then(isDone, isDone);
    return result;
  }

  async #receive(): Promise<IteratorResult<In, undefined>> {
    const chunks = this.#chunks;
    try {
      // It may be upgraded while it waits; the chunk, or the error, is then for the stream that has taken over.
      while (chunks !== undefined && chunks === this.#chunks) {
        const result = this.#decode();
        if (result !== undefined) return result;
        const chunk = await chunks.peek();
        if (chunk === undefined || chunks !== this.#chunks) continue;
        chunks.drop();
        this.#decoder.feed(chunk);
      }
      return over;
    } catch (error) {
      return chunks === this.#chunks ? this.#fail(error) : over;
    }
  }

  async #fail(error: unknown): Promise<never> {
    // The first error is the one to hear of.
    await this.return().catch(() => undefined);
    throw error;
  }
}

/** A source's iterator, with one chunk that can be looked at before it is taken. */
class Chunks {
  haveEnded = false;
  #isClosed = false;
  #next: Promise<Buffer | undefined> | undefined;

  constructor(private readonly iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>) {}

  /** The next chunk, which stays the next until it is dropped; undefined at the end. */
  peek(): Promise<Buffer | undefined> {
    return (this.#next ??= this.#pull());
  }

  drop(): void {
    this.#next = undefined;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.iterator.return?.();
  }

  async #pull(): Promise<Buffer | undefined> {
    const { done, value } = await this.#result();
    if (done === true) {
      this.haveEnded = this.#isClosed = true;
      return undefined;
    }
    if (Buffer.isBuffer(value)) return value;
    if (types.isUint8Array(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    throw new InvalidOptionError(
      `messages: the source gave ${show(value)} instead of bytes; give chunks that are Uint8Array, without an encoding`,
      'source',
      value,
    );
  }

  async #result(): Promise<IteratorResult<Uint8Array, unknown>> {
    try {
      return await this.iterator.next();
    } catch (error) {
      // Who fails has closed itself: a loop over it would not call return() either.
      this.#isClosed = true;
      throw error;
    }
  }
}
