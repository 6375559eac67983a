import { Peer, RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import { SocketError } from '@socketserver/socket';

import { type Address, ManualClock, OptionError, ServerStateError, TCPServer, serverClass, strategies } from '../src';
import { Echo, holding } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

describe.each(strategies)('serveForever(): %s', (strategy) => {
  const Server = serverClass(strategy);

  it('serves one client after the other', async () => {
    await using running = new RunningServer(await Server.listen(anywhere, Echo));
    for (const text of ['first\n', 'second\n', 'third\n']) {
      using peer = await running.connect();
      await peer.send(text);
      expect(await peer.end().readAll()).toBe(text);
    }
  });

  it('serves clients that came before it was called', async () => {
    await using server = await Server.listen(anywhere, Echo);
    using peer = await Peer.connect(server.serverAddress);
    await peer.send('early\n');
    await using _running = new RunningServer(server);
    expect(await peer.end().readAll()).toBe('early\n');
  });

  it('calls serviceActions() at least every pollInterval, and in every turn that serves', async () => {
    const clock = new ManualClock();
    let calls = 0;
    let called = moment();
    class Counting extends Server {
      override async serviceActions() {
        calls += 1;
        called.happen();
      }
    }
    const server = await Counting.listen(anywhere, Echo, { clock });
    await using running = new RunningServer(server, { pollInterval: 300 });
    for (let turn = 1; turn <= 3; turn += 1) {
      clock.advance(299);
      await new Promise(setImmediate);
      expect(calls).toBe(turn - 1);
      clock.advance(1);
      await called;
      called = moment();
      expect(calls).toBe(turn);
      await new Promise(setImmediate);
    }
    using peer = await running.connect();
    await peer.end().ending();
    await called;
    expect(calls).toBeGreaterThan(3);
  });

  it('calls serviceActions() also while requests that have to be verified keep coming', async () => {
    const enough = moment();
    const clients: Peer[] = [];
    class Verifying extends Server {
      override async verifyRequest() {
        // The next one is there before this one is done.
        clients.push(await Peer.connect(this.serverAddress));
        await new Promise(setImmediate);
        return false;
      }
      override serviceActions() {
        if (clients.length >= 5) enough.happen();
      }
    }
    await using running = new RunningServer(await Verifying.listen(anywhere, Echo));
    clients.push(await running.connect());
    await enough;
    await running.server.serverClose();
    for (const client of clients) client[Symbol.dispose]();
  });

  it('ends with what serviceActions() throws', async () => {
    const failure = new RangeError('serviceActions');
    class Failing extends Server {
      override serviceActions() {
        throw failure;
      }
    }
    const clock = new ManualClock();
    await using running = new RunningServer(await Failing.listen(anywhere, Echo, { clock }));
    clock.advance(500);
    await expect(running.done).rejects.toBe(failure);
  });

  it('lets running requests finish before it ends with an error', async () => {
    const { Holding, entered, release } = holding();
    let isBroken = false;
    class Failing extends Server {
      override serviceActions() {
        if (isBroken) throw new RangeError('serviceActions');
      }
    }
    const clock = new ManualClock();
    await using running = new RunningServer(await Failing.listen(anywhere, Holding, { clock }));
    using peer = await running.connect();
    await entered;
    isBroken = true;
    clock.advance(500);
    release.happen();
    expect(await peer.readAll()).toBe('released');
    clock.advance(500);
    await expect(running.done).rejects.toThrow(RangeError);
  });

  it('leaves no timer behind, and neither does handleRequest()', async () => {
    const clock = new ManualClock();
    await using server = await Server.listen(anywhere, Echo, { clock });
    server.timeout = 60_000;
    const handling = server.handleRequest();
    using peer = await Peer.connect(server.serverAddress);
    await peer.end().ending();
    await handling;
    expect(clock.pending).toBe(0);
    const serving = server.serveForever();
    await new Promise(setImmediate);
    expect(clock.pending).toBe(1);
    await server.shutdown();
    await serving;
    expect(clock.pending).toBe(0);
  });

  it('serves again, whatever becomes of a getRequest() that did not end with the last time', async () => {
    const [asked, late] = [moment(), moment()];
    let calls = 0;
    class Slow extends Server {
      override getRequest() {
        calls += 1;
        if (calls > 1) return super.getRequest();
        asked.happen();
        return Promise.resolve(late).then((): never => {
          throw new SocketError('too late', 'ERR_LATE');
        });
      }
    }
    await using server = await Slow.listen(anywhere, Echo, { clock: new ManualClock() });
    const serving = server.serveForever();
    using first = await Peer.connect(server.serverAddress);
    await asked;
    await server.shutdown();
    await serving;
    await using running = new RunningServer(server);
    expect(await first.end().readAll()).toBe('');
    late.happen();
    await new Promise(setImmediate);
    using peer = await running.connect();
    await peer.send('hello\n');
    expect(await peer.end().readAll()).toBe('hello\n');
  });

  it('refuses to serve twice at a time, or a server that is not bound', async () => {
    await using running = new RunningServer(await Server.listen(anywhere, Echo));
    await expect(running.server.serveForever()).rejects.toThrow(/serveForever: this server is serving already/);
    await expect(running.server.handleRequest()).rejects.toThrow(/handleRequest: this server is serving already/);
    await expect(new Server(anywhere, Echo).serveForever()).rejects.toThrow(ServerStateError);
    await expect(new Server(anywhere, Echo).handleRequest()).rejects.toThrow(/not bound; use listen\(\)/);
  });

  it.each([-1, NaN, Infinity, 2 ** 31])('refuses a pollInterval of %d', async (pollInterval) => {
    await using server = await Server.listen(anywhere, Echo);
    await expect(server.serveForever({ pollInterval })).rejects.toThrow(OptionError);
  });

  it('tells when it starts and when it has stopped, with the report', async () => {
    const server = await Server.listen(anywhere, Echo);
    using events = new RecordedEvents(server);
    await using running = new RunningServer(server);
    expect(events.serverStarts).toEqual([{ server, address: server.serverAddress }]);
    await server.shutdown();
    const report = await running.done;
    expect(events.serverStops).toEqual([{ server, report }]);
  });

  it('binds to IPv6 as well', async () => {
    await using running = new RunningServer(await Server.listen(['::1', 0], Echo));
    expect(running.address).toEqual(['::1', expect.any(Number)]);
    using peer = await running.connect();
    await peer.send('six\n');
    expect(await peer.end().readAll()).toBe('six\n');
  });
});

describe('a sequential server', () => {
  // Without a gate the second one is accepted, but waits unread: it makes no difference to the handlers.
  const hasGate = process.env.SOCKETSERVER_ACCEPT_GATE !== 'off';

  it('serves one client at a time, in their order', async () => {
    const order: string[] = [];
    class Ordered extends Echo {
      override async handle() {
        order.push('begin');
        await super.handle();
        order.push('end');
      }
    }
    await using running = new RunningServer(await TCPServer.listen(anywhere, Ordered));
    using first = await running.connect();
    await first.send('1\n');
    await first.read(2);
    using second = await running.connect();
    await second.send('2\n');
    expect(running.server.activeConnections).toBe(1);
    await first.end().ending();
    expect(await second.end().readAll()).toBe('2\n');
    expect(order).toEqual(['begin', 'end', 'begin', 'end']);
  });

  const because = hasGate ? '' : ' (skipped: there is no accept gate)';
  (hasGate ? it : it.skip)(`leaves the next client in the backlog until it has served this one${because}`, async () => {
    const connections = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    const before = connections();
    const { Holding, entered, release } = holding();
    await using running = new RunningServer(await TCPServer.listen(anywhere, Holding));
    using first = await running.connect();
    await entered;
    using second = await running.connect();
    await second.send('early');
    for (let round = 0; round < 5; round += 1) await new Promise(setImmediate);
    // Both ends of the first connection, and the peer's end of the second.
    expect(connections() - before).toBeLessThanOrEqual(3);
    release.happen();
    expect(await first.readAll()).toBe('released');
    expect(await second.readAll()).toBe('released');
  });

  it('resets clients that still wait when it is closed', async () => {
    const { Holding, entered, release } = holding();
    await using running = new RunningServer(await TCPServer.listen(anywhere, Holding));
    using first = await running.connect();
    await entered;
    using second = await running.connect();
    const closing = running.server.serverClose();
    expect(await second.ending()).toBe('reset');
    release.happen();
    await closing;
    await first.ending();
  });
});
