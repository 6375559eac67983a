import { Peer, RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  ManualClock,
  type Socket,
  SocketError,
  formatAddress,
  serverClass,
  strategies,
} from '@socketserver/core';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

class Greet extends BaseRequestHandler {
  override handle() {
    return this.request.sendall(`hello ${formatAddress(this.clientAddress)}\n`);
  }
}

/** What Python's programs do with hooks that they override without calling what they override. */
describe.each(strategies)('a hook that takes the place of the one it overrides (%s)', (strategy) => {
  const Server = serverClass(strategy, 'tcp');

  it('getRequest() says who the client is', async () => {
    class Behind extends Server {
      override async getRequest() {
        const [request] = await super.getRequest();
        request.setNoDelay();
        return [request, ['192.0.2.7', 7]] as const;
      }
    }
    await using running = new RunningServer(await Behind.listen(anywhere, Greet));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    expect(await peer.readAll()).toBe('hello 192.0.2.7:7\n');
    await events.stopped(1);
    expect(events.stops).toEqual([expect.objectContaining({ clientAddress: ['192.0.2.7', 7] })]);
  });

  it('verifyRequest() chooses clients by their address, and asks elsewhere about them', async () => {
    const welcome = new Set<string>();
    class Choosy extends Server {
      override async verifyRequest(_request: Socket, clientAddress: Address) {
        await new Promise(setImmediate);
        return welcome.has(formatAddress(clientAddress));
      }
    }
    await using running = new RunningServer(await Choosy.listen(anywhere, Greet));
    using events = new RecordedEvents(running.server);
    using stranger = await running.connect();
    expect(await stranger.readAll()).toBe('');
    await events.stopped(1);
    // Its address is known before the server takes it only if the server does not take it yet.
    await running.server.shutdown();
    await running.done;
    using guest = await Peer.connect(running.server.serverAddress);
    welcome.add(formatAddress(guest.address));
    await running.server.handleRequest();
    expect(await guest.readAll()).toBe(`hello ${formatAddress(guest.address)}\n`);
    await events.stopped(2);
    expect(events.reasons).toEqual(['refused', 'finished']);
  });

  it('processRequest() keeps requests until there is a pair of them', async () => {
    class Pairing extends Server {
      readonly waiting: Socket[] = [];
      override processRequest(request: Socket) {
        const first = this.waiting.shift();
        if (first === undefined) this.waiting.push(request);
        else void this.#introduce(first, request);
      }
      async #introduce(first: Socket, second: Socket) {
        for (const each of [first, second]) {
          await each.sendall('you are two\n');
          await this.shutdownRequest(each);
        }
      }
    }
    await using running = new RunningServer(await Pairing.listen(anywhere, Greet));
    using events = new RecordedEvents(running.server);
    using first = await running.connect();
    await events.started(1);
    using second = await running.connect();
    expect(await Promise.all([first.readAll(), second.readAll()])).toEqual(['you are two\n', 'you are two\n']);
    await events.stopped(2);
    expect(running.server.activeConnections).toBe(0);
  });

  it('shutdownRequest() leaves the connection to somebody else', async () => {
    const kept = moment<Socket>();
    class Keeping extends Server {
      override shutdownRequest(request: Socket) {
        kept.happen(request);
      }
    }
    await using running = new RunningServer(await Keeping.listen(anywhere, Greet));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    const socket = await kept;
    await events.stopped(1);
    expect(running.server.activeConnections).toBe(0);
    await socket.sendall('still here\n');
    socket.close();
    expect(await peer.readAll()).toBe(`hello ${formatAddress(peer.address)}\nstill here\n`);
  });

  it('closeRequest() is told of each request once, also when the peer has gone', async () => {
    class Counting extends Server {
      readonly closed: Address[] = [];
      override closeRequest(request: Socket) {
        this.closed.push(request.getpeername());
        return super.closeRequest(request);
      }
    }
    class WaitForEnd extends BaseRequestHandler {
      override async handle() {
        await this.request.recv(1);
      }
    }
    await using running = new RunningServer(await Counting.listen(anywhere, WaitForEnd));
    using events = new RecordedEvents(running.server);
    const addresses: Address[] = [];
    using leaving = await running.connect();
    addresses.push(leaving.address);
    leaving.end();
    await events.stopped(1);
    using resetting = await running.connect();
    addresses.push(resetting.address);
    await events.started(2);
    resetting.reset();
    await events.stopped(2);
    expect(running.server.closed).toEqual(addresses);
    expect(events.reasons).toEqual(['peer-closed', 'reset']);
  });

  it('handleError() can still answer', async () => {
    class Apologizing extends Server {
      override async handleError(error: unknown, request: Socket, clientAddress: Address) {
        await request.sendall(`${formatAddress(clientAddress)}: ${(error as Error).message}\n`);
      }
    }
    class Failing extends BaseRequestHandler {
      override handle() {
        throw new RangeError('out of tea');
      }
    }
    await using running = new RunningServer(await Apologizing.listen(anywhere, Failing));
    using peer = await running.connect();
    expect(await peer.readAll()).toBe(`${formatAddress(peer.address)}: out of tea\n`);
  });

  it('serviceActions() works while nobody comes', async () => {
    const thrice = moment();
    class Busy extends Server {
      turns = 0;
      override serviceActions() {
        this.turns += 1;
        if (this.turns === 3) thrice.happen();
      }
    }
    await using running = new RunningServer(await Busy.listen(anywhere, Greet), { pollInterval: 1 });
    await thrice;
    using peer = await running.connect();
    expect(await peer.readAll()).toMatch(/^hello /);
  });

  it('serviceActions() that throws ends the loop, and whoever waits for shutdown() goes on', async () => {
    const failure = new RangeError('serviceActions');
    class Failing extends Server {
      override async serviceActions() {
        throw failure;
      }
    }
    await using running = new RunningServer(await Failing.listen(anywhere, Greet), { pollInterval: 1 });
    await expect(running.done).rejects.toBe(failure);
    await running.server.shutdown();
  });

  it('handleTimeout() that throws is what handleRequest() ends with', async () => {
    const failure = new SocketError('nobody', 'ETIMEDOUT');
    class Strict extends Server {
      override timeout = 10;
      override handleTimeout(): never {
        throw failure;
      }
    }
    const clock = new ManualClock();
    await using server = await Strict.listen(anywhere, Greet, { clock });
    const handled = server.handleRequest();
    clock.advance(10);
    await expect(handled).rejects.toBe(failure);
  });

  it('setup() prepares what handle() uses, and finish() returns it, whatever happens', async () => {
    const pool = { taken: 0 };
    class Borrowing extends BaseRequestHandler {
      override async setup() {
        await new Promise(setImmediate);
        pool.taken += 1;
      }
      override async handle() {
        await this.request.sendall(`${pool.taken}\n`);
        throw new RangeError('handle');
      }
      override async finish() {
        await new Promise(setImmediate);
        pool.taken -= 1;
      }
    }
    class Quiet extends Server {
      override handleError() {}
    }
    await using running = new RunningServer(await Quiet.listen(anywhere, Borrowing));
    using peer = await running.connect();
    expect(await peer.readAll()).toBe('1\n');
    expect(pool.taken).toBe(0);
  });
});
