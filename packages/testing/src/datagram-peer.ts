import * as dgram from 'node:dgram';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { constants } from 'node:os';

import { type Address, formatAddress } from '@socketserver/socket';

import { TestingError } from './errors';

/** Milliseconds to wait for a datagram: it may have been lost, and then none comes. */
const PATIENCE = 10_000;

/** Tries to send to a path that is full, one in each turn of the event loop. */
const MOST_TRIES = 10_000;

/** The numbers of the system that say so: on Linux EAGAIN, on macOS ENOBUFS. */
const FULL: ReadonlySet<number | undefined> = new Set([-constants.errno.EAGAIN, -constants.errno.ENOBUFS]);

type UnixError = Error & { errno?: number };

/** What is used of a socket of `unix-dgram`. */
interface UnixSocket {
  bind(path: string): void;
  send(data: Buffer, offset: number, length: number, path: string, done: (error?: UnixError) => void): void;
  close(): void;
}

interface UnixDgram {
  createSocket(this: void, type: 'unix_dgram', onMessage: (data: Buffer) => void): UnixSocket;
}

let paths = 0;

/**
 * A client that sends datagrams to one server and takes its answers: made of `node:dgram` and `unix-dgram` alone, so that
 * a server is not tested with its own code.
 *
 * ```ts
 * using peer = await DatagramPeer.connect(server.serverAddress);
 * await peer.send('hello');
 * expect(String(await peer.read())).toBe('hello');
 * ```
 */
export class DatagramPeer {
  /** Where it sends from: what its server knows as the client's address. */
  readonly address: Address;
  readonly #server: Address;
  readonly #send: (data: Buffer, done: (error?: Error | null) => void) => void;
  readonly #close: () => void;
  #arrived: Buffer[] = [];
  #onArrival: (() => void) | null = null;
  #isClosed = false;

  private constructor(
    server: Address,
    address: Address,
    send: (data: Buffer, done: (error?: Error | null) => void) => void,
    close: () => void,
  ) {
    this.#server = server;
    this.address = address;
    this.#send = send;
    this.#close = close;
  }

  /** Whether the optional package for Unix datagrams is there. */
  static get hasUnix(): boolean {
    try {
      return loadUnixDgram() !== undefined;
    } catch {
      return false;
    }
  }

  /** Nothing is sent yet. Over a path it takes one of its own beside it, so that it can be answered. */
  static async connect(this: void, server: Address): Promise<DatagramPeer> {
    return typeof server === 'string' ? DatagramPeer.#ofPath(server) : DatagramPeer.#ofHost(server);
  }

  static async #ofHost(server: readonly [host: string, port: number]): Promise<DatagramPeer> {
    const [host, port] = server;
    const socket = dgram.createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.bind(0, isIPv6(host) ? '::1' : '127.0.0.1');
    await once(socket, 'listening');
    const own = socket.address();
    const send = (data: Buffer, done: (error?: Error | null) => void): void => socket.send(data, port, host, done);
    const peer = new DatagramPeer(server, [own.address, own.port], send, () => socket.close());
    // Not connected, it hears of no error but those of its own calls.
    socket.on('message', (data) => peer.#arrives(data)).on('error', () => undefined);
    return peer;
  }

  static #ofPath(server: string): DatagramPeer {
    const { createSocket } = loadUnixDgram();
    const path = `${server}.${(paths += 1)}`;
    const socket = createSocket('unix_dgram', (data) => peer.#arrives(data));
    const close = (): void => {
      socket.close();
      rmSync(path, { force: true });
    };
    const peer: DatagramPeer = new DatagramPeer(
      server,
      path,
      (data, done) => sendByPath(socket, data, server, done),
      close,
    );
    socket.bind(path);
    return peer;
  }

  /** Sends one datagram; resolves when the kernel has it. */
  send(data: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#send(Buffer.from(data), (error) => (error == null ? resolve() : reject(error)));
    });
  }

  /**
   * The next datagram: its first `n` bytes at most, as with `recv(n)`.
   *
   * @throws {TestingError} `ERR_NO_DATAGRAM` when none has come for ten seconds
   */
  async read(n = Infinity): Promise<Buffer> {
    if (this.#arrived.length === 0) await this.#arrival();
    return (this.#arrived.shift() ?? Buffer.alloc(0)).subarray(0, n);
  }

  /** How many datagrams wait to be read. */
  get pending(): number {
    return this.#arrived.length;
  }

  /** Idempotent. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#close();
  }

  #arrives(data: Buffer): void {
    this.#arrived.push(data);
    this.#onArrival?.();
  }

  #arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `no datagram came from ${formatAddress(this.#server)} within ${PATIENCE} ms`;
        reject(new TestingError(`${message}; was it answered, and to this peer?`, 'ERR_NO_DATAGRAM'));
      }, PATIENCE);
      this.#onArrival = () => {
        clearTimeout(timer);
        this.#onArrival = null;
        resolve();
      };
    });
  }
}

/** A path takes few datagrams at a time (ten, on Linux): while it is full, every turn of the event loop is a new try. */
function sendByPath(socket: UnixSocket, data: Buffer, path: string, done: (error?: Error) => void, tries = 0): void {
  socket.send(data, 0, data.length, path, (error) => {
    const isFull = error !== undefined && FULL.has(error.errno);
    if (isFull && tries < MOST_TRIES) setImmediate(() => sendByPath(socket, data, path, done, tries + 1));
    else done(error);
  });
}

function loadUnixDgram(): UnixDgram {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded only when first needed
  return require('unix-dgram') as UnixDgram;
}
