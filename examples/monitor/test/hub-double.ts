import { on, once } from 'node:events';
import net from 'node:net';

/** A real listener which stands for a hub: it collects what agents send. */
export class HubDouble {
  readonly sockets: net.Socket[] = [];
  /** Where it listens, or listened. */
  address: readonly [string, number] = ['', 0];
  readonly #server = net.createServer({ allowHalfOpen: true });
  readonly #arrivals = on(this.#server, 'connection');

  /** @param port 0 for any free one */
  static async open(port = 0): Promise<HubDouble> {
    const hub = new HubDouble();
    hub.#server.on('connection', (socket: net.Socket) => {
      hub.sockets.push(socket);
      socket.on('error', () => undefined);
    });
    hub.#server.listen(port, '127.0.0.1');
    await once(hub.#server, 'listening');
    hub.address = ['127.0.0.1', (hub.#server.address() as net.AddressInfo).port];
    return hub;
  }

  /** The next connection. */
  async accept(): Promise<net.Socket> {
    const { value } = (await this.#arrivals.next()) as { value: [net.Socket] };
    return value[0];
  }

  /** Stops listening and ends every connection. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

/** The next `length` bytes of a connection, as text. */
export async function receive(socket: net.Socket, length = 67): Promise<string> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes !== null) return bytes.toString();
    await once(socket, 'readable');
  }
}
