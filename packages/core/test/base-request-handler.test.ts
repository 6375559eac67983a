import { RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import { type Address, BaseRequestHandler, ManualClock, TCPServer, serverClass, strategies } from '../src';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

describe.each(strategies)('BaseRequestHandler: %s', (strategy) => {
  const Server = serverClass(strategy);

  it('has its request, the address that it comes from, and its server, from setup() on', async () => {
    const seen = moment<{ clientAddress: Address; peername: Address; server: unknown }>();
    class Looking extends BaseRequestHandler {
      override setup() {
        const { clientAddress, request, server } = this;
        seen.happen({ clientAddress, peername: request.getpeername(), server });
      }
    }
    await using running = new RunningServer(await Server.listen(anywhere, Looking));
    using peer = await running.connect();
    expect(await seen).toEqual({ clientAddress: peer.address, peername: peer.address, server: running.server });
    await peer.ending();
  });

  it('serves with the connection left half open by its peer', async () => {
    class Summing extends BaseRequestHandler {
      override async handle() {
        let count = 0;
        for (let part = await this.request.recv(9); part.length > 0; part = await this.request.recv(9)) {
          count += part.length;
        }
        await this.request.sendall(`${count} bytes`);
      }
    }
    await using running = new RunningServer(await Server.listen(anywhere, Summing));
    using peer = await running.connect();
    await peer.send('x'.repeat(100));
    expect(await peer.end().readAll()).toBe('100 bytes');
  });

  it('sends all of 8 MiB before the connection is closed', async () => {
    const size = 8 * 1024 * 1024;
    class Sending extends BaseRequestHandler {
      override handle() {
        return this.request.sendall(Buffer.alloc(size));
      }
    }
    await using running = new RunningServer(await Server.listen(anywhere, Sending));
    using peer = await running.connect();
    expect((await peer.readAll()).length).toBe(size);
  });

  it('can say itself when it is between two messages, and is told good-bye then', async () => {
    const ready = moment();
    class Waiting extends BaseRequestHandler {
      override get isBetweenMessages() {
        return this.request.receiving;
      }
      override async goodbye() {
        await this.request.sendall('bye');
      }
      override async handle() {
        const received = this.request.recv(1);
        ready.happen();
        await received;
      }
    }
    const server = await Server.listen(anywhere, Waiting, { clock: new ManualClock() });
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await running.connect();
    await ready;
    expect(await server.shutdown()).toMatchObject({ finished: 1, cut: [] });
    expect(await peer.readAll()).toBe('bye');
    expect(events.reasons).toEqual(['finished']);
  });

  it('calls finish() also when handle() throws at once', async () => {
    const calls: string[] = [];
    class Throwing extends BaseRequestHandler {
      override handle(): never {
        calls.push('handle');
        throw new RangeError('handle');
      }
      override finish() {
        calls.push('finish');
      }
    }
    const server = await Server.listen(anywhere, Throwing);
    server.handleError = () => void calls.push('handleError');
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await peer.ending();
    expect(calls).toEqual(['handle', 'finish', 'handleError']);
  });
});

describe('BaseRequestHandler', () => {
  it('does nothing by itself', async () => {
    await using running = new RunningServer(await TCPServer.listen(anywhere, BaseRequestHandler));
    using peer = await running.connect();
    expect(await peer.ending()).toBe('end');
  });

  it('may name the class of its server, to use what that adds', async () => {
    class CountingServer extends TCPServer {
      served = 0;
    }
    class Counting extends BaseRequestHandler {
      declare server: CountingServer;
      override handle() {
        this.server.served += 1;
      }
    }
    await using running = new RunningServer(await CountingServer.listen(anywhere, Counting));
    for (let count = 1; count <= 2; count += 1) {
      using peer = await running.connect();
      await peer.ending();
      expect(running.server.served).toBe(count);
    }
  });
});
