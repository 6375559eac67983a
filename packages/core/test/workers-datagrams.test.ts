import { DatagramPeer, expectNoLeaks, until } from '@socketserver/testing';

import {
  type Address,
  ForkingUDPServer,
  ForkingUnixDatagramServer,
  HandlerError,
  StreamRequestHandler,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  type UDPServer,
  type UnixDatagramServer,
  WorkerDiedError,
} from '../src';
import type { ReplyMessage } from '../src/workers/messages';
import { adoptPacket, givePacket } from '../src/workers/packet-parcel';
import { RemoteDatagramSocket } from '../src/workers/remote-datagram-socket';
import { Serving, settle } from './serving';
import { temporaryFolder } from './temporary-folder';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const handlers = require('./fixtures/workers-datagrams.js') as Record<'Echo' | 'Measuring' | 'Obeying', never>;

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

async function ask(peer: DatagramPeer, order: string): Promise<string> {
  await peer.send(`${order}\n`);
  return String(await peer.read()).trimEnd();
}

describe.each([
  ['ThreadingMixIn', ThreadingUDPServer as typeof UDPServer, ThreadingUnixDatagramServer as typeof UnixDatagramServer],
  ['ForkingMixIn', ForkingUDPServer as typeof UDPServer, ForkingUnixDatagramServer as typeof UnixDatagramServer],
] as const)('datagrams: %s', (strategy, Server, UnixServer) => {
  const isForking = strategy === 'ForkingMixIn';

  async function serve(handler: never, options = {}) {
    const test = new Serving(await Server.listen(anywhere, handler, { workers: 2, ...options }));
    return { test, peer: await DatagramPeer.connect(test.server.serverAddress) };
  }

  it('serves a DatagramRequestHandler, whose answer leaves by the server’s socket', async () => {
    const { test, peer } = await serve(handlers.Echo);
    await using _test = test;
    using _peer = peer;
    for (const [index, text] of ['hello', '', 'x'.repeat(8192)].entries()) {
      await peer.send(text);
      await test.events.stopped(index + 1);
      expect(String(await peer.read()) === text).toBe(true);
    }
    expect(test.events.stops).toMatchObject([
      { reason: 'finished', bytesRead: 5, bytesWritten: 0 },
      { reason: 'finished', bytesRead: 0, bytesWritten: 0 },
      { reason: 'finished', bytesRead: 8192, bytesWritten: 0 },
    ]);
    expect(test.errors).toEqual([]);
  });

  it('serves a MessageHandler, each message of a datagram with a datagram', async () => {
    const { test, peer } = await serve(handlers.Obeying);
    await using _test = test;
    using _peer = peer;
    await peer.send('where\naddress\n');
    const [pid, thread] = String(await peer.read())
      .split('/')
      .map(Number);
    expect(pid === process.pid).toBe(!isForking);
    expect(thread === 0).toBe(isForking);
    const { serverAddress } = test.server;
    expect(JSON.parse(String(await peer.read()))).toEqual([peer.address, serverAddress, serverAddress, false, 2]);
  });

  const unix = DatagramPeer.hasUnix ? it : it.skip;
  const because = DatagramPeer.hasUnix ? '' : ' (skipped: the optional package unix-dgram cannot be loaded)';
  unix(`serves Unix datagrams${because}`, async () => {
    using folder = temporaryFolder();
    const options = { workers: 1 };
    await using echo = new Serving(await UnixServer.listen(folder.file('echo'), handlers.Echo, options));
    await using obeying = new Serving(await UnixServer.listen(folder.file('obeying'), handlers.Obeying, options));
    using peer = await DatagramPeer.connect(echo.server.serverAddress);
    await peer.send('hello');
    expect(String(await peer.read())).toBe('hello');
    using other = await DatagramPeer.connect(obeying.server.serverAddress);
    const path = obeying.server.serverAddress;
    expect(JSON.parse(await ask(other, 'address'))).toEqual([other.address, path, path, false, 1]);
  });

  it('shares the datagrams out', async () => {
    const { test, peer } = await serve(handlers.Obeying, { drainTimeout: 0 });
    await using _test = test;
    using _peer = peer;
    const places = [await ask(peer, 'stay'), await ask(peer, 'stay'), await ask(peer, 'stay'), await ask(peer, 'stay')];
    expect(new Set(places).size).toBe(2);
    expect(test.server.activeConnections).toBe(4);
  });

  it('loses nothing of many clients, and answers each in its order', async () => {
    const { test, peer } = await serve(handlers.Echo);
    await using _test = test;
    using _peer = peer;
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => DatagramPeer.connect(test.server.serverAddress)),
    );
    const talks = clients.map(async (client, number) => {
      for (let round = 0; round < 30; round += 1) {
        const text = `${number} ${round} ${'x'.repeat(number * round)}`;
        await client.send(text);
        expect(String(await client.read())).toBe(text);
      }
    });
    await Promise.all(talks);
    for (const client of clients) client[Symbol.dispose]();
    await test.events.stopped(600);
    expect(new Set(test.events.reasons)).toEqual(new Set(['finished']));
    expect(test.server.socket.dropped).toBe(0);
    expect(test.server.activeConnections).toBe(0);
  });

  it('gives a packet to the worker with no other bytes around it', async () => {
    const { test, peer } = await serve(handlers.Measuring);
    await using _test = test;
    using _peer = peer;
    for (const length of [1, 100, 5000]) {
      await peer.send(Buffer.alloc(length));
      expect(String(await peer.read())).toBe(`true ${length} ${length}`);
    }
  });

  it('gives errors to handleError() in this process, with class, code, cause and stack', async () => {
    const { test, peer } = await serve(handlers.Obeying);
    await using _test = test;
    using _peer = peer;
    await peer.send('fail much\n');
    await test.events.stopped(1);
    const [error] = test.errors as [RangeError];
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ name: 'RangeError', message: 'much', code: 'ERR_OWN' });
    expect(error.stack).toContain('workers-datagrams.js');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(test.events.stops).toMatchObject([{ reason: 'error', bytesRead: 10 }]);
    await peer.send('half');
    await test.events.stopped(2);
    expect(test.errors[1]).toMatchObject({ code: 'ERR_TRUNCATED_MESSAGE' });
    expect(test.events.reasons).toEqual(['error', 'protocol-error']);
  });

  it('gives the handler the error of an answer that the server’s socket cannot send', async () => {
    const { test, peer } = await serve(handlers.Obeying);
    await using _test = test;
    using _peer = peer;
    expect(await ask(peer, 'long')).toBe('true EMSGSIZE true');
    expect(await ask(peer, 'forgotten')).toBe('sent');
    expect(await ask(peer, 'text 3')).toBe('ééé');
    expect(String(await peer.read())).toBe('6\n');
    await test.events.stopped(3);
    expect(test.events.reasons).toEqual(['finished', 'finished', 'finished']);
  });

  it('bounds the answers that nobody awaits', async () => {
    const { test, peer } = await serve(handlers.Obeying);
    await using _test = test;
    using _peer = peer;
    expect(await ask(peer, 'flood')).toBe('EMSGSIZE,ENOBUFS true');
    expect(await ask(peer, 'text 1')).toBe('é');
  });

  it('leaves the socket to the server', async () => {
    const { test, peer } = await serve(handlers.Obeying);
    await using _test = test;
    using _peer = peer;
    const codes = (await ask(peer, 'meddle')).split(' ');
    expect(codes.slice(0, 11)).toEqual(Array(11).fill('EOPNOTSUPP'));
    expect(codes.slice(11)).toEqual(['EINVAL', 'EINVAL']);
    expect(await ask(peer, 'text 1')).toBe('é');
  });

  it.each([
    ['exit 3', /exit code 3/],
    ['uncaught', isForking ? /exit code 1/ : /nobody catches this/],
  ])('ends only the requests of a worker that dies by %s, and replaces it', async (order, reason) => {
    const { test, peer } = await serve(handlers.Obeying, { drainTimeout: 0 });
    await using _test = test;
    using _peer = peer;
    const places = new Set([await ask(peer, 'stay'), await ask(peer, 'stay')]);
    await peer.send(`${order}\n`);
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['worker-died', 'worker-died']);
    expect(test.events.stops.map(({ bytesRead }) => bytesRead).sort()).toEqual([5, order.length + 1]);
    expect(test.errors).toEqual([expect.any(WorkerDiedError), expect.any(WorkerDiedError)]);
    expect((test.errors[0] as Error).message).toMatch(reason);
    expect(test.server.activeConnections).toBe(1);
    // The one in its place has the least to do.
    let place = '';
    for (let tries = 0; tries < 10_000 && (place === '' || places.has(place)); tries += 1) {
      place = await ask(peer, 'where');
    }
    expect(places.has(place)).toBe(false);
  });

  it('lets handlers that run answer while the server closes', async () => {
    const { test, peer } = await serve(handlers.Obeying);
    await using _test = test;
    using _peer = peer;
    expect(await ask(peer, 'last')).toBe('in');
    const closing = test.server.serverClose();
    expect(String(await peer.read())).toBe('last words\n');
    await closing;
    expect(test.events.reasons).toEqual(['finished']);
    expect(test.server.fileno()).toBe(-1);
  });

  it.each(['hang', 'loop'])('cuts a handler that does not end in time: %s', async (order) => {
    const { test, peer } = await serve(handlers.Obeying, { drainTimeout: 50 });
    await using _test = test;
    using _peer = peer;
    await peer.send(`${order}\n`);
    await test.events.started(1);
    const report = await test.server.shutdown();
    expect(report.cut).toHaveLength(1);
    expect(test.events.stops).toMatchObject([{ reason: 'shutdown', bytesRead: 5 }]);
  });

  it('can be shut down by a handler, which is not waited for, and serves again', async () => {
    const { test, peer } = await serve(handlers.Obeying);
    await using _test = test;
    using _peer = peer;
    await ask(peer, 'last');
    await peer.send('shutdown\n');
    expect([String(await peer.read()), String(await peer.read())]).toEqual(['last words\n', 'finished 1\n']);
    await test.running.done;
    const serving = test.server.serveForever();
    expect(await ask(peer, 'text 2')).toBe('éé');
    await test.server.shutdown();
    await serving;
  });

  it('keeps deadlines in the workers', async () => {
    const { test, peer } = await serve(handlers.Obeying, { deadlines: { handler: 50 } });
    await using _test = test;
    using _peer = peer;
    await peer.send('hang\n');
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'deadline:handler', bytesRead: 5 }]);
    expect(test.errors).toEqual([]);
    expect(await ask(peer, 'text 1')).toBe('é');
  });

  it('counts requests for the whole server; more wait in the queue', async () => {
    const { test, peer } = await serve(handlers.Obeying, { maxConnections: 2 });
    await using _test = test;
    using _peer = peer;
    expect([await ask(peer, 'last'), await ask(peer, 'last')]).toEqual(['in', 'in']);
    await peer.send('where\n');
    await settle();
    expect(test.events.starts).toHaveLength(2);
    expect(peer.pending).toBe(0);
    await test.server.shutdown();
    await until(() => peer.pending === 2);
  });

  it('refuses handlers for streams', async () => {
    await expect(Server.listen(anywhere, StreamRequestHandler as never, { workers: 1 })).rejects.toThrow(HandlerError);
  });
});

describe('a packet on its way', () => {
  it('takes nothing of the pool along, in either direction', () => {
    const pooled = Buffer.from('secret').subarray(2);
    expect(pooled.buffer.byteLength).toBeGreaterThan(6);
    const posted: ReplyMessage[] = [];
    const socket = new RemoteDatagramSocket(anywhere, (message) => posted.push(message));
    const { parcel } = givePacket([pooled, socket]);
    expect([String(Buffer.from(parcel.packet)), parcel.packet.buffer.byteLength]).toEqual(['cret', 4]);
    const [packet] = adoptPacket({ way: 'packet', packet: pooled }, socket);
    expect([String(packet), packet.buffer.byteLength]).toEqual(['cret', 4]);
    for (const data of [pooled, 'text', Buffer.alloc(0)]) void socket.sendto(data, ['127.0.0.1', 9]);
    expect(posted.map(({ data }) => data.buffer.byteLength)).toEqual([4, 4, 0]);
  });

  it('is given up when the server has gone', async () => {
    const socket = new RemoteDatagramSocket(anywhere, () => undefined);
    const sending = socket.sendto('text', ['127.0.0.1', 9]);
    socket.disconnected();
    await expect(sending).rejects.toMatchObject({ code: 'EBADF' });
    await expect(socket.sendto('text', ['127.0.0.1', 9])).rejects.toMatchObject({ code: 'EBADF' });
    expect(socket.isClosed).toBe(true);
  });
});
