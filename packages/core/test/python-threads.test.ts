/** What Python's `ThreadingMixIn` means by its settings and its methods. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describeWithPython, expectNoLeaks, moment, settled } from '@socketserver/testing';

import {
  type Address,
  ManualClock,
  type Socket,
  TCPServer,
  ThreadingMixIn,
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  ThreadingUnixStreamServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from '../src';
import { ask, line } from './asking';
import { Serving } from './serving';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Staying, Stubborn, Daemonic } = require('./fixtures/cpython-handlers.js') as Record<
  'Staying' | 'Stubborn',
  never
> & { Daemonic: typeof ThreadingTCPServer };
// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Bad } = require('./fixtures/cpython.js') as { Bad: never };

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

describe('ThreadingMixIn as in Python', () => {
  it('is mixed into four servers', () => {
    const path = '/nowhere/socket';
    expect(new ThreadingTCPServer(anywhere, Staying)).toBeInstanceOf(TCPServer);
    expect(new ThreadingUDPServer(anywhere, Staying)).toBeInstanceOf(UDPServer);
    expect(new ThreadingUnixStreamServer(path, Staying)).toBeInstanceOf(UnixStreamServer);
    expect(new ThreadingUnixDatagramServer(path, Staying)).toBeInstanceOf(UnixDatagramServer);
  });

  it('comes first, so that its processRequest() counts, and keeps the other fields and hooks of a server', async () => {
    const calls: string[] = [];
    class Own extends TCPServer {
      override requestQueueSize = 7;
      override verifyRequest() {
        calls.push('verifyRequest of the server');
        return true;
      }
      override async processRequest(request: Socket, clientAddress: Address) {
        calls.push('processRequest of the server');
        await super.processRequest(request, clientAddress);
      }
    }
    class Mixed extends ThreadingMixIn(Own) {
      override processRequest(request: Socket, clientAddress: Address) {
        calls.push('processRequest of the whole');
        return super.processRequest(request, clientAddress);
      }
    }
    await using test = new Serving(await Mixed.listen(anywhere, Staying, { workers: 1 }));
    expect([test.server.requestQueueSize, test.server.concurrent]).toEqual([7, true]);
    using peer = await test.connect();
    expect(await line(peer)).toMatch(/^in /);
    expect(await ask(peer, 'go')).toBe('out');
    expect(calls).toEqual(['verifyRequest of the server', 'processRequest of the whole']);
  });

  it('processRequest() returns at once, and the next client is served meanwhile, also in the same thread', async () => {
    const returned: unknown[] = [];
    class Noting extends ThreadingTCPServer {
      override processRequest(request: Socket, clientAddress: Address) {
        const result = super.processRequest(request, clientAddress);
        returned.push(result, this.activeConnections);
        return result;
      }
    }
    await using test = new Serving(await Noting.listen(anywhere, Staying, { workers: 1 }));
    using first = await test.connect();
    const place = await line(first);
    using second = await test.connect();
    expect(await line(second)).toBe(place);
    expect(returned).toEqual([undefined, 1, undefined, 2]);
    expect(await ask(second, 'go')).toBe('out');
    expect(await ask(first, 'go')).toBe('out');
  });

  it('processRequestTask() is a request from its beginning to its end, with its errors', async () => {
    const calls: string[] = [];
    const over = moment();
    class Noting extends ThreadingTCPServer {
      override async processRequestTask(request: Socket, clientAddress: Address) {
        calls.push('begin');
        await super.processRequestTask(request, clientAddress);
        calls.push('end');
        over.happen();
      }
      override finishRequest(request: Socket, clientAddress: Address) {
        calls.push('finishRequest');
        return super.finishRequest(request, clientAddress);
      }
      override handleError() {
        calls.push('handleError');
      }
      override shutdownRequest(request: Socket) {
        calls.push('shutdownRequest');
        return super.shutdownRequest(request);
      }
    }
    const server = await Noting.listen(anywhere, Bad, { workers: 1 });
    const { handleError } = server;
    await using test = new Serving(server);
    server.handleError = handleError;
    using peer = await test.connect();
    expect(await peer.readAll()).toBe('handle');
    await over;
    expect(calls).toEqual(['begin', 'finishRequest', 'handleError', 'shutdownRequest', 'end']);
  });

  it('`blockOnClose = false`: serverClose() returns at once, and the handlers go on until they end', async () => {
    class Leaving extends ThreadingTCPServer {
      override blockOnClose = false;
    }
    await using test = new Serving(await Leaving.listen(anywhere, Staying, { workers: 2, clock: new ManualClock() }));
    using first = await test.connect();
    using second = await test.connect();
    for (const peer of [first, second]) expect(await line(peer)).toMatch(/^in /);
    await test.server.serverClose();
    expect([test.server.fileno(), test.server.activeConnections]).toEqual([-1, 2]);
    await expect(test.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    for (const peer of [first, second]) expect(await ask(peer, 'go')).toBe('out');
    expect(await test.running.done).toMatchObject({ finished: 2, cut: [] });
  });

  it('`daemonThreads = true` does the same; those that do not end are cut when `drainTimeout` is over', async () => {
    const clock = new ManualClock();
    const server = await ThreadingTCPServer.listen(anywhere, Stubborn, { workers: 1, clock, drainTimeout: 60_000 });
    server.daemonThreads = true;
    await using test = new Serving(server);
    using peer = await test.connect();
    expect(await line(peer)).toBe('in');
    await server.serverClose();
    clock.advance(59_999);
    await settled();
    expect(server.activeConnections).toBe(1);
    clock.advance(1);
    expect((await test.running.done).cut).toHaveLength(1);
    expect(server.activeConnections).toBe(0);
  });

  it('`daemonThreads = true` may be a field of a class, as in Python; `blockOnClose` is another setting', async () => {
    await using test = new Serving(await Daemonic.listen(anywhere, Staying, { workers: 1 }));
    expect([test.server.daemonThreads, test.server.blockOnClose]).toEqual([true, true]);
    using peer = await test.connect();
    expect(await line(peer)).toMatch(/^in /);
    await test.server.serverClose();
    expect(test.server.activeConnections).toBe(1);
    expect(await ask(peer, 'go')).toBe('out');
  });

  describeWithPython('beside live CPython', () => {
    it('has its settings', async () => {
      const program = [join(__dirname, 'fixtures/cpython_order.py'), 'ThreadingTCPServer'];
      const { stdout } = await promisify(execFile)('python3', program);
      const { settings } = JSON.parse(stdout) as { settings: Record<string, unknown> };
      const { timeout, daemonThreads, blockOnClose } = new ThreadingTCPServer(anywhere, Staying);
      expect(settings).toEqual({ timeout, daemon_threads: daemonThreads, block_on_close: blockOnClose });
    });
  });
});
