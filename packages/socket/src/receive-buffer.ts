/** Bytes that have arrived and nobody has asked for yet: a first-in, first-out queue of chunks. */
export class ReceiveBuffer {
  /** The oldest chunk. Mostly it is the only one, and then there is no list. */
  #first: Buffer | null = null;
  /** Where its unread part begins. */
  #offset = 0;
  #rest: Buffer[] | null = null;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#first === null) {
      this.#first = chunk;
      return;
    }
    // Crumbs are joined, so that a peer that sends byte by byte cannot make a chunk object out of each.
    const last = this.#rest?.at(-1) ?? this.#first;
    const fits = last.length + chunk.length <= CRUMBS;
    if (!fits) (this.#rest ??= []).push(chunk);
    else if (this.#rest === null) this.#first = Buffer.concat([last, chunk]);
    else this.#rest[this.#rest.length - 1] = Buffer.concat([last, chunk]);
  }

  /** Puts bytes that were taken back in front of all others. */
  unshift(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#first !== null) (this.#rest ??= []).unshift(this.#first.subarray(this.#offset));
    this.#first = chunk;
    this.#offset = 0;
  }

  /**
   * At most `n` bytes, and never more than one chunk holds: like `recv`, it may give fewer than there are, and no byte
   * is copied.
   */
  take(n: number): Buffer {
    const chunk = this.#first;
    if (chunk === null) return EMPTY;
    const start = this.#offset;
    const end = Math.min(start + n, chunk.length);
    this.#length -= end - start;
    if (end < chunk.length) this.#offset = end;
    else this.#next();
    return start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
  }

  /** Copies as many bytes as there are and fit into `target`; returns how many. */
  takeInto(target: Uint8Array): number {
    let written = 0;
    while (written < target.length && this.#length > 0) {
      const part = this.take(target.length - written);
      target.set(part, written);
      written += part.length;
    }
    return written;
  }

  clear(): void {
    this.#first = this.#rest = null;
    this.#offset = this.#length = 0;
  }

  /** The first chunk is used up: the next one takes its place. */
  #next(): void {
    const rest = this.#rest;
    this.#offset = 0;
    this.#first = rest?.shift() ?? null;
    if (rest?.length === 0) this.#rest = null;
  }
}

/** The chunk with nothing in it: what `recv` gives at the end of a stream. */
export const EMPTY: Buffer = Buffer.alloc(0);

/** Bytes. Neighbouring chunks that fit into this together are joined. */
const CRUMBS = 2048;
