import type { Duplex } from 'node:stream';

/** What is used of one of Node's sockets here: the end of a relay has it as well. */
export interface Transport extends Duplex {
  /** Bytes that have come. */
  readonly bytesRead: number;
  /** Bytes that were sent. */
  readonly bytesWritten: number;
  /** The host of this end. */
  readonly localAddress?: string | undefined;
  /** The port of this end. */
  readonly localPort?: number | undefined;
  /** Undefined over a path, and where the peer has reset the connection. */
  readonly remotePort?: number | undefined;
  /** Whether small writes go at once. */
  setNoDelay(isOn: boolean): this;
  /** @param delay milliseconds */
  /** Whether the system asks if the peer is still there. */
  setKeepAlive(isOn: boolean, delay: number): this;
  /** Closes when all that was written has left. */
  destroySoon(): void;
  /** Closes with a reset. */
  resetAndDestroy(): this;
}
