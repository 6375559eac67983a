/**
 * The part that all decoders share: where the undecoded bytes are, who owns them, and how a decoder fails and ends.
 *
 * A subclass sees one window of contiguous bytes and cuts messages from its front:
 *
 * ```
 *   bytes   ▒▒▒▒▒▒▒▒▒▒▒▒████████████████░░░░░░░░
 *           0           from            to
 * ```
 *
 * Most of the time the window *is* the chunk that was fed, so nothing is copied. When a chunk ends inside a message, the
 * part is copied into a buffer of our own, and the chunk is let go. Of the following chunk only what `reach()` says is
 * copied behind it; that buffer goes away with its message, and the window moves to the rest of the chunk:
 *
 * ```
 *   chunks    │aaaaabbb│bbcccccddd│dd…
 *   windows   │aaaaabbb│                a: a view of the chunk
 *                  │bbb·bb│             b: copied
 *                        │cccccddd│     c: a view of the chunk
 *                              │ddd·dd│ d: copied
 * ```
 *
 * Our own buffer doubles up to `most`, so a message that comes byte by byte costs time in proportion to its length.
 */
import { ChunkQueue } from './chunk-queue';
import type { Decoder } from './codec';
import { TruncatedMessageError } from './errors';

/** The window of a decoder that holds nothing: no chunk is kept alive by a decoder at rest. */
const nothing = Buffer.alloc(0);

/** The smallest buffer for an incomplete message, in bytes. */
const smallest = 256;

export abstract class StreamDecoder<In> implements Decoder<In> {
  /** The window: the bytes from `from` to `to` are undecoded. It is empty only if nothing is buffered at all. */
  protected bytes: Buffer = nothing;
  /** Where the window begins in `bytes`; `decode()` moves it behind the message that it returns. */
  protected from = 0;
  /** Where the window ends in `bytes`; behind it there may be old bytes. */
  protected to = 0;
  /** Whether the window is a buffer of our own (one incomplete message) or still a chunk as it was fed. */
  protected owned = false;
  /** How many bytes at the front of the window `decode()` has already looked at without finding the end of a message. */
  protected seen = 0;

  /** `decode()` has seen this window and needs more. */
  #starved = false;
  #ended = false;
  /** A message that `end()` decoded to find out whether one is left. */
  #ahead: In | undefined;
  /** In an object, because anything can be thrown. */
  #failure: { readonly error: unknown } | undefined;
  /** What was fed behind the window. */
  readonly #queue = new ChunkQueue();

  /**
   * @param most how many bytes of one message `decode()` needs at most, either to return it or to refuse it
   * @param unit what a message is called in errors
   */
  constructor(
    private readonly most: number,
    private readonly unit: string,
  ) {}

  /**
   * The message at the front of the window, or undefined if the window holds only a part of it; with `most` bytes there is
   * no third way besides returning a message and throwing. Moves `from` behind the message that it returns, and never
   * otherwise: what was refused can still be taken. Called only when the window has changed.
   */
  protected abstract decode(): In | undefined;

  /** How many bytes of `chunk` (at least 1) may belong to the incomplete message in the window; `most` is a bound anyway. */
  protected reach(chunk: Buffer): number {
    return chunk.length;
  }

  /** The message that an incomplete one in the window makes at the end of the stream; undefined if that is an error. */
  protected decodeLast(): In | undefined {
    return undefined;
  }

  get buffered(): number {
    return this.to - this.from + this.#queue.bytes;
  }

  feed(chunk: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (chunk.length === 0) return;
    if (this.from === this.to) this.#show(chunk);
    else this.#queue.push(chunk);
  }

  next(): In | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    const ahead = this.#ahead;
    if (ahead !== undefined) {
      this.#ahead = undefined;
      return ahead;
    }
    if (this.from === this.to) return undefined;
    try {
      return this.#next();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  end(): void {
    this.#ended = true;
    this.#ahead = this.next();
  }

  take(): Buffer {
    const window = this.bytes.subarray(this.from, this.to);
    const rest = this.#queue.bytes === 0 ? window : Buffer.concat([window, ...this.#queue.drain()]);
    this.#show(nothing);
    return rest;
  }

  #next(): In | undefined {
    for (;;) {
      const message = this.#starved ? undefined : this.decode();
      if (message !== undefined) {
        this.seen = 0;
        if (this.from === this.to) this.#showNext();
        return message;
      }
      this.seen = this.to - this.from;
      const chunk = this.#queue.peek();
      if (chunk === undefined) break;
      this.#append(chunk);
    }
    if (this.#ended) return this.#last();
    this.#starved = true;
    if (!this.owned) this.#reserve(0);
    return undefined;
  }

  #last(): In {
    const message = this.decodeLast();
    const length = this.to - this.from;
    if (message === undefined) {
      throw new TruncatedMessageError(`the stream ended ${length} bytes into ${this.unit}`, {
        bytes: this.bytes.subarray(this.from, this.to),
        length,
      });
    }
    this.#show(nothing);
    return message;
  }

  /** Makes a whole chunk the window. */
  #show(chunk: Buffer): void {
    this.bytes = chunk;
    this.from = 0;
    this.to = chunk.length;
    this.owned = false;
    this.seen = 0;
    this.#starved = false;
  }

  /** Leaves a window that has been used up for what is behind it. */
  #showNext(): void {
    const chunk = this.#queue.peek() ?? nothing;
    this.#queue.drop(chunk.length);
    this.#show(chunk);
  }

  /** Moves what the incomplete message may use of the next chunk behind it, into the window. */
  #append(chunk: Buffer): void {
    const count = Math.min(this.reach(chunk), this.most - (this.to - this.from));
    this.#reserve(count);
    chunk.copy(this.bytes, this.to, 0, count);
    this.to += count;
    this.#queue.drop(count);
    this.#starved = false;
  }

  /** Makes the window a buffer of our own with room for `count` more bytes. */
  #reserve(count: number): void {
    if (this.owned && this.to + count <= this.bytes.length) return;
    const held = this.to - this.from;
    const needed = held + count;
    // Views of the old buffer may be messages by now, so it is left as it is.
    const bytes = Buffer.allocUnsafe(Math.max(needed, Math.min(this.most, Math.max(smallest, 2 * needed))));
    this.bytes.copy(bytes, 0, this.from, this.to);
    this.bytes = bytes;
    this.from = 0;
    this.to = held;
    this.owned = true;
  }
}
