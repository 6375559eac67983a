import { once } from 'node:events';
import net from 'node:net';

import type { InetAddress } from '@socketserver/socket';

/** A real listener which stands for a roll call server: what it says is up to the test. */
export class ServerDouble {
  /** Where it listens, or listened. */
  address: InetAddress = ['127.0.0.1', 0];
  readonly #server = net.createServer({ allowHalfOpen: true, noDelay: true });
  readonly #sockets: net.Socket[] = [];
  readonly #waiting: ((socket: net.Socket) => void)[] = [];

  /** @param port 0 for any free one */
  static async open(port = 0): Promise<ServerDouble> {
    const double = new ServerDouble();
    double.#server.on('connection', (socket) => double.#connected(socket)).listen(port, '127.0.0.1');
    await once(double.#server, 'listening');
    double.address = ['127.0.0.1', (double.#server.address() as net.AddressInfo).port];
    return double;
  }

  /** A port where nobody listens. */
  static async nobody(): Promise<InetAddress> {
    const double = await ServerDouble.open();
    await double.close();
    return double.address;
  }

  /** How many connections there have been. */
  accepted = 0;

  /** The next connection. */
  accept(): Promise<net.Socket> {
    const next = this.#sockets[this.accepted];
    this.accepted += 1;
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Stops listening and ends every connection. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #connected(socket: net.Socket): void {
    socket.on('error', () => undefined);
    this.#sockets.push(socket);
    this.#waiting.shift()?.(socket);
  }
}

/** The next text that a client sends; '' at its end. */
export async function receive(socket: net.Socket): Promise<string> {
  for (;;) {
    const bytes = socket.read() as Buffer | null;
    if (bytes !== null) return bytes.toString();
    if (socket.readableEnded || socket.destroyed) return '';
    await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]);
  }
}
