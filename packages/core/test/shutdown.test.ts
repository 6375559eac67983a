import { Peer, RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  ManualClock,
  ServerStateError,
  ShutdownError,
  type ShutdownReport,
  type Socket,
  type TCPServer,
  serverClass,
  strategies,
} from '../src';
import { Echo, holding } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
const nothing: ShutdownReport = { durationMs: 0, finished: 0, cut: [] };

describe.each(strategies)('shutdown(): %s', (strategy) => {
  const Server = serverClass(strategy);

  /** Serves one echo, so that it is certain that the server serves. */
  async function expectEcho(address: Address) {
    using peer = await Peer.connect(address);
    await peer.send('hello\n');
    expect(String(await peer.read(6))).toBe('hello\n');
    await peer.end().ending();
  }

  it('is remembered before serving: serveForever() then returns at once, and serves the next time', async () => {
    await using server = await Server.listen(anywhere, Echo);
    expect(await server.shutdown()).toEqual(nothing);
    expect(await server.serveForever()).toMatchObject({ finished: 0, cut: [] });
    await using running = new RunningServer(server);
    await expectEcho(running.address);
  });

  it('leaves no stale flag when serving has ended: the next serveForever() serves', async () => {
    await using server = await Server.listen(anywhere, Echo);
    const done = server.serveForever();
    await server.shutdown();
    await done;
    expect(await server.shutdown()).toMatchObject({ finished: 0, cut: [] });
    await using running = new RunningServer(server);
    await expectEcho(running.address);
  });

  it('gives everyone who asks the same report', async () => {
    const { Holding, entered, release } = holding();
    await using running = new RunningServer(await Server.listen(anywhere, Holding));
    using peer = await running.connect();
    await entered;
    const reports = [running.server.shutdown(), running.server.shutdown()];
    release.happen();
    const [first, second] = await Promise.all(reports);
    expect(first).toEqual({ durationMs: expect.any(Number) as number, finished: 1, cut: [] });
    expect(second).toEqual(first);
    expect(await running.done).toEqual(first);
    expect(await peer.readAll()).toBe('released');
  });

  it('wakes the loop at once, however long its pollInterval is', async () => {
    // Time stands still: only a wake-up ends the sleep.
    const server = await Server.listen(anywhere, Echo, { clock: new ManualClock() });
    await using running = new RunningServer(server, { pollInterval: 1_000_000 });
    await running.server.shutdown();
    expect(await running.done).toEqual(nothing);
  });

  it('does not wait for the handler that calls it', async () => {
    class Stopper extends BaseRequestHandler {
      override async handle() {
        const { cut } = await this.server.shutdown();
        await this.request.sendall(`cut ${cut.length}`);
      }
    }
    const server = await Server.listen(anywhere, Stopper, { clock: new ManualClock() });
    await using running = new RunningServer(server);
    using peer = await running.connect();
    expect(await peer.readAll()).toBe('cut 0');
    expect(await running.done).toEqual({ durationMs: 0, finished: 1, cut: [] });
  });

  it('cuts a handler that does not end after drainTimeout, reports it, and lets serveForever() resolve', async () => {
    const clock = new ManualClock();
    const { Holding, entered } = holding();
    const server = await Server.listen(anywhere, Holding, { clock, drainTimeout: 1000 });
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await running.connect();
    await entered;
    const report = server.shutdown();
    clock.advance(999);
    expect(server.activeConnections).toBe(1);
    clock.advance(1);
    expect(await report).toEqual({ durationMs: 1000, finished: 0, cut: [{ id: 1, clientAddress: peer.address }] });
    expect(await running.done).toEqual(await report);
    expect(events.reasons).toEqual(['shutdown']);
    expect(events.stops[0]?.error).toBeInstanceOf(ShutdownError);
    expect(server.activeConnections).toBe(0);
    await peer.ending();
  });

  it('does not take what a cut handler stumbles over for an error', async () => {
    const clock = new ManualClock();
    const { Holding, entered, release } = holding();
    const handleError = jest.fn();
    const finished = moment();
    class Late extends Holding {
      override finish() {
        finished.happen();
      }
    }
    const server = await Server.listen(anywhere, Late, { clock, drainTimeout: 1000 });
    server.handleError = handleError;
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using _peer = await running.connect();
    await entered;
    void server.shutdown();
    clock.advance(1000);
    await running.done;
    release.happen();
    await finished;
    await new Promise(setImmediate);
    expect(handleError).not.toHaveBeenCalled();
    expect(events.requestErrors).toEqual([]);
    expect(events.stops).toHaveLength(1);
  });

  it('gives handlers a signal with the time that is left', async () => {
    const left = moment<unknown>();
    const ready = moment();
    class Listening extends BaseRequestHandler {
      override handle() {
        this.signal.addEventListener('abort', () => left.happen(this.signal.reason));
        expect(this.signal.aborted).toBe(false);
        ready.happen();
        return left.then(() => undefined);
      }
    }
    const server = await Server.listen(anywhere, Listening, { clock: new ManualClock(), drainTimeout: 700 });
    await using running = new RunningServer(server);
    using _peer = await running.connect();
    await ready;
    expect((await server.shutdown()).finished).toBe(1);
    expect(await left).toMatchObject({ code: 'ERR_SHUTDOWN', remaining: 700 });
  });

  it('gives a server that serves again a signal that is not aborted', async () => {
    await using server = await Server.listen(anywhere, Echo);
    const done = server.serveForever();
    await server.shutdown();
    expect(server.signal.aborted).toBe(true);
    await done;
    await using running = new RunningServer(server);
    expect(running.server.signal.aborted).toBe(false);
  });

  it('neither serves nor keeps a connection that a slow getRequest() brings afterwards', async () => {
    const asked = moment();
    const go = moment();
    class Slow extends Server {
      override async getRequest(): Promise<readonly [Socket, Address]> {
        const request = await super.getRequest();
        asked.happen();
        await go;
        return request;
      }
    }
    await using running = new RunningServer(await Slow.listen(anywhere, Echo));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await asked;
    await running.server.shutdown();
    await running.done;
    go.happen();
    expect(await peer.ending()).toBe('end');
    expect(events.starts).toEqual([]);
  });

  it('lets a request that is being verified run, and tells its handler that the server drains', async () => {
    const asked = moment();
    const go = moment<boolean>();
    class Slow extends Server {
      override verifyRequest() {
        asked.happen();
        return go;
      }
    }
    await using running = new RunningServer(await Slow.listen(anywhere, Echo));
    using peer = await running.connect();
    await asked;
    const report = running.server.shutdown();
    go.happen(true);
    expect(await peer.readAll()).toBe('');
    expect(await report).toMatchObject({ finished: 1, cut: [] });
  });

  it('leaves clients that come later in the backlog, for the next serveForever()', async () => {
    await using server = await Server.listen(anywhere, Echo);
    const done = server.serveForever();
    await server.shutdown();
    await done;
    using peer = await Peer.connect(server.serverAddress);
    await peer.send('hello\n');
    await using _running = new RunningServer(server);
    expect(String(await peer.read(6))).toBe('hello\n');
  });

  it('does not wait for a hook that never ends, and does not go on with its turn when it serves again', async () => {
    const clock = new ManualClock();
    const stuck = moment();
    const go = moment();
    let turns = 0;
    class Hooked extends Server {
      protected override serveTurn(pollInterval: number) {
        turns += 1;
        return super.serveTurn(pollInterval);
      }
      override async serviceActions() {
        stuck.happen();
        await go;
      }
    }
    await using server = await Hooked.listen(anywhere, Echo, { clock });
    const done = server.serveForever({ pollInterval: 500 });
    clock.advance(500);
    await stuck;
    await server.shutdown();
    await done;
    await using _running = new RunningServer(server);
    expect(turns).toBe(2);
    go.happen();
    for (let round = 0; round < 5; round += 1) await new Promise(setImmediate);
    expect(turns).toBe(2);
  });

  it('ends 20 servers that were started and immediately shut down', async () => {
    const servers = await Promise.all(Array.from({ length: 20 }, () => Server.listen(anywhere, Echo)));
    const serving = servers.map((server) => server.serveForever());
    const reports = await Promise.all(servers.map((server) => server.shutdown()));
    expect(reports.every(({ cut }) => cut.length === 0)).toBe(true);
    await Promise.all(serving);
    await Promise.all(servers.map((server) => server.serverClose()));
  });

  it('is called by an aborted signal, also by one that was aborted before', async () => {
    const controller = new AbortController();
    await using server = await Server.listen(anywhere, Echo);
    const done = server.serveForever({ signal: controller.signal });
    await expectEcho(server.serverAddress);
    controller.abort();
    await done;
    await server.serveForever({ signal: controller.signal });
    const { signal } = new AbortController();
    const again = server.serveForever({ signal });
    await expectEcho(server.serverAddress);
    await server.shutdown();
    await again;
  });
});

describe.each(strategies)('abort(): %s', (strategy) => {
  const Server = serverClass(strategy);

  it('cuts every request now', async () => {
    const { Holding, entered } = holding();
    const server = await Server.listen(anywhere, Holding, { clock: new ManualClock() });
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await running.connect();
    await entered;
    server.abort();
    expect(await running.done).toEqual({ durationMs: 0, finished: 0, cut: [{ id: 1, clientAddress: peer.address }] });
    expect(events.reasons).toEqual(['shutdown']);
    await peer.ending();
  });

  it('ends a drain that has begun', async () => {
    const { Holding, entered } = holding();
    const server = await Server.listen(anywhere, Holding, { clock: new ManualClock() });
    await using running = new RunningServer(server);
    using _peer = await running.connect();
    await entered;
    const report = server.shutdown();
    server.abort();
    server.abort();
    expect((await report).cut).toHaveLength(1);
  });

  it('does nothing to a server that does not serve', async () => {
    await using server = await Server.listen(anywhere, Echo);
    server.abort();
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await peer.send('hello\n');
    expect(String(await peer.read(6))).toBe('hello\n');
  });
});

describe.each(strategies)('serverClose(): %s', (strategy) => {
  const Server = serverClass(strategy);

  it('refuses new clients at once, and lets a running request finish', async () => {
    const { Holding, entered, release } = holding();
    await using running = new RunningServer(await Server.listen(anywhere, Holding));
    using peer = await running.connect();
    await entered;
    const closed = running.server.serverClose();
    await expect(running.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    release.happen();
    expect(await peer.readAll()).toBe('released');
    await closed;
    expect((await running.done).finished).toBe(1);
  });

  it('is idempotent; afterwards fileno() is -1 and nothing can be served', async () => {
    const server: TCPServer = await Server.listen(anywhere, Echo);
    expect(server.fileno()).toBeGreaterThan(0);
    await server.serverClose();
    await server.serverClose();
    expect(server.fileno()).toBe(-1);
    await expect(server.serveForever()).rejects.toThrow(ServerStateError);
    await expect(server.handleRequest()).rejects.toThrow(/this server is closed; make a new one/);
  });

  it('is what `await using` calls, also in the middle of serving', async () => {
    let done: Promise<ShutdownReport>;
    {
      await using server = await Server.listen(anywhere, Echo, { clock: new ManualClock() });
      done = server.serveForever();
      using peer = await Peer.connect(server.serverAddress);
      await peer.send('hello\n');
      await peer.read(6);
    }
    expect(await done).toMatchObject({ finished: 1, cut: [] });
  });

  it('ends serveForever() with an error when somebody else closes the socket', async () => {
    await using running = new RunningServer(await Server.listen(anywhere, Echo));
    running.server.socket.close();
    await expect(running.done).rejects.toThrow(ServerStateError);
  });
});

describe('a sequential server', () => {
  it('does not wait for another client when the one in its queue has gone: shutdown() would not end that', async () => {
    const { Holding, entered, release } = holding();
    await using running = new RunningServer(await serverClass('sequential').listen(anywhere, Holding));
    using events = new RecordedEvents(running.server);
    using first = await running.connect();
    await entered;
    (await running.connect()).reset();
    release.happen();
    await first.ending();
    await events.stopped(1);
    await running.server.shutdown();
    await running.done;
    using late = await running.connect();
    for (let round = 0; round < 5; round += 1) await new Promise(setImmediate);
    expect(events.starts).toHaveLength(1);
    await using _again = new RunningServer(running.server);
    expect(await late.readAll()).toBe('released');
    expect(events.serverErrors).toEqual([]);
  });
});

describe('a server with several requests', () => {
  it('lets handlers that wait for shutdown() not wait for each other', async () => {
    let waiting = 0;
    class Stopper extends BaseRequestHandler {
      override async handle() {
        await this.request.recv(1);
        waiting += 1;
        await this.server.shutdown();
        await this.request.sendall('done');
      }
    }
    const server = await serverClass('async').listen(anywhere, Stopper, { clock: new ManualClock() });
    await using running = new RunningServer(server);
    using first = await running.connect();
    using second = await running.connect();
    await first.send('x');
    await second.send('x');
    expect(await first.readAll()).toBe('done');
    expect(await second.readAll()).toBe('done');
    expect(waiting).toBe(2);
    expect((await running.done).finished).toBe(2);
  });

  it('counts those that finish and lists those that are cut', async () => {
    const clock = new ManualClock();
    const hold = moment();
    class Mixed extends BaseRequestHandler {
      override async handle() {
        const how = String(await this.request.recv(4));
        await this.request.sendall('ok');
        if (how === 'hold') await hold;
        else await this.request.recv(1);
      }
    }
    const server = await serverClass('async').listen(anywhere, Mixed, { clock, drainTimeout: 1000 });
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using quick = await running.connect();
    using slow = await running.connect();
    for (const [peer, how] of [
      [quick, 'wait'],
      [slow, 'hold'],
    ] as const) {
      await peer.send(how);
      await peer.read(2);
    }
    const report = server.shutdown();
    quick.end();
    await events.stopped(1);
    clock.advance(1000);
    expect(await report).toMatchObject({ finished: 1, cut: [{ clientAddress: slow.address }] });
    hold.happen();
  });
});
