/**
 * The tests of CPython's own `Lib/test/test_socketserver.py`, by its names. Its twelve servers are in
 * `cpython-servers.test.ts`.
 */
import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';

import { Peer, RecordedEvents, descriptors, expectNoLeaks } from '@socketserver/testing';

import * as core from '../src';
import {
  type Address,
  OptionError,
  type Strategy,
  StreamRequestHandler,
  TCPServer,
  ThreadingTCPServer,
  serverClass,
  workerStrategies,
} from '../src';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const handlers = require('./fixtures/cpython.js') as Record<'EchoLine' | 'Bad' | 'Fatal', never>;

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
const greeting = 'hello world\n';

/** Runs a program in Python to its end; gives what it printed. */
async function python(...args: (string | number)[]): Promise<string> {
  return (await promisify(execFile)('python3', args.map(String))).stdout;
}

const fixture = (name: string): string => join(__dirname, 'fixtures', name);

describe('the end', () => {
  it('test_shutdown: 20 servers that are shut down as soon as they serve all end', async () => {
    const servers = await Promise.all(
      Array.from({ length: 20 }, () => TCPServer.listen(anywhere, StreamRequestHandler)),
    );
    const loops: Promise<unknown>[] = [];
    for (const server of servers) {
      loops.push(server.serveForever({ pollInterval: 10 }));
      await server.shutdown();
    }
    await Promise.all(loops);
    for (const server of servers) await server.serverClose();
  });

  it.each(workerStrategies)(
    'test_close_immediately: a server that never had a request is closed (%s)',
    async (strategy) => {
      const server = await serverClass(strategy).listen(anywhere, handlers.EchoLine, { workers: 1 });
      await expect(server.serverClose()).resolves.toBeUndefined();
      expect(server.fileno()).toBe(-1);
    },
  );

  it('test_tcpserver_bind_leak: 1024 servers for a port that cannot be leave no descriptor', async () => {
    const before = descriptors().length;
    for (let count = 0; count < 1024; count += 1) {
      const listening = TCPServer.listen(['127.0.0.1', -1], StreamRequestHandler);
      await expect(listening).rejects.toBeInstanceOf(OptionError);
    }
    expect(descriptors()).toHaveLength(before);
  });

  it('test_context_manager: a server is closed at the end of its block', async () => {
    let kept: TCPServer;
    {
      await using server = await TCPServer.listen(anywhere, StreamRequestHandler);
      expect(server.socket.fileno()).toBeGreaterThan(0);
      kept = server;
    }
    expect(kept.socket.fileno()).toBe(-1);
  });
});

describe('errors', () => {
  /** Serves clients one after the other, whose handlers fail; gives what was called for each, and how that ended. */
  async function logOf(strategy: Strategy, Handler: never, clients = 1) {
    const log: string[] = [];
    class Logging extends serverClass(strategy) {
      override handleError() {
        log.push('handleError');
      }
    }
    await using server = await Logging.listen(anywhere, Handler, { workers: 1 });
    using events = new RecordedEvents(server);
    for (let count = 1; count <= clients; count += 1) {
      using peer = await Peer.connect(server.serverAddress);
      const handling = server.handleRequest().catch((failure: unknown) => log.push(`throws ${String(failure)}`));
      // The handler says so itself, wherever it runs.
      log.push(await peer.readAll());
      await events.stopped(count);
      await handling;
      expect(await peer.ending()).toBe('end');
    }
    expect(events.reasons).toEqual(Array(clients).fill('error'));
    return log;
  }

  it('test_sync_handled: an error of a handler reaches handleError()', async () => {
    expect((await logOf('sequential', handlers.Bad)).sort()).toEqual(['handle', 'handleError']);
  });

  it('test_sync_not_handled: a fatal one does not, and ends handleRequest()', async () => {
    expect((await logOf('sequential', handlers.Fatal)).sort()).toEqual(['handle', 'throws FatalError: no']);
  });

  it.each(workerStrategies)('test_%s_handled: an error of a handler reaches handleError()', async (strategy) => {
    expect((await logOf(strategy, handlers.Bad)).sort()).toEqual(['handle', 'handleError']);
  });

  it.each(workerStrategies)('test_%s_not_handled: a fatal one ends its own request only', async (strategy) => {
    expect(await logOf(strategy, handlers.Fatal, 2)).toEqual(['handle', 'handle']);
  });
});

describe('wfile', () => {
  it('test_basics: it is a writer on the connection of the request', async () => {
    const seen: unknown[] = [];
    class Looking extends StreamRequestHandler {
      override async handle() {
        seen.push(this.connection === this.request, this.request.fileno() > 0, typeof this.wfile.write);
        await this.wfile.write(greeting);
      }
    }
    await using server = await TCPServer.listen(anywhere, Looking);
    using peer = await Peer.connect(server.serverAddress);
    await server.handleRequest();
    expect(seen).toEqual([true, true, 'function']);
    expect(await peer.readAll()).toBe(greeting);
  });

  it('test_write: sends at once, and all of 16 MiB although signals come meanwhile', async () => {
    const size = 16 * 1024 * 1024 + 1;
    const results: unknown[] = [];
    class Writing extends StreamRequestHandler {
      override async handle() {
        results.push(await this.wfile.write('write data\n'));
        results.push(String(await this.rfile.readline()));
        results.push(await this.wfile.write(Buffer.alloc(size)));
      }
    }
    await using server = await TCPServer.listen(anywhere, Writing);
    const handled = server.handleRequest();
    expect(await python(fixture('interrupting_client.py'), server.serverAddress[1])).toBe(`write data\n${size}\n`);
    await handled;
    expect(results).toEqual([11, 'client response\n', size]);
  });
});

describe('the rest', () => {
  it('test_all: every name of Python is there', async () => {
    const names = (await python('-c', 'import socketserver; print(*socketserver.__all__)')).trim().split(' ');
    expect(names).toEqual(expect.arrayContaining(['ForkingMixIn', 'ThreadingUnixDatagramServer']));
    // The first two since 3.12.
    const expected = ['ForkingUnixStreamServer', 'ForkingUnixDatagramServer', ...names];
    expect(Object.keys(core)).toEqual(expect.arrayContaining(expected));
  });

  it('test_shutdown_request_called_if_verify_request_false: once', async () => {
    let calls = 0;
    class Refusing extends TCPServer {
      override verifyRequest() {
        return false;
      }
      override shutdownRequest(...args: Parameters<TCPServer['shutdownRequest']>) {
        calls += 1;
        return super.shutdownRequest(...args);
      }
    }
    await using server = await Refusing.listen(anywhere, StreamRequestHandler);
    using peer = await Peer.connect(server.serverAddress);
    await server.handleRequest();
    expect(await peer.end().ending()).toBe('end');
    expect(calls).toBe(1);
  });

  it('test_threads_reaped: ten requests leave no thread and no request behind', async () => {
    const threads: Worker[] = [];
    const onThread = (event: unknown) => void threads.push((event as { worker: Worker }).worker);
    subscribe('worker_threads', onThread);
    const server = await ThreadingTCPServer.listen(anywhere, handlers.EchoLine, { workers: 2 });
    using events = new RecordedEvents(server);
    for (let count = 1; count <= 10; count += 1) {
      using peer = await Peer.connect(server.serverAddress);
      await server.handleRequest();
      await peer.send(greeting);
      expect(await peer.readAll()).toBe(greeting);
      await events.stopped(count);
    }
    expect(server.activeConnections).toBe(0);
    expect(threads).toHaveLength(2);
    await server.serverClose();
    unsubscribe('worker_threads', onThread);
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });
});
