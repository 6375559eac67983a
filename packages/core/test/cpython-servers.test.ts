/** The twelve servers of CPython's `Lib/test/test_socketserver.py`, by the names of its tests. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  DatagramPeer,
  Peer,
  Program,
  RunningServer,
  SocketFolder,
  endPrograms,
  expectNoLeaks,
} from '@socketserver/testing';

import {
  type Address,
  type BaseServer,
  type ForkingServer,
  type Strategy,
  type TCPServer,
  type Transport,
  serverClass,
} from '../src';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { EchoLine, EchoDatagramLine } = require('./fixtures/cpython.js') as Record<
  'EchoLine' | 'EchoDatagramLine',
  never
>;

expectNoLeaks();
afterEach(endPrograms);

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

const greeting = 'hello world\n';

type Kind = 'TCPServer' | 'UDPServer' | 'UnixStreamServer' | 'UnixDatagramServer';

/** What carries the requests of each of CPython's servers. */
const transportOf: Record<Kind, Transport> = {
  TCPServer: 'tcp',
  UDPServer: 'udp',
  UnixStreamServer: 'unix',
  UnixDatagramServer: 'unix-datagram',
};

/** What its names begin with. */
const strategyOf = { '': 'sequential', Threading: 'threading', Forking: 'forking' } as const;

const servers = (Object.keys(transportOf) as Kind[]).flatMap((kind) =>
  Object.entries(strategyOf).map(([prefix, strategy]) => ({ test: `test_${prefix}${kind}`, kind, strategy })),
);

describe.each(servers)('the servers $test:', ({ kind, strategy }) => {
  const transport = transportOf[kind];
  const isStream = transport === 'tcp' || transport === 'unix';
  const isForking = strategy === 'forking';
  // Unix datagrams need an optional package.
  const isMissing = transport === 'unix-datagram' && !DatagramPeer.hasUnix;
  const run = isMissing ? it.skip : it;
  const because = isMissing ? ' (skipped: the optional package unix-dgram cannot be loaded)' : '';

  async function listen(): Promise<BaseServer> {
    class Loud extends (serverClass(strategy as Strategy, transport) as typeof TCPServer) {
      override handleError(error: unknown): never {
        throw error;
      }
    }
    const address: Address = transport.startsWith('unix') ? folder.path() : ['127.0.0.1', 0];
    const server = await Loud.listen(address, isStream ? EchoLine : EchoDatagramLine, { workers: 1 });
    expect(server.serverAddress).toEqual(server.socket.getsockname());
    return server;
  }

  /** What one client gets back. */
  async function answerFrom(address: Address): Promise<string> {
    using peer = await (isStream ? Peer : DatagramPeer).connect(address);
    await peer.send(greeting);
    return String(await peer.read(greeting.length));
  }

  run(`three clients get their line back${because}`, async () => {
    // Somebody else's child: its own parent is to hear of its end, and nobody else.
    const other = isForking ? new Program('sh', ['-c', 'exit 72']) : null;
    const server = await listen();
    const done = server.serveForever({ pollInterval: 10 });
    for (let count = 0; count < 3; count += 1) expect(await answerFrom(server.serverAddress)).toBe(greeting);
    if (isForking) expect((server as BaseServer & ForkingServer).activeChildren.size).toBe(1);
    await server.shutdown();
    await done;
    await server.serverClose();
    expect(server.socket.fileno()).toBe(-1);
    if (isForking) expect((server as BaseServer & ForkingServer).activeChildren.size).toBe(0);
    if (other !== null) expect(await other.ended).toBe(72);
  });

  run(`so does a client in Python${because}`, async () => {
    await using running = new RunningServer(await listen());
    const { address } = running;
    const args = [transport, String(typeof address === 'string' ? address : address[1]), folder.path()];
    const client = await promisify(execFile)('python3', [join(__dirname, 'fixtures', 'echo_client.py'), ...args]);
    expect(client.stdout).toBe(greeting);
  });
});
