import type { ByteSource } from './stream-reader';

/** One packet as a source of bytes: what has come is all there will ever be. */
export class PacketSource implements ByteSource {
  readonly observer = null;
  readonly receiving = false;
  #rest: Buffer;

  constructor(packet: Buffer) {
    this.#rest = packet;
  }

  get buffered(): number {
    return this.#rest.length;
  }

  recv(n: number): Promise<Buffer> {
    const part = this.#rest.subarray(0, n);
    this.#rest = this.#rest.subarray(part.length);
    return Promise.resolve(part);
  }
}
