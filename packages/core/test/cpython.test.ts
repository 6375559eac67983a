/**
 * The tests of CPython's own `Lib/test/test_socketserver.py`, by its names. Those of threads and forks run with tasks and
 * with a select loop in their place.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  DatagramPeer,
  Peer,
  RunningServer,
  SocketFolder,
  descriptors,
  expectNoLeaks,
  moment,
} from '@socketserver/testing';

import * as core from '../src';
import {
  type Address,
  AsyncTCPServer,
  type BaseServer,
  DatagramRequestHandler,
  FatalError,
  OptionError,
  SelectingTCPServer,
  type Strategy,
  StreamRequestHandler,
  TCPServer,
  type Transport,
  serverClass,
} from '../src';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

const greeting = 'hello world\n';

/** Runs a program in Python to its end; gives what it printed. */
async function python(...args: (string | number)[]): Promise<string> {
  return (await promisify(execFile)('python3', args.map(String))).stdout;
}

const fixture = (name: string): string => join(__dirname, 'fixtures', name);

/** Answers with the first line. */
class EchoLine extends StreamRequestHandler {
  override async handle() {
    await this.wfile.write(await this.rfile.readline());
  }
}

/** Answers with the first line of a datagram. */
class EchoDatagramLine extends DatagramRequestHandler {
  override async handle() {
    await this.wfile.write(await this.rfile.readline());
  }
}

type Kind = 'TCPServer' | 'UDPServer' | 'UnixStreamServer' | 'UnixDatagramServer';

/** What carries the requests of each of CPython's servers. */
const transportOf: Record<Kind, Transport> = {
  TCPServer: 'tcp',
  UDPServer: 'udp',
  UnixStreamServer: 'unix',
  UnixDatagramServer: 'unix-datagram',
};

describe.each(Object.keys(transportOf) as Kind[])('the servers', (kind) => {
  const transport = transportOf[kind];
  const isStream = transport === 'tcp' || transport === 'unix';
  // Unix datagrams need an optional package.
  const run = transport === 'unix-datagram' && !DatagramPeer.hasUnix ? it.skip : it;

  async function listen(strategy: Strategy): Promise<BaseServer> {
    const Server = serverClass(strategy, transport) as typeof TCPServer;
    class Loud extends Server {
      override handleError(error: unknown): never {
        throw error;
      }
    }
    const address = transport.startsWith('unix') ? folder.path() : anywhere;
    const server = await Loud.listen(address, (isStream ? EchoLine : EchoDatagramLine) as typeof EchoLine);
    expect(server.serverAddress).toEqual(server.socket.getsockname());
    return server;
  }

  /** What one client gets back. */
  async function answerFrom(address: Address): Promise<string> {
    using peer = await (isStream ? Peer : DatagramPeer).connect(address);
    await peer.send(greeting);
    return String(await peer.read(greeting.length));
  }

  run.each<[name: string, strategy: Strategy]>([
    [`test_${kind}`, 'sequential'],
    [`test_Threading${kind}, with tasks for threads`, 'async'],
    [`test_Forking${kind}, with a select loop for processes`, 'selecting'],
  ])('%s: three clients get their line back', async (_name, strategy) => {
    const server = await listen(strategy);
    const done = server.serveForever({ pollInterval: 10 });
    for (let count = 0; count < 3; count += 1) expect(await answerFrom(server.serverAddress)).toBe(greeting);
    await server.shutdown();
    await done;
    await server.serverClose();
    expect(server.socket.fileno()).toBe(-1);
  });

  run(`test_${kind}: so does a client in Python`, async () => {
    await using running = new RunningServer(await listen('sequential'));
    const { address } = running;
    const where = typeof address === 'string' ? address : address[1];
    expect(await python(fixture('echo_client.py'), transport, where, folder.path())).toBe(greeting);
  });
});

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

  it('test_close_immediately, with tasks for threads: a server that never had a request is closed', async () => {
    const server = await AsyncTCPServer.listen(anywhere, StreamRequestHandler);
    await expect(server.serverClose()).resolves.toBeUndefined();
    expect(server.fileno()).toBe(-1);
  });

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
  /** Serves one client, whose handler throws `error`; gives what was called, and how `handleRequest()` ended. */
  async function logOf(Server: typeof TCPServer, error: Error) {
    const log: string[] = [];
    const ended = moment();
    class Bad extends StreamRequestHandler {
      override handle() {
        log.push('handle');
        throw error;
      }
    }
    class Logging extends Server {
      override handleError() {
        log.push('handleError');
      }
      override async shutdownRequest(...args: Parameters<TCPServer['shutdownRequest']>) {
        await super.shutdownRequest(...args);
        ended.happen();
      }
    }
    await using server = await Logging.listen(anywhere, Bad);
    using peer = await Peer.connect(server.serverAddress);
    const handling = server.handleRequest().catch((failure: unknown) => log.push(`throws ${String(failure)}`));
    await ended;
    await handling;
    expect(await peer.ending()).toBe('end');
    return log;
  }

  const concurrent = [
    ['threading', 'tasks for threads', AsyncTCPServer],
    ['forking', 'a select loop for processes', SelectingTCPServer],
  ] as const;

  it('test_sync_handled: an error of a handler reaches handleError()', async () => {
    expect(await logOf(TCPServer, new RangeError('no'))).toEqual(['handle', 'handleError']);
  });

  it('test_sync_not_handled: a fatal one does not, and ends handleRequest()', async () => {
    expect(await logOf(TCPServer, new FatalError('no'))).toEqual(['handle', 'throws FatalError: no']);
  });

  it.each(concurrent)(
    'test_%s_handled, with %s: an error of a handler reaches handleError()',
    async (...[, , Server]) => {
      expect(await logOf(Server, new RangeError('no'))).toEqual(['handle', 'handleError']);
    },
  );

  it.each(concurrent)(
    'test_%s_not_handled, with %s: a fatal one ends its own request only',
    async (...[, , Server]) => {
      expect(await logOf(Server, new FatalError('no'))).toEqual(['handle']);
    },
  );
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
  it('test_all: every name of Python is there, but for those of threads and forks', async () => {
    const names = (await python('-c', 'import socketserver; print(*socketserver.__all__)')).trim().split(' ');
    const expected = names.filter((name) => !/^(Threading|Forking)/.test(name));
    expect(expected).toEqual(expect.arrayContaining(['BaseServer', 'UnixDatagramServer', 'DatagramRequestHandler']));
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

  it('test_threads_reaped, with tasks for threads: finished requests are forgotten', async () => {
    await using running = new RunningServer(await AsyncTCPServer.listen(anywhere, EchoLine));
    for (let count = 0; count < 10; count += 1) {
      using peer = await running.connect();
      await peer.send(greeting);
      expect(await peer.readAll()).toBe(greeting);
      await peer.end().ending();
    }
    await running.server.shutdown();
    expect(running.server.activeConnections).toBe(0);
  });
});
