import { once } from 'node:events';
import * as net from 'node:net';

import type { Address } from '@socketserver/socket';

/** How a peer saw its connection end: orderly, or by a reset. */
export type Ending = 'end' | 'reset';

/**
 * The other side of a connection: a client made of `node:net` alone, so that a server is not tested with its own code.
 *
 * ```ts
 * using peer = await Peer.connect(server.serverAddress);
 * await peer.send('hello');
 * expect(String(await peer.read(5))).toBe('hello');
 * ```
 */
export class Peer {
  readonly socket: net.Socket;
  readonly #ending: Promise<Ending>;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    this.#ending = new Promise((resolve) => {
      socket.on('end', () => resolve('end')).on('close', () => resolve('reset'));
    });
    // A reset is an ending here, and no error.
    socket.on('error', () => undefined);
  }

  static async connect(this: void, address: Address): Promise<Peer> {
    const options = typeof address === 'string' ? { path: address } : { host: address[0], port: address[1] };
    const socket = net.connect({ ...options, allowHalfOpen: true });
    await once(socket, 'connect');
    return new Peer(socket.setNoDelay(true));
  }

  /** Where it connects from: what its server knows as the client's address. */
  get address(): Address {
    const { localAddress, localPort } = this.socket;
    return localAddress === undefined || localPort === undefined ? '' : [localAddress, localPort];
  }

  /** Resolves when the kernel has `data`. */
  send(data: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(data, (error) => (error == null ? resolve() : reject(error)));
    });
  }

  /** Exactly `n` bytes, or fewer when the connection ends before. */
  async read(n: number): Promise<Buffer> {
    const { socket } = this;
    const parts: Buffer[] = [];
    let length = 0;
    while (length < n) {
      const part = socket.read() as Buffer | null;
      if (part !== null) {
        parts.push(part);
        length += part.length;
      } else if (socket.readableEnded || socket.destroyed) break;
      else await readableOrClosed(socket);
    }
    const bytes = Buffer.concat(parts, length);
    if (length > n) socket.unshift(bytes.subarray(n));
    return bytes.subarray(0, n);
  }

  /** Everything to the end of the stream, as text. */
  async readAll(): Promise<string> {
    return (await this.read(Infinity)).toString();
  }

  /** Reads to the end, whatever comes, and tells how the server ended the connection. */
  ending(): Promise<Ending> {
    this.socket.resume();
    return this.#ending;
  }

  /** Ends its own direction; it can still read. */
  end(): this {
    this.socket.end();
    return this;
  }

  /** Resets the connection. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

function readableOrClosed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'close'] as const;
    const settle = (): void => {
      for (const event of events) socket.off(event, settle);
      resolve();
    };
    for (const event of events) socket.on(event, settle);
  });
}
