import * as dgram from 'node:dgram';
import { once } from 'node:events';
import * as net from 'node:net';

import { type Peer, RecordedEvents, RunningServer } from '@socketserver/testing';

import { BaseRequestHandler, type BaseServer, type InetAddress } from '../src';

/** A server that serves, and everything that it tells; what its handlers throw is kept and not printed. */
export class Serving<S extends BaseServer> {
  readonly events: RecordedEvents;
  readonly errors: unknown[] = [];
  readonly running: RunningServer<S>;

  constructor(readonly server: S) {
    server.handleError = (error) => void this.errors.push(error);
    this.events = new RecordedEvents(server);
    this.running = new RunningServer(server);
  }

  connect(): Promise<Peer> {
    return this.running.connect();
  }

  async [Symbol.asyncDispose]() {
    await this.running[Symbol.asyncDispose]();
    this.events[Symbol.dispose]();
  }
}

/** Says that it is in, and stays until its client sends something or ends. */
export class Staying extends BaseRequestHandler {
  override async handle() {
    await this.request.sendall('in');
    await this.request.recv(1);
  }
}

/** Lets the event loop go round often enough for everything that can happen by itself. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await new Promise(setImmediate);
}

/** Connects from an address of one's own choice. */
export async function connectFrom(localAddress: string, [host, port]: InetAddress): Promise<net.Socket> {
  const socket = net.connect({ host, port, localAddress });
  await once(socket, 'connect');
  return socket.on('error', () => undefined);
}

/** A client for datagrams, made of `node:dgram` alone. */
export class UdpPeer {
  readonly #socket: dgram.Socket;
  readonly #address: InetAddress;
  readonly #received: string[] = [];

  private constructor(socket: dgram.Socket, address: InetAddress) {
    this.#socket = socket.on('message', (data) => {
      this.#received.push(String(data));
      this.#socket.emit('received');
    });
    this.#address = address;
  }

  static async to(address: unknown): Promise<UdpPeer> {
    const [host] = address as InetAddress;
    const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4').bind(0, host);
    await once(socket, 'listening');
    return new UdpPeer(socket, address as InetAddress);
  }

  /** Where it sends from. */
  get address(): InetAddress {
    const { address, port } = this.#socket.address();
    return [address, port];
  }

  send(data: Uint8Array | string): Promise<void> {
    const [host, port] = this.#address;
    return new Promise((resolve, reject) => {
      this.#socket.send(data, port, host, (error) => (error == null ? resolve() : reject(error)));
    });
  }

  /** The next datagram, as text. */
  async receive(): Promise<string> {
    while (this.#received.length === 0) await once(this.#socket, 'received');
    return this.#received.shift()!;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
