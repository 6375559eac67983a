import { execFile } from 'node:child_process';
import { existsSync, lstatSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Peer, RunningServer, expectNoLeaks } from '@socketserver/testing';

import {
  type Address,
  AsyncUnixDatagramServer,
  AsyncUnixStreamServer,
  DatagramRequestHandler,
  DatagramSocket,
  SelectingUnixDatagramServer,
  SelectingUnixStreamServer,
  TCPServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
  serverClass,
  strategies,
} from '../src';
import { Echo } from './handlers';
import { Serving } from './serving';
import { temporaryFolder } from './temporary-folder';

expectNoLeaks();

const AF_UNIX = 1;

class EchoPacket extends DatagramRequestHandler {
  override async handle() {
    await this.wfile.write(this.packet);
  }
}

/** Runs a client of Python's to its end; gives what it printed. */
async function python(...args: string[]): Promise<string> {
  const program = join(__dirname, 'fixtures', 'echo_client.py');
  return (await promisify(execFile)('python3', [program, ...args], { timeout: 15_000 })).stdout;
}

/** Why Unix datagrams cannot be tested here, if they cannot. */
const missing = ((): string | null => {
  try {
    jest.requireActual('unix-dgram');
    return null;
  } catch {
    return 'skipped: the optional package unix-dgram cannot be loaded';
  }
})();
const describeDatagrams = missing === null ? describe : describe.skip;
const because = missing === null ? '' : ` (${missing})`;

describe('the Unix servers', () => {
  it('are those of TCP and UDP with another family, as in Python', () => {
    const stream = new UnixStreamServer('/tmp/socket', Echo);
    expect(stream).toBeInstanceOf(TCPServer);
    expect(stream).toMatchObject({ addressFamily: AF_UNIX, socketType: 1, requestQueueSize: 1024, timeout: null });
    const datagram = new UnixDatagramServer('/tmp/socket', EchoPacket);
    expect(datagram).toBeInstanceOf(UDPServer);
    expect(datagram).toMatchObject({ addressFamily: AF_UNIX, socketType: 2, maxPacketSize: 8192 });
  });

  it('have a class for each strategy', () => {
    const classes = strategies.map((strategy) => [
      serverClass(strategy, 'unix'),
      serverClass(strategy, 'unix-datagram'),
    ]);
    expect(classes).toEqual([
      [UnixStreamServer, UnixDatagramServer],
      [AsyncUnixStreamServer, AsyncUnixDatagramServer],
      [SelectingUnixStreamServer, SelectingUnixDatagramServer],
    ]);
  });

  it.each([['127.0.0.1', 9999], '', null, 5].map((address) => [address]))('refuse the address %p', (address) => {
    for (const Server of [UnixStreamServer, UnixDatagramServer]) {
      expect(() => new Server(address as Address, Echo as never)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', option: 'address' }) as Error,
      );
    }
  });
});

// What both transports have in common: how they treat their path.
const transports = [
  ['unix', Echo, describe],
  ['unix-datagram', EchoPacket, describeDatagrams],
] as const;
for (const [transport, Handler, describeTransport] of transports) {
  describeTransport.each(strategies)(`the path of a server over ${transport}: %s${because}`, (strategy) => {
    const Server = serverClass(strategy, transport) as typeof UnixStreamServer;
    const listen = (path: string) => Server.listen(path, Handler as never);

    it('is its address, and stays when it is closed', async () => {
      using folder = temporaryFolder();
      const path = folder.file('socket');
      const server = await listen(path);
      expect(server.serverAddress).toBe(path);
      expect(server.socket.getsockname()).toBe(path);
      expect(lstatSync(path).isSocket()).toBe(true);
      const running = new RunningServer(server);
      await running[Symbol.asyncDispose]();
      expect(lstatSync(path).isSocket()).toBe(true);
    });

    it('cannot be one that is there already; the message says what to do', async () => {
      using folder = temporaryFolder();
      const path = folder.file('socket');
      await (await listen(path)).serverClose();
      await expect(listen(path)).rejects.toMatchObject({
        code: 'EADDRINUSE',
        message: expect.stringContaining(path) as string,
      });
      expect(existsSync(path)).toBe(true);
    });

    it('is taken over with allowReuseAddress when nobody serves there any more, and only then', async () => {
      class Reusing extends Server {
        override allowReuseAddress = true;
      }
      using folder = temporaryFolder();
      const path = folder.file('socket');
      await (await listen(path)).serverClose();
      await using server = await Reusing.listen(path, Handler as never);
      expect(server.fileno()).toBeGreaterThan(2);
      await expect(Reusing.listen(path, Handler as never)).rejects.toMatchObject({ code: 'EADDRINUSE' });
      expect(lstatSync(path).isSocket()).toBe(true);
    });

    it('is taken over with removeStale as well', async () => {
      using folder = temporaryFolder();
      const path = folder.file('socket');
      await (await listen(path)).serverClose();
      await using _server = await Server.listen(path, Handler as never, { removeStale: true });
      const again = Server.listen(path, Handler as never, { removeStale: true });
      await expect(again).rejects.toThrow('a socket that is in use is there already');
    });

    it('is never a file of another kind, which stays as it is', async () => {
      class Reusing extends Server {
        override allowReuseAddress = true;
      }
      using folder = temporaryFolder();
      const path = folder.file('file');
      writeFileSync(path, 'precious');
      for (const Class of [Server, Reusing]) {
        await expect(Class.listen(path, Handler as never)).rejects.toMatchObject({
          code: 'EADDRINUSE',
          message: expect.stringContaining('a file that is no socket is there already; choose another path') as string,
        });
      }
      expect(lstatSync(path).size).toBe(8);
    });

    it('cannot be too long, or in a folder that is not there', async () => {
      using folder = temporaryFolder();
      await expect(listen(folder.file('x'.repeat(120)))).rejects.toMatchObject({
        code: 'ENAMETOOLONG',
        message: expect.stringMatching(/10[37] bytes/) as string,
      });
      await expect(listen(folder.file('missing/socket'))).rejects.toMatchObject({
        code: 'ENOENT',
        message: expect.stringContaining(`there is no folder ${folder.file('missing')}; make it first`) as string,
      });
    });
  });
}

describe.each(strategies)('a server over a Unix stream: %s', (strategy) => {
  const Server = serverClass(strategy, 'unix');

  it('serves clients, whose address is empty', async () => {
    using folder = temporaryFolder();
    await using test = new Serving(await Server.listen(folder.file('socket'), Echo));
    for (let count = 1; count <= 3; count += 1) {
      using peer = await test.connect();
      await peer.send('hello\n');
      expect(await peer.end().readAll()).toBe('hello\n');
      await test.events.stopped(count);
    }
    expect(test.events.starts.map(({ clientAddress }) => clientAddress)).toEqual(['', '', '']);
    expect(test.events.reasons).toEqual(['peer-closed', 'peer-closed', 'peer-closed']);
  });

  it('leaves clients in the backlog while it is suspended, and keeps its path then', async () => {
    using folder = temporaryFolder();
    const path = folder.file('socket');
    await using test = new Serving(await Server.listen(path, Echo));
    test.server.suspend();
    using peer = await test.connect();
    await peer.send('hello\n');
    expect(test.events.starts).toEqual([]);
    expect(existsSync(path)).toBe(true);
    test.server.resume();
    expect(await peer.end().readAll()).toBe('hello\n');
  });

  it('refuses clients when it is closed', async () => {
    using folder = temporaryFolder();
    const path = folder.file('socket');
    await (await Server.listen(path, Echo)).serverClose();
    await expect(Peer.connect(path)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('answers a client of Python', async () => {
    using folder = temporaryFolder();
    await using test = new Serving(await Server.listen(folder.file('socket'), Echo));
    expect(await python('unix', test.server.serverAddress as string)).toBe('hello world\n');
  });
});

describeDatagrams.each(strategies)(`a server over Unix datagrams: %s${because}`, (strategy) => {
  const Server = serverClass(strategy, 'unix-datagram');

  it('answers a client that has a path', async () => {
    using folder = temporaryFolder();
    await using test = new Serving(await Server.listen(folder.file('server'), EchoPacket));
    await using client = new DatagramSocket(AF_UNIX);
    await client.bind(folder.file('client'));
    for (const text of ['hello', '', 'x'.repeat(8192)]) {
      await client.sendto(text, test.server.serverAddress);
      const [packet, from] = await client.recvfrom(10_000);
      expect(String(packet)).toBe(text);
      expect(from).toBe(test.server.serverAddress);
    }
    expect(test.events.starts[0]?.clientAddress).toBe(folder.file('client'));
  });

  it('serves one without, whose address is empty; an answer to it fails, and the server goes on', async () => {
    using folder = temporaryFolder();
    await using test = new Serving(await Server.listen(folder.file('server'), EchoPacket));
    await using nameless = new DatagramSocket(AF_UNIX);
    await nameless.sendto('hello', test.server.serverAddress);
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ clientAddress: '', reason: 'error', bytesRead: 5 }]);
    expect(test.errors).toMatchObject([{ code: 'EDESTADDRREQ' }]);
    expect(await python('unix-datagram', test.server.serverAddress as string, folder.file('python'))).toBe(
      'hello world\n',
    );
  });
});

it('a server that is created twice at one path tells one of the two', async () => {
  using folder = temporaryFolder();
  const path = folder.file('socket');
  const made = await Promise.allSettled([UnixStreamServer.listen(path, Echo), UnixStreamServer.listen(path, Echo)]);
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const socket = net.connect(path);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
  for (const each of made) if (each.status === 'fulfilled') await each.value.serverClose();
});

it('of two that would both remove a stale socket, only one serves', async () => {
  using folder = temporaryFolder();
  const path = folder.file('socket');
  await (await UnixStreamServer.listen(path, Echo)).serverClose();
  const made = await Promise.allSettled([1, 2].map(() => UnixStreamServer.listen(path, Echo, { removeStale: true })));
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  for (const each of made) if (each.status === 'fulfilled') await each.value.serverClose();
});
