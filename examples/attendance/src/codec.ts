/**
 * What a client of the text protocol sends. There is no length and no end of line; what ends a request is its code:
 *
 * ```
 *   101,teacher042191010/101,student          two requests in one segment
 *   ├── input ─┤├ code ┤
 * ```
 *
 * An input has no comma, so the code is what follows the first one, and no code begins with another. That makes a request
 * end at the same byte however the network cuts the stream.
 *
 * What never becomes a request ends by a line break, or by a second without a byte: the lecture notes' clients send once
 * and wait. It is handed on like a request, because its answer, an error, is worded where all answers are.
 */
import type { Codec, Decoder } from '@socketserver/framing';

/** What can follow the comma: two codes of the lecture notes' program, two of their assignment. */
export const CODES = ['teacher', 'student', 'professor', 'aluno'] as const;

/** Bytes that a request has at most: what the notes' server receives at once. */
export const MAX_REQUEST = 1024;

/** Milliseconds without a byte after which a beginning is given up. */
const SILENCE = 1000;

const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

const codes = CODES.map((code) => Buffer.from(code));

/**
 * Finds requests; encodes replies.
 *
 * A decoder of it never fails: what is no request comes out as text too, cut to one byte more than a request can have.
 */
export const requests: Codec<string> = {
  decoder: () => new RequestDecoder(),
  encode: (reply) => Buffer.from(reply),
};

class RequestDecoder implements Decoder<string> {
  readonly silence = SILENCE;

  /** What was fed and not looked at: never more than one chunk while somebody pulls. */
  #rest: Buffer = Buffer.alloc(0);
  /** The beginning of a request; one byte more than the longest is enough to know that it is none. */
  readonly #piece = Buffer.allocUnsafe(MAX_REQUEST + 1);
  /** How many bytes belong to it, also those which had no room. */
  #length = 0;
  /** Where its code begins; -1 before the comma. */
  #codeAt = -1;
  /** No more bytes belong to it. */
  #isOver = false;

  get buffered(): number {
    return this.#length + this.#rest.length;
  }

  feed(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  next(): string | undefined {
    const rest = this.#rest;
    for (let at = 0; at < rest.length; at += 1) {
      if (this.#add(rest[at]!)) {
        this.#rest = rest.subarray(at + 1);
        return this.#takePiece();
      }
    }
    this.#rest = rest.subarray(rest.length);
    // A client that ends is answered as one that falls silent: it may have closed only its sending side.
    if (!this.#isOver || this.#length === 0) return undefined;
    this.#isOver = false;
    return this.#takePiece();
  }

  lapse(): void {
    this.#isOver = this.buffered > 0;
  }

  end(): void {
    this.lapse();
  }

  take(): Buffer {
    const bytes = Buffer.concat([this.#piece.subarray(0, Math.min(this.#length, MAX_REQUEST + 1)), this.#rest]);
    this.#rest = Buffer.alloc(0);
    this.#reset();
    return bytes;
  }

  /** Takes one byte to the piece. @returns whether that ends it */
  #add(byte: number): boolean {
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN) return this.#length > 0;
    if (this.#length <= MAX_REQUEST) this.#piece[this.#length] = byte;
    this.#length += 1;
    if (byte === COMMA && this.#codeAt === -1) this.#codeAt = this.#length;
    else if (this.#codeAt !== -1 && this.#length <= MAX_REQUEST) return this.#hasCode();
    return false;
  }

  #hasCode(): boolean {
    const length = this.#length - this.#codeAt;
    return codes.some((code) => code.length === length && code.compare(this.#piece, this.#codeAt, this.#length) === 0);
  }

  #takePiece(): string {
    const text = this.#piece.toString('utf8', 0, Math.min(this.#length, MAX_REQUEST + 1));
    this.#reset();
    return text;
  }

  #reset(): void {
    this.#length = 0;
    this.#codeAt = -1;
  }
}
