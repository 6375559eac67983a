import { Peer, RecordedEvents, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  FatalError,
  ManualClock,
  ServerStateError,
  serverClass,
  strategies,
} from '../src';
import { Echo, holding } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

describe.each(strategies)('handleRequest(): %s', (strategy) => {
  const Server = serverClass(strategy);

  it('handles one request and no more', async () => {
    await using server = await Server.listen(anywhere, Echo);
    using events = new RecordedEvents(server);
    using first = await Peer.connect(server.serverAddress);
    using second = await Peer.connect(server.serverAddress);
    await first.send('1\n');
    await second.send('2\n');
    first.end();
    await server.handleRequest();
    await events.stopped(1);
    expect(await first.readAll()).toBe('1\n');
    expect(events.starts).toHaveLength(1);
    second.end();
    await server.handleRequest();
    await events.stopped(2);
    expect(await second.readAll()).toBe('2\n');
  });

  it('waits for a client as long as it takes without a timeout', async () => {
    await using server = await Server.listen(anywhere, Echo, { clock: new ManualClock() });
    using events = new RecordedEvents(server);
    const handled = server.handleRequest();
    using peer = await Peer.connect(server.serverAddress);
    await peer.send('hello\n');
    expect(await peer.end().readAll()).toBe('hello\n');
    expect(await handled).toBeUndefined();
    await events.stopped(1);
  });

  it('gives what handleTimeout() returns when nobody came within `timeout`', async () => {
    const clock = new ManualClock();
    class Patient extends Server {
      override timeout = 300;
      override handleTimeout() {
        return Promise.resolve('nobody');
      }
    }
    await using server = await Patient.listen(anywhere, Echo, { clock });
    const result = server.handleRequest();
    clock.advance(300);
    expect(await result).toBe('nobody');
  });

  it("waits no longer than its socket's own timeout", async () => {
    const clock = new ManualClock();
    await using server = await Server.listen(anywhere, Echo, { clock });
    server.timeout = 1000;
    server.handleTimeout = () => clock.now();
    server.socket.settimeout(200);
    const result = server.handleRequest();
    clock.advance(200);
    expect(await result).toBe(200);
  });

  it('only looks whether a client is there when the timeout is 0', async () => {
    await using server = await Server.listen(anywhere, Echo, { clock: new ManualClock() });
    server.timeout = 0;
    server.handleTimeout = () => 'nobody';
    expect(await server.handleRequest()).toBe('nobody');
    using events = new RecordedEvents(server);
    using peer = await Peer.connect(server.serverAddress);
    await peer.send('hello\n');
    peer.end();
    expect(await server.handleRequest()).toBeUndefined();
    await events.stopped(1);
    expect(await peer.readAll()).toBe('hello\n');
  });

  it('never calls serviceActions()', async () => {
    await using server = await Server.listen(anywhere, Echo);
    const serviceActions = (server.serviceActions = jest.fn());
    using events = new RecordedEvents(server);
    using peer = await Peer.connect(server.serverAddress);
    peer.end();
    await server.handleRequest();
    await events.stopped(1);
    expect(serviceActions).not.toHaveBeenCalled();
  });

  it('is not affected by a shutdown() that came before', async () => {
    await using server = await Server.listen(anywhere, Echo);
    using events = new RecordedEvents(server);
    await server.shutdown();
    using peer = await Peer.connect(server.serverAddress);
    await peer.send('hello\n');
    peer.end();
    await server.handleRequest();
    await events.stopped(1);
    expect(await peer.readAll()).toBe('hello\n');
  });

  it('gives each handler a signal of its own time: one that was used up before is renewed', async () => {
    const aborted: boolean[] = [];
    class Looking extends BaseRequestHandler {
      override async handle() {
        aborted.push(this.signal.aborted);
        void this.server.shutdown();
      }
    }
    await using server = await Server.listen(anywhere, Looking);
    using events = new RecordedEvents(server);
    for (let count = 1; count <= 2; count += 1) {
      using peer = await Peer.connect(server.serverAddress);
      await server.handleRequest();
      await events.stopped(count);
      await peer.ending();
    }
    expect(aborted).toEqual([false, false]);
  });

  it('can be shut down and cut while a handler runs', async () => {
    const { Holding, entered } = holding();
    await using server = await Server.listen(anywhere, Holding, { clock: new ManualClock() });
    using peer = await Peer.connect(server.serverAddress);
    const handled = server.handleRequest();
    await entered;
    const report = server.shutdown();
    server.abort();
    expect((await report).cut).toHaveLength(1);
    await handled;
    await peer.ending();
  });

  it('ends with an error when the server is closed while it waits', async () => {
    await using server = await Server.listen(anywhere, Echo);
    const handled = server.handleRequest();
    await server.serverClose();
    await expect(handled).rejects.toThrow(ServerStateError);
  });

  it('refuses a second call at the same time, which would take the place of the first', async () => {
    const clock = new ManualClock();
    await using server = await Server.listen(anywhere, Echo, { clock });
    server.timeout = 10;
    const first = server.handleRequest();
    await expect(server.handleRequest()).rejects.toThrow(ServerStateError);
    await expect(server.serveForever()).rejects.toThrow(ServerStateError);
    clock.advance(10);
    await first;
  });
});

describe('handleRequest()', () => {
  it('ends with a FatalError of the handler', async () => {
    const failure = new FatalError('no disk left');
    class Fatal extends BaseRequestHandler {
      override handle() {
        throw failure;
      }
    }
    await using server = await serverClass('sequential').listen(anywhere, Fatal);
    using peer = await Peer.connect(server.serverAddress);
    await expect(server.handleRequest()).rejects.toBe(failure);
    expect(await peer.ending()).toBe('end');
  });

  it('waits for the handler in a sequential server, and not in a concurrent one', async () => {
    const { Holding, entered, release } = holding();
    await using server = await serverClass('async').listen(anywhere, Holding);
    using peer = await Peer.connect(server.serverAddress);
    await server.handleRequest();
    await entered;
    expect(server.activeConnections).toBe(1);
    release.happen();
    expect(await peer.readAll()).toBe('released');

    const next = holding();
    const ended = moment();
    await using sequential = await serverClass('sequential').listen(anywhere, next.Holding);
    using other = await Peer.connect(sequential.serverAddress);
    const handled = sequential.handleRequest().then(() => ended.happen());
    await next.entered;
    next.release.happen();
    await handled;
    expect(sequential.activeConnections).toBe(0);
    expect(await other.readAll()).toBe('released');
  });
});
