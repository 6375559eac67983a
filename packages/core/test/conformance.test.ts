import { Peer, RecordedEvents, RunningServer, expectNoLeaks, moment, settled, until } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  BaseServer,
  ManualClock,
  SocketError,
  StreamRequestHandler,
  TCPServer,
  serverClass,
  strategies,
} from '../src';
import { Echo, holding } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

// What Python's `socketserver` does, where no test of a single file shows it.
describe.each(strategies)('as in Python: %s', (strategy) => {
  const Server = serverClass(strategy);

  it('a server stores its arguments, and opens nothing', () => {
    const server = new Server(anywhere, Echo);
    expect(server).toMatchObject({ serverAddress: anywhere, RequestHandlerClass: Echo });
    expect(server.fileno()).toBe(-1);
    expect(server).toBeInstanceOf(BaseServer);
  });

  it('hooks do nothing by themselves, every request is welcome, and there is no timeout', async () => {
    await using server = await Server.listen(anywhere, Echo);
    expect(server.timeout).toBeNull();
    expect(await server.verifyRequest({} as never, anywhere)).toBe(true);
    expect([await server.serviceActions(), await server.handleTimeout()]).toEqual([undefined, undefined]);
  });

  it('serveForever() has a pollInterval of 500, and ignores the timeout', async () => {
    const clock = new ManualClock();
    const serviceActions = jest.fn();
    const handleTimeout = jest.fn();
    const server = Object.assign(await Server.listen(anywhere, Echo, { clock }), { serviceActions, handleTimeout });
    server.timeout = 1;
    await using _running = new RunningServer(server);
    clock.advance(499);
    await settled();
    expect(serviceActions).not.toHaveBeenCalled();
    clock.advance(1);
    await until(() => serviceActions.mock.calls.length === 1);
    expect(handleTimeout).not.toHaveBeenCalled();
  });

  it('handleRequest() takes the smaller one of its two timeouts', async () => {
    for (const [own, socket] of [
      [100, 300],
      [300, 100],
    ] as const) {
      const clock = new ManualClock();
      await using server = await Server.listen(anywhere, Echo, { clock });
      server.timeout = own;
      server.socket.settimeout(socket);
      server.handleTimeout = () => clock.now();
      const handled = server.handleRequest();
      clock.advance(100);
      expect(await handled).toBe(100);
    }
  });

  it('serves again after an error has ended serveForever()', async () => {
    const failure = new RangeError('serviceActions');
    let isBroken = true;
    class Failing extends Server {
      override serviceActions() {
        if (isBroken) throw failure;
      }
    }
    const clock = new ManualClock();
    const server = await Failing.listen(anywhere, Echo, { clock });
    const done = expect(server.serveForever()).rejects.toBe(failure);
    clock.advance(500);
    await done;
    isBroken = false;
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await peer.send('again\n');
    expect(await peer.end().readAll()).toBe('again\n');
  });

  it('what finishRequest() gives is thrown away', async () => {
    class Giving extends Server {
      override async finishRequest() {
        return 'nobody wants this';
      }
    }
    await using server = await Giving.listen(anywhere, Echo);
    using peer = await Peer.connect(server.serverAddress);
    expect(await server.handleRequest()).toBeUndefined();
    expect(await peer.ending()).toBe('end');
  });

  it('shutdownRequest() closes a connection that cannot be ended any more', async () => {
    const closed = moment<boolean>();
    class Ending extends Server {
      override async closeRequest(...args: Parameters<TCPServer['closeRequest']>) {
        await super.closeRequest(...args);
        closed.happen(args[0].isClosed);
      }
    }
    class Unendable extends BaseRequestHandler {
      override handle() {
        this.request.shutdown = () => {
          throw new SocketError('shutdown: not connected', 'ENOTCONN');
        };
      }
    }
    await using running = new RunningServer(await Ending.listen(anywhere, Unendable));
    using events = new RecordedEvents(running.server);
    using _peer = await running.connect();
    expect(await closed).toBe(true);
    await events.stopped(1);
    expect(events.serverErrors).toEqual([]);
  });

  it('the timeout of a server is not that of its handlers', async () => {
    const timeouts = moment<unknown[]>();
    class Looking extends StreamRequestHandler {
      override timeout = 300;
      override handle() {
        timeouts.happen([this.timeout, this.connection.gettimeout()]);
      }
    }
    const server = await Server.listen(anywhere, Looking);
    server.timeout = 7;
    await using running = new RunningServer(server);
    using peer = await running.connect();
    expect(await timeouts).toEqual([300, 300]);
    expect([server.timeout, server.socket.gettimeout()]).toEqual([7, null]);
    await peer.ending();
  });

  it('`await using` gives the server, and lets an error of its block pass', async () => {
    const failure = new RangeError('in the block');
    let kept: TCPServer | undefined;
    const using = async (): Promise<never> => {
      await using server = await Server.listen(anywhere, Echo);
      kept = server;
      throw failure;
    };
    await expect(using()).rejects.toBe(failure);
    expect(kept?.fileno()).toBe(-1);
  });

  it('a server that closes refuses new clients first, and then waits for its requests', async () => {
    const { Holding, entered, release } = holding();
    await using running = new RunningServer(await Server.listen(anywhere, Holding));
    using peer = await running.connect();
    await entered;
    let isClosed = false;
    const closing = running.server.serverClose().then(() => (isClosed = true));
    await expect(running.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(isClosed).toBe(false);
    release.happen();
    await closing;
    expect(await peer.readAll()).toBe('released');
  });
});

describe('as in Python', () => {
  it('processRequest() is finishRequest(), then shutdownRequest(), but not if that throws', async () => {
    const calls: string[] = [];
    class Processing extends TCPServer {
      override async finishRequest(...[, clientAddress]: Parameters<TCPServer['finishRequest']>) {
        calls.push('finishRequest');
        if (clientAddress === 'bad') throw new RangeError('finishRequest');
      }
      override shutdownRequest() {
        calls.push('shutdownRequest');
      }
    }
    const server = new Processing(anywhere, Echo);
    await server.processRequest({} as never, 'good');
    expect(calls).toEqual(['finishRequest', 'shutdownRequest']);
    await expect(server.processRequest({} as never, 'bad')).rejects.toThrow(RangeError);
    expect(calls).toEqual(['finishRequest', 'shutdownRequest', 'finishRequest']);
  });

  it('a sequential server takes one request in a turn, and calls serviceActions() after each', async () => {
    const calls: string[] = [];
    class Turning extends TCPServer {
      override getRequest() {
        calls.push('getRequest');
        return super.getRequest();
      }
      override serviceActions() {
        calls.push('serviceActions');
      }
    }
    const server = await Turning.listen(anywhere, BaseRequestHandler, { clock: new ManualClock() });
    using first = await Peer.connect(server.serverAddress);
    using second = await Peer.connect(server.serverAddress);
    await using _running = new RunningServer(server);
    await Promise.all([first.ending(), second.ending()]);
    await until(() => calls.length === 4);
    expect(calls).toEqual(['getRequest', 'serviceActions', 'getRequest', 'serviceActions']);
  });

  it('a concurrent server takes all who wait in one turn', async () => {
    const calls: string[] = [];
    const others = moment();
    class Turning extends serverClass('async') {
      override getRequest() {
        calls.push('getRequest');
        return super.getRequest();
      }
      override async serviceActions() {
        calls.push('serviceActions');
        await others;
      }
    }
    await using running = new RunningServer(await Turning.listen(anywhere, BaseRequestHandler));
    using first = await running.connect();
    await first.ending();
    using second = await running.connect();
    using third = await running.connect();
    // Accepted, they wait for the loop.
    await settled();
    others.happen();
    await Promise.all([second.ending(), third.ending()]);
    expect(calls.slice(0, 4)).toEqual(['getRequest', 'serviceActions', 'getRequest', 'getRequest']);
  });

  it('allowReusePort lets two servers have one port, and says so where Node cannot', async () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    class Sharing extends TCPServer {
      override allowReusePort = true;
    }
    if (major > 23 || (major === 23 && minor >= 1)) {
      await using first = await Sharing.listen(anywhere, Echo);
      await using second = await Sharing.listen(first.serverAddress, Echo);
      expect(second.serverAddress).toEqual(first.serverAddress);
    } else await expect(Sharing.listen(anywhere, Echo)).rejects.toMatchObject({ code: 'ERR_REUSE_PORT' });
  });

  it('the settings of a StreamRequestHandler are Python’s', () => {
    expect(new StreamRequestHandler()).toMatchObject({
      rbufsize: -1,
      wbufsize: 0,
      timeout: null,
      disableNagleAlgorithm: false,
    });
  });
});
