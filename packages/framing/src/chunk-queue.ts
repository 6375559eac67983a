/** In the place of a chunk that is done with, so that it can be collected before the whole queue is through. */
const gone = Buffer.alloc(0);

/** The chunks of a stream that nobody has looked at yet, oldest first. Taking bytes from the front costs no copy. */
export class ChunkQueue {
  #chunks: Buffer[] = [];
  /** Where the oldest chunk is; moving this instead of the chunks keeps ten thousand one-byte chunks cheap. */
  #head = 0;
  #bytes = 0;

  /** How many bytes all chunks have together. */
  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The oldest chunk, which stays in the queue; undefined if there is none. */
  peek(): Buffer | undefined {
    return this.#chunks[this.#head];
  }

  /** Removes `count` bytes, at most the oldest chunk's length, from the front. */
  drop(count: number): void {
    const chunk = this.#chunks[this.#head];
    if (chunk === undefined) return;
    this.#bytes -= count;
    if (count < chunk.length) {
      this.#chunks[this.#head] = chunk.subarray(count);
    } else if (++this.#head === this.#chunks.length) {
      this.#chunks.length = this.#head = 0;
    } else {
      this.#chunks[this.#head - 1] = gone;
    }
  }

  /** Removes and returns all chunks. */
  drain(): Buffer[] {
    const chunks = this.#chunks.slice(this.#head);
    this.#chunks = [];
    this.#head = this.#bytes = 0;
    return chunks;
  }
}
