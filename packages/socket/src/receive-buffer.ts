/** Bytes that have arrived and nobody has asked for yet: a first-in, first-out queue of chunks. */
export class ReceiveBuffer {
  #chunks: Buffer[] | null = null;
  /** Where the unread part of the first chunk begins. */
  #offset = 0;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    const chunks = this.#chunks;
    if (chunks === null) {
      this.#chunks = [chunk];
      return;
    }
    // Crumbs are joined, so that a peer that sends byte by byte cannot make a chunk object out of each.
    const last = chunks.length - 1;
    const tail = chunks[last];
    if (tail !== undefined && tail.length + chunk.length <= CRUMBS) chunks[last] = Buffer.concat([tail, chunk]);
    else chunks.push(chunk);
  }

  /** Puts bytes that were taken back in front of all others. */
  unshift(chunk: Buffer): void {
    const rest = this.#chunks ?? [];
    const first = rest[0];
    if (first !== undefined) rest[0] = first.subarray(this.#offset);
    this.#chunks = [chunk, ...rest];
    this.#offset = 0;
    this.#length += chunk.length;
  }

  /**
   * At most `n` bytes, and never more than one chunk holds: like `recv`, it may give fewer than there are, and no byte
   * is copied.
   */
  take(n: number): Buffer {
    const chunk = this.#chunks?.[0];
    if (chunk === undefined) return EMPTY;
    const end = Math.min(this.#offset + n, chunk.length);
    const taken = this.#offset === 0 && end === chunk.length ? chunk : chunk.subarray(this.#offset, end);
    this.#advance(chunk, end);
    return taken;
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
    this.#chunks = null;
    this.#offset = 0;
    this.#length = 0;
  }

  #advance(chunk: Buffer, end: number): void {
    this.#length -= end - this.#offset;
    if (end < chunk.length) {
      this.#offset = end;
      return;
    }
    this.#offset = 0;
    if (this.#length === 0) this.#chunks = null;
    else this.#chunks?.shift();
  }
}

/** The chunk with nothing in it: what `recv` gives at the end of a stream. */
export const EMPTY: Buffer = Buffer.alloc(0);

/** Bytes. Neighbouring chunks that fit into this together are joined. */
const CRUMBS = 2048;
