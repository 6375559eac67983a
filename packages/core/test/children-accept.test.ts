import { BlockList } from 'node:net';

import { expectNoLeaks, type Peer, until } from '@socketserver/testing';

import {
  type Address,
  ForkingTCPServer,
  ForkingUDPServer,
  ForkingUnixStreamServer,
  OptionError,
  type ServerOptions,
  ServerStateError,
} from '../src';
import { Serving } from './serving';
import { temporaryFolder } from './temporary-folder';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Echo, Obeying } = require('./fixtures/workers.js') as Record<'Echo' | 'Obeying', never>;

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
const hasGate = process.env.SOCKETSERVER_ACCEPT_GATE !== 'off' && process.platform !== 'win32';

class AcceptingServer extends ForkingTCPServer {
  override childrenAccept = true;
}

class AcceptingUnixServer extends ForkingUnixStreamServer {
  override childrenAccept = true;
}

async function serve(options: ServerOptions = {}, Server = AcceptingServer): Promise<Serving<ForkingTCPServer>> {
  return new Serving(await Server.listen(anywhere, Obeying, { workers: 2, ...options }));
}

async function line(peer: Peer): Promise<string> {
  for (let text = ''; ;) {
    const byte = String(await peer.read(1));
    if (byte === '\n' || byte === '') return text;
    text += byte;
  }
}

async function ask(peer: Peer, order: string): Promise<string> {
  await peer.send(`${order}\n`);
  return line(peer);
}

/** Long enough for children that do what they must not. */
function aWhile(): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, 50, 'nothing'));
}

(hasGate ? describe : describe.skip)('children that accept by themselves (they need the accept gate)', () => {
  it('serve connections that the server counts, with their addresses, bytes and reasons', async () => {
    await using test = await serve();
    using peer = await test.connect();
    const [pid] = (await ask(peer, 'where')).split('/').map(Number);
    expect(test.server.activeChildren.has(pid!)).toBe(true);
    await until(() => test.server.activeConnections === 1);
    const { address } = peer;
    const told = JSON.parse(await ask(peer, 'address')) as unknown;
    expect(told).toEqual([address, test.server.serverAddress, address]);
    peer.end();
    await test.events.stopped(1);
    expect(test.events.starts).toMatchObject([{ id: 1, clientAddress: address }]);
    expect(test.events.stops).toMatchObject([{ id: 1, reason: 'peer-closed', bytesRead: 14 }]);
    expect(test.server.activeConnections).toBe(0);
  });

  it('serve Unix sockets, and leave the path alone', async () => {
    using folder = temporaryFolder();
    const path = folder.file('socket');
    await using test = new Serving(await AcceptingUnixServer.listen(path, Echo, { workers: 2 }));
    for (let count = 0; count < 2; count += 1) {
      using peer = await test.connect();
      expect(await line(peer)).toMatch(/^0 \d+$/);
      await peer.send('hello\n');
      expect(await line(peer)).toBe('hello');
    }
  });

  it('tell of errors to handleError(), with the address', async () => {
    await using test = await serve();
    const addresses: unknown[] = [];
    test.server.handleError = (error, _request, clientAddress) => void addresses.push([error, clientAddress]);
    using peer = await test.connect();
    await peer.send('fail much\n');
    expect(await peer.readAll()).toBe('');
    await test.events.stopped(1);
    expect(addresses).toMatchObject([[{ name: 'RangeError', code: 'ERR_OWN' }, peer.address]]);
    expect(test.events.reasons).toEqual(['error']);
  });

  it('take no connection before the server serves, while it is suspended, nor after its end', async () => {
    const server = await AcceptingServer.listen(anywhere, Obeying, { workers: 2 });
    await using test = new Serving(server);
    server.suspend();
    using peer = await test.connect();
    await peer.send('where\n');
    const answered = line(peer);
    expect(await Promise.race([answered, aWhile()])).toBe('nothing');
    server.resume();
    expect(await answered).toMatch(/^\d+\/0$/);
    await server.shutdown();
    expect(await peer.readAll()).toBe('goodbye\n');
    await test.running.done;
    using late = await test.connect();
    await late.send('where\n');
    const serving = server.serveForever();
    expect(await line(late)).toMatch(/^\d+\/0$/);
    await server.shutdown();
    await serving;
  });

  it('drain with their server, which cuts who does not end in time', async () => {
    await using test = await serve({ drainTimeout: 50 });
    using idle = await test.connect();
    await ask(idle, 'where');
    using hanging = await test.connect();
    expect(await ask(hanging, 'hang')).toBe('hanging');
    await until(() => test.server.activeConnections === 2);
    expect(await test.server.shutdown()).toMatchObject({ finished: 1, cut: [{ clientAddress: hanging.address }] });
    expect(await idle.readAll()).toBe('goodbye\n');
  });

  it('can shut the server down by a handler, which is not waited for', async () => {
    await using test = await serve();
    using other = await test.connect();
    await ask(other, 'where');
    await test.events.started(1);
    using peer = await test.connect();
    expect(await ask(peer, 'shutdown')).toBe('finished 1');
  });

  it('keep deadlines, and lifetimes', async () => {
    await using test = await serve({ deadlines: { idle: 100, lifetime: 1500 } });
    using idle = await test.connect();
    using hanging = await test.connect();
    expect(await ask(hanging, 'hang')).toBe('hanging');
    await Promise.all([idle.ending(), hanging.ending()]);
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['deadline:idle', 'deadline:lifetime']);
  });

  it('end only their own connections when one dies, and another one takes its place', async () => {
    await using test = await serve({ workers: 1 });
    using peer = await test.connect();
    const place = await ask(peer, 'where');
    await peer.send('exit 3\n');
    await peer.ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['worker-died']);
    using next = await test.connect();
    expect(await ask(next, 'where')).not.toBe(place);
  });

  it('take no more than requestsPerWorker each, while others are started up to maxChildren', async () => {
    class Small extends AcceptingServer {
      override requestsPerWorker = 1;
      override maxChildren = 2;
    }
    await using test = await serve({ workers: 1 }, Small);
    using first = await test.connect();
    using second = await test.connect();
    const places = new Set([await ask(first, 'where'), await ask(second, 'where')]);
    expect(places.size).toBe(2);
    using third = await test.connect();
    await third.send('where\n');
    const answered = line(third);
    expect(await Promise.race([answered, aWhile()])).toBe('nothing');
    first.end();
    expect(places.has(await answered)).toBe(true);
  });

  it('are recycled, and finish what they have', async () => {
    class Recycling extends AcceptingServer {
      override recycleAfter = 2;
    }
    await using test = await serve({ workers: 1 }, Recycling);
    using staying = await test.connect();
    const place = await ask(staying, 'where');
    const places = new Set([place]);
    for (let count = 0; count < 5; count += 1) {
      using peer = await test.connect();
      places.add(await ask(peer, 'where'));
      // Of what it accepts a child tells a little later.
      await test.events.started(count + 2);
    }
    expect(places.size).toBeGreaterThan(2);
    expect(await ask(staying, 'where')).toBe(place);
    expect(test.errors).toEqual([]);
  });

  it.each<[string, ServerOptions]>([
    ['maxConnections', { maxConnections: 3 }],
    ['maxConnectionsPerAddress', { maxConnectionsPerAddress: 3 }],
    ['allow', { allow: new BlockList() }],
    ['deny', { deny: new BlockList() }],
    ['handshake', { deadlines: { handshake: 100 } }],
  ])('cannot be had together with %s', async (name, options) => {
    const listening = AcceptingServer.listen(anywhere, Obeying, { workers: 1, ...options });
    await expect(listening).rejects.toThrow(OptionError);
    await expect(listening).rejects.toThrow(`childrenAccept: expected false together with ${name}`);
  });

  it("cannot be had together with a verifyRequest() of one's own", async () => {
    class Verifying extends AcceptingServer {
      override verifyRequest() {
        return true;
      }
    }
    await expect(Verifying.listen(anywhere, Obeying, { workers: 1 })).rejects.toThrow('verifyRequest()');
  });

  it('cannot be had for datagrams, nor with handleRequest()', async () => {
    class Datagrams extends ForkingUDPServer {
      override childrenAccept = true;
    }
    await expect(Datagrams.listen(anywhere, Obeying, { workers: 1 })).rejects.toThrow('datagrams');
    await using server = await AcceptingServer.listen(anywhere, Obeying, { workers: 1 });
    await expect(server.handleRequest()).rejects.toThrow(ServerStateError);
  });
});

it('children do not accept by themselves where there is no accept gate, and listen() says why', async () => {
  const before = process.env.SOCKETSERVER_ACCEPT_GATE;
  process.env.SOCKETSERVER_ACCEPT_GATE = 'off';
  try {
    await expect(AcceptingServer.listen(anywhere, Obeying, { workers: 1 })).rejects.toThrow('koffi');
  } finally {
    if (before === undefined) delete process.env.SOCKETSERVER_ACCEPT_GATE;
    else process.env.SOCKETSERVER_ACCEPT_GATE = before;
  }
});
