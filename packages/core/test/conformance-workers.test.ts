import { Peer, RecordedEvents, RunningServer, expectNoLeaks, moment, settled, until } from '@socketserver/testing';

import {
  type Address,
  BaseServer,
  ManualClock,
  ServerStateError,
  type Socket,
  SocketError,
  type TCPServer,
  serverClass,
  workerStrategies,
} from '../src';
import { ask, line } from './asking';
import { Serving } from './serving';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const handlers = require('./fixtures/cpython-handlers.js') as Record<'Staying' | 'Stubborn', never>;

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
/** By default there would be as many as processors. */
const workers = 1;

// What Python's `socketserver` does with threads and forks as well as without.
describe.each(workerStrategies)('as in Python, in workers: %s', (strategy) => {
  const Server = serverClass(strategy);
  const timeout = strategy === 'forking' ? 300_000 : null;

  async function serve(handler: never, options = {}): Promise<Serving<TCPServer>> {
    return new Serving(await Server.listen(anywhere, handler, { workers, ...options }));
  }

  it('a server stores its arguments, and opens nothing', () => {
    const server = new Server(anywhere, handlers.Staying);
    expect(server).toMatchObject({ serverAddress: anywhere, RequestHandlerClass: handlers.Staying });
    expect(server.fileno()).toBe(-1);
    expect(server).toBeInstanceOf(BaseServer);
    expect(server).toBeInstanceOf(serverClass('sequential'));
  });

  it('hooks do nothing by themselves, and every request is welcome', async () => {
    await using server = await Server.listen(anywhere, handlers.Staying, { workers });
    expect(await server.verifyRequest({} as never, anywhere)).toBe(true);
    expect([await server.serviceActions(), await server.handleTimeout()]).toEqual([undefined, undefined]);
  });

  it('serveForever() has a pollInterval of 500, and ignores the timeout', async () => {
    const clock = new ManualClock();
    const handleTimeout = jest.fn();
    let actions = 0;
    class Acting extends Server {
      override serviceActions() {
        actions += 1;
        return super.serviceActions();
      }
    }
    const server = Object.assign(await Acting.listen(anywhere, handlers.Staying, { clock, workers }), {
      handleTimeout,
    });
    server.timeout = 1;
    await using _running = new RunningServer(server);
    clock.advance(499);
    await settled();
    expect(actions).toBe(0);
    clock.advance(1);
    await until(() => actions === 1);
    expect(handleTimeout).not.toHaveBeenCalled();
  });

  it('serves clients that came before it was called', async () => {
    const server = await Server.listen(anywhere, handlers.Staying, { workers });
    using peer = await Peer.connect(server.serverAddress);
    await using _running = new RunningServer(server);
    expect(await line(peer)).toMatch(/^in /);
    expect(await ask(peer, 'go')).toBe('out');
  });

  it('handleRequest() handles one request and no more, and never calls serviceActions()', async () => {
    const serviceActions = jest.fn();
    const server = await Server.listen(anywhere, handlers.Staying, { workers });
    await using _server = server;
    server.serviceActions = serviceActions;
    using events = new RecordedEvents(server);
    using first = await Peer.connect(server.serverAddress);
    using second = await Peer.connect(server.serverAddress);
    await server.handleRequest();
    expect(await line(first)).toMatch(/^in /);
    await settled();
    expect(events.starts).toHaveLength(1);
    await server.handleRequest();
    expect(await line(second)).toMatch(/^in /);
    expect(serviceActions).not.toHaveBeenCalled();
    for (const peer of [first, second]) expect(await ask(peer, 'go')).toBe('out');
    await events.stopped(2);
  });

  it('handleRequest() gives what handleTimeout() returns when nobody came within `timeout`', async () => {
    const clock = new ManualClock();
    await using server = await Server.listen(anywhere, handlers.Staying, { clock, workers });
    expect(server.timeout).toBe(timeout);
    server.timeout = 100;
    server.handleTimeout = () => 'nobody';
    const handled = server.handleRequest();
    clock.advance(100);
    expect(await handled).toBe('nobody');
  });

  it('what finishRequest() gives is thrown away; one that does not call `super` runs here', async () => {
    const thread = moment<string>();
    class Here extends Server {
      override async finishRequest(request: Socket) {
        thread.happen(String(await request.recv(10)));
        return 'nobody wants this';
      }
    }
    await using server = await Here.listen(anywhere, handlers.Staying, { workers });
    using peer = await Peer.connect(server.serverAddress);
    const handled = server.handleRequest();
    await peer.send('hello');
    expect([await handled, await thread]).toEqual([undefined, 'hello']);
    expect(await peer.ending()).toBe('end');
  });

  it('goes on after a socket error of getRequest(), and ends with any other, which releases shutdown()', async () => {
    const failures: Error[] = [new SocketError('accept: no', 'EPROTO'), new RangeError('getRequest')];
    class Failing extends Server {
      override getRequest(): never {
        this.socket.acceptNow()?.[0].close();
        throw failures[0]!;
      }
    }
    const server = await Failing.listen(anywhere, handlers.Staying, { workers });
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using _first = await running.connect();
    await events.failed(1);
    expect(events.serverErrors[0]?.error).toBe(failures.shift());
    using _second = await running.connect();
    await expect(running.done).rejects.toBe(failures[0]);
    await server.shutdown();
  });

  it('serves again after an error has ended serveForever(), and after a normal end', async () => {
    const failure = new RangeError('serviceActions');
    let isBroken = true;
    class Failing extends Server {
      override serviceActions() {
        if (isBroken) throw failure;
        return super.serviceActions();
      }
    }
    const clock = new ManualClock();
    await using server = await Failing.listen(anywhere, handlers.Staying, { clock, workers });
    const broken = expect(server.serveForever()).rejects.toBe(failure);
    clock.advance(500);
    await broken;
    isBroken = false;
    for (let time = 0; time < 2; time += 1) {
      const done = server.serveForever();
      using peer = await Peer.connect(server.serverAddress);
      expect(await line(peer)).toMatch(/^in /);
      expect(await ask(peer, 'go')).toBe('out');
      await server.shutdown();
      await done;
    }
  });

  it('remembers a shutdown() before serving, and leaves no stale flag', async () => {
    await using server = await Server.listen(anywhere, handlers.Staying, { workers });
    await server.shutdown();
    expect(await server.serveForever()).toMatchObject({ finished: 0, cut: [] });
    await server.shutdown();
    await using running = new RunningServer(server);
    using peer = await running.connect();
    expect(await line(peer)).toMatch(/^in /);
    expect(await ask(peer, 'go')).toBe('out');
  });

  it('a server that closes refuses new clients first, and then waits for all its requests', async () => {
    await using test = await serve(handlers.Staying);
    using first = await test.connect();
    using second = await test.connect();
    for (const peer of [first, second]) expect(await line(peer)).toMatch(/^in /);
    let isClosed = false;
    const closing = test.server.serverClose().then(() => (isClosed = true));
    await expect(test.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await ask(first, 'go')).toBe('out');
    await test.events.stopped(1);
    await settled();
    expect(isClosed).toBe(false);
    expect(await ask(second, 'go')).toBe('out');
    await closing;
    expect(test.events.reasons).toEqual(['finished', 'finished']);
  });

  it('waits as long as `drainTimeout` says, and no longer', async () => {
    const clock = new ManualClock();
    await using test = await serve(handlers.Stubborn, { clock, drainTimeout: 60_000 });
    using peer = await test.connect();
    expect(await line(peer)).toBe('in');
    let isClosed = false;
    const closing = test.server.serverClose().then(() => (isClosed = true));
    clock.advance(59_999);
    await settled();
    expect(isClosed).toBe(false);
    clock.advance(1);
    await closing;
    expect((await test.running.done).cut).toHaveLength(1);
    expect(test.events.reasons).toEqual(['shutdown']);
  });

  it('serverClose() is idempotent; afterwards fileno() is -1 and nothing can be served', async () => {
    const server: TCPServer = await Server.listen(anywhere, handlers.Staying, { workers });
    expect(server.fileno()).toBeGreaterThan(0);
    await server.serverClose();
    await server.serverClose();
    expect(server.fileno()).toBe(-1);
    await expect(server.serveForever()).rejects.toThrow(ServerStateError);
    await expect(server.handleRequest()).rejects.toThrow(ServerStateError);
  });

  it('`await using` gives the server, and lets an error of its block pass', async () => {
    const failure = new RangeError('in the block');
    let kept: TCPServer | undefined;
    const using = async (): Promise<never> => {
      await using server = await Server.listen(anywhere, handlers.Staying, { workers });
      kept = server;
      throw failure;
    };
    await expect(using()).rejects.toBe(failure);
    expect(kept?.fileno()).toBe(-1);
  });
});
