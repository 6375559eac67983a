import { createHash } from 'node:crypto';
import { type InetAddress, SHUT_RD, SHUT_WR, type Socket } from '@socketserver/socket';
import { Listener } from '../src/listener';
import {
  accepted,
  addressOf,
  dial,
  everyWay,
  keep,
  listening,
  manyTurns,
  noise,
  pair,
  receiveAll,
  sha256,
  until,
  ways,
} from './loopback';

const MiB = 1024 * 1024;

describe.each(ways)(`reading (${everyWay})`, (way) => {
  it('keeps 50 MB that nobody reads out of memory, and gives them intact once somebody does', async () => {
    const { socket, peer } = await accepted(way);
    const block = noise(MiB);
    const hash = createHash('sha256');
    let hasSentAll = false;
    for (let i = 0; i < 50; i++) {
      hash.update(block);
      peer.write(block);
    }
    peer.end(() => (hasSentAll = true));
    await until(() => socket.buffered >= 65_536);
    await manyTurns();
    expect(hasSentAll).toBe(false);
    expect(socket.buffered).toBeLessThanOrEqual(128 * 1024);
    expect(socket.bytesRead).toBeLessThanOrEqual(256 * 1024);

    const received = createHash('sha256');
    let length = 0;
    for (let chunk = await socket.recv(MiB); chunk.length > 0; chunk = await socket.recv(MiB)) {
      received.update(chunk);
      length += chunk.length;
      if (socket.buffered > 128 * 1024) throw new RangeError(`${socket.buffered} bytes are buffered`);
    }
    expect(length).toBe(50 * MiB);
    expect(received.digest('hex')).toBe(hash.digest('hex'));
  });

  it('loses nothing of 8 MiB that were sent at once, before accept()', async () => {
    const listener = await listening(way);
    const bytes = noise(8 * MiB);
    const peer = await dial(addressOf(listener));
    peer.end(bytes);
    await manyTurns();
    const [socket] = await listener.accept();
    keep(socket);
    expect(sha256(await receiveAll(socket))).toBe(sha256(bytes));
    expect(socket.bytesRead).toBe(8 * MiB);
  });

  it('gives bytes that nobody writes to afterwards: thousands of messages on many sockets at once', async () => {
    const listener = await listening(way);
    const conversations = Array.from({ length: 40 }, async () => {
      const peer = await dial(addressOf(listener));
      const messages = Array.from({ length: 100 }, (_, i) => noise(1 + ((i * 131) % 5000)));
      for (const each of messages) peer.write(each);
      peer.end();
      return { port: peer.localPort!, hash: sha256(Buffer.concat(messages)) };
    });
    const kept = new Map<number, Buffer[]>();
    const readings = Array.from({ length: 40 }, async (_, i) => {
      const [socket, [, port]] = (await listener.accept()) as [Socket, [string, number]];
      keep(socket);
      const chunks: Buffer[] = [];
      kept.set(port, chunks);
      // Readers that wait get the kernel's chunk at once, those that come late get it from the buffer: both kinds.
      for (;;) {
        if (i % 2 === 0) await new Promise(setImmediate);
        const chunk = await socket.recv(2048);
        if (chunk.length === 0) return;
        chunks.push(chunk);
      }
    });
    const sent = await Promise.all(conversations);
    await Promise.all(readings);
    for (const { port, hash } of sent) expect(sha256(Buffer.concat(kept.get(port)!))).toBe(hash);
  });

  it('gives the same to a client', async () => {
    const pairs = await Promise.all(Array.from({ length: 20 }, () => pair(way)));
    const all = pairs.map(async ([client, server]) => {
      const bytes = noise(300_000);
      const sending = server.sendall(bytes).then(() => server.shutdown(SHUT_WR));
      const received = await receiveAll(client);
      await sending;
      expect(received.equals(bytes)).toBe(true);
    });
    await Promise.all(all);
  });

  it('goes on reading for a peer whose bytes are thrown away after shutdown(SHUT_RD)', async () => {
    const { socket, peer } = await accepted(way);
    socket.shutdown(SHUT_RD);
    await new Promise((resolve) => peer.end(noise(50 * MiB), () => resolve(null)));
    expect(socket.buffered).toBe(0);
    expect(await socket.recv(10)).toHaveLength(0);
  });

  it('reads on the path that was asked for', async () => {
    const listener = keep(await Listener.open(['127.0.0.1', 0], way));
    listener.resume();
    const client = await dial(listener.address as InetAddress);
    client.write('waits in the kernel');
    await until(() => listener.readable);
    await manyTurns();
    const taken = listener.acceptNow()!;
    keep(taken.net!);
    expect(taken.net!.bytesRead).toBe(0);
    expect(taken.readPath).toBe(way.readPath);
    expect(listener.hasGate).toBe(way.acceptGate);
  });
});

describe('SOCKETSERVER_READ_PATH', () => {
  const before = process.env.SOCKETSERVER_READ_PATH;
  afterEach(() => {
    if (before === undefined) delete process.env.SOCKETSERVER_READ_PATH;
    else process.env.SOCKETSERVER_READ_PATH = before;
  });

  it.each(['shared-buffer', 'data-events', undefined, 'nonsense'])('%s is heard', async (asked) => {
    if (asked === undefined) delete process.env.SOCKETSERVER_READ_PATH;
    else process.env.SOCKETSERVER_READ_PATH = asked;
    const listener = keep(await Listener.open(['127.0.0.1', 0]));
    listener.resume();
    await dial(listener.address as InetAddress);
    await until(() => listener.readable);
    const taken = listener.acceptNow()!;
    keep(taken.net!);
    expect(taken.readPath).toBe(asked === 'data-events' ? 'data-events' : 'shared-buffer');
  });
});
