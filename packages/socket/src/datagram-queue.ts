import type { Address } from './address';

/** A datagram, and who sent it. */
export type Datagram = readonly [data: Buffer, from: Address];

/** Datagrams that wait for a reader. */
const PACKET_LIMIT = 1024;
/** Bytes of them: 4 MiB. */
const BYTE_LIMIT = 4_194_304;

/** Datagrams that have arrived and nobody has asked for yet. What does not fit is dropped, as a full kernel buffer does. */
export class DatagramQueue {
  /** How many did not fit. */
  dropped = 0;

  #waiting: Datagram[] = [];
  /** Where the queue begins in {@link #waiting}: shifting an array of a thousand for each datagram would cost. */
  #head = 0;
  #bytes = 0;

  get length(): number {
    return this.#waiting.length - this.#head;
  }

  push(datagram: Datagram): void {
    const bytes = this.#bytes + datagram[0].length;
    if (this.length >= PACKET_LIMIT || bytes > BYTE_LIMIT) {
      this.dropped++;
      return;
    }
    this.#bytes = bytes;
    this.#waiting.push(datagram);
  }

  shift(): Datagram | undefined {
    const datagram = this.#waiting[this.#head];
    if (datagram === undefined) return undefined;
    this.#bytes -= datagram[0].length;
    this.#waiting[this.#head++] = NOTHING;
    if (this.#head === 1 && this.#waiting.length === 1) {
      this.#waiting.pop(); // The usual case, and the array keeps its memory.
      this.#head = 0;
    } else if (this.#head === this.#waiting.length) this.clear();
    else if (this.#head === PACKET_LIMIT) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return datagram;
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#head = 0;
    this.#bytes = 0;
  }
}

/** Stands where a datagram has been taken, so that its memory is free. */
const NOTHING: Datagram = [Buffer.alloc(0), ''];
