import { once } from 'node:events';
import * as net from 'node:net';
import {
  BlockingIOError,
  BrokenPipeError,
  ConnectionError,
  ManualClock,
  SHUT_WR,
  Socket,
  TimeoutError,
} from '@socketserver/socket';
import {
  accepted,
  everyWay,
  isPending,
  keep,
  manyTurns,
  noise,
  pair,
  receiveAll,
  receiveAllSlowly,
  refusal,
  sha256,
  until,
  ways,
  errorLike,
} from './loopback';

/** More than the kernel keeps for a peer that does not read. */
const MUCH = 64 * 1024 * 1024;
const zeros = Buffer.alloc(MUCH);

describe.each(ways)(`sending (${everyWay})`, (way) => {
  it('waits for a slow peer until it has every byte', async () => {
    const { socket, peer } = await accepted(way);
    const bytes = noise(MUCH);
    const sending = socket.sendall(bytes);
    await manyTurns();
    expect(await isPending(sending)).toBe(true);
    expect(socket.writable).toBe(false);
    const receiving = receiveAllSlowly(peer);
    await sending;
    expect(socket.writable).toBe(true);
    socket.shutdown(SHUT_WR);
    expect(sha256(await receiving)).toBe(sha256(bytes));
    expect(socket.bytesWritten).toBe(MUCH);
  });

  it('waits for a slow peer of our own', async () => {
    const [client, server] = await pair(way);
    const bytes = noise(MUCH);
    const sending = client.sendall(bytes).then(() => client.shutdown(SHUT_WR));
    await manyTurns();
    expect(server.buffered).toBeLessThanOrEqual(131_072);
    expect(sha256(await receiveAll(server))).toBe(sha256(bytes));
    await sending;
  });

  it('says how many bytes a send took, at most 64 KiB, so that the loop of the textbooks sends everything', async () => {
    const [client, server] = await pair(way);
    const bytes = noise(1_000_000);
    const receiving = receiveAll(server);
    let total = 0;
    while (total < bytes.length) {
      const sent = await client.send(bytes.subarray(total));
      expect(sent).toBeGreaterThan(0);
      expect(sent).toBeLessThanOrEqual(65_536);
      total += sent;
    }
    client.shutdown(SHUT_WR);
    expect((await receiving).equals(bytes)).toBe(true);
  });

  it('sends strings as UTF-8, in the order of the calls', async () => {
    const [client, server] = await pair(way);
    expect(await client.send('Olá')).toBe(4);
    await Promise.all([
      client.sendall(', '),
      client.sendall('mundo'),
      client.sendall(''),
      client.send(new Uint8Array(0)),
    ]);
    client.shutdown(SHUT_WR);
    expect(await receiveAll(server)).toEqual(Buffer.from('Olá, mundo'));
  });

  it('is refused after shutdown(SHUT_WR), and the socket still receives', async () => {
    const { socket, peer } = await accepted(way);
    socket.shutdown(SHUT_WR);
    for (const error of [await refusal(socket.sendall('x')), await refusal(socket.send('x'))]) {
      expect(error).toBeInstanceOf(BrokenPipeError);
      expect(error).toMatchObject({ code: 'EPIPE', operation: 'send' });
    }
    peer.write('still here');
    expect(String(await socket.recv(100))).toBe('still here');
  });

  it('is rejected when the peer resets the connection meanwhile', async () => {
    const { socket, peer } = await accepted(way);
    const sending = refusal(socket.sendall(zeros));
    await manyTurns();
    peer.resetAndDestroy();
    expect(await sending).toBeInstanceOf(ConnectionError);
    expect(['ECONNRESET', 'EPIPE']).toContain((await sending).code);
    expect(socket.isClosed).toBe(true);
    expect(await refusal(socket.sendall('x'))).toBeInstanceOf(ConnectionError);
  });

  it('is rejected with the reason that abort() is given', async () => {
    const { socket } = await accepted(way);
    const reason = new TypeError('enough');
    const sending = socket.sendall(zeros);
    const caught = sending.catch((error: unknown) => error);
    const receiving = socket.recv(1).catch((error: unknown) => error);
    await manyTurns();
    socket.abort(reason);
    expect(await caught).toBe(reason);
    expect(await receiving).toBe(reason);
    await expect(socket.sendall('x')).rejects.toBe(reason);
    socket.abort(new TypeError('again'));
    await expect(socket.recv(1)).rejects.toBe(reason);
  });

  it('goes out to the last byte after close()', async () => {
    const { socket, peer } = await accepted(way);
    const bytes = noise(MUCH / 4);
    const sending = socket.sendall(bytes);
    await manyTurns();
    socket.close();
    expect(await refusal(socket.sendall('x'))).toMatchObject({ code: 'EBADF' });
    expect(sha256(await receiveAllSlowly(peer))).toBe(sha256(bytes));
    await sending;
  });

  it('is given up by abort() after close()', async () => {
    const { socket } = await accepted(way);
    const sending = socket.sendall(zeros).catch((error: unknown) => error);
    socket.close();
    const reason = new TypeError('enough');
    socket.abort(reason);
    expect(await sending).toBe(reason);
  });
});

describe('sending', () => {
  it('does not report as sent what the kernel refused at once', async () => {
    const server = keep(net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1'));
    const connection = once(server, 'connection') as Promise<[net.Socket]>;
    await once(server, 'listening');
    const socket = keep(new Socket());
    await socket.connect(['127.0.0.1', (server.address() as net.AddressInfo).port]);
    const [peer] = await connection;
    await socket.sendall('never read');
    peer.destroy(); // With unread bytes: the kernel resets the connection at once.
    const error = await refusal(socket.sendall('x'));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error.operation).toBe('send');
    await until(() => socket.isClosed);
    expect(await refusal(socket.sendall('x'))).toMatchObject({ operation: 'send' });
    server.close();
  });

  it('needs a connection', async () => {
    const socket = keep(new Socket());
    expect(await refusal(socket.sendall('x'))).toMatchObject({ name: 'SocketStateError', code: 'ENOTCONN' });
    expect(() => socket.shutdown(SHUT_WR)).toThrow(errorLike({ code: 'ENOTCONN' }));
    socket.close();
    expect(await refusal(socket.send('x'))).toMatchObject({ name: 'SocketStateError', code: 'EBADF' });
  });
});

describe('settimeout, for sending', () => {
  it('ends a send after that time; the socket stays open and what was given still goes out', async () => {
    const clock = new ManualClock();
    const { socket, peer } = await accepted({ clock });
    socket.settimeout(1000);
    const bytes = noise(MUCH);
    const sending = refusal(socket.sendall(bytes));
    await manyTurns();
    clock.advance(999);
    expect(await isPending(sending)).toBe(true);
    clock.advance(1);
    expect(await sending).toBeInstanceOf(TimeoutError);
    expect(socket.isClosed).toBe(false);
    const receiving = receiveAllSlowly(peer);
    await until(() => socket.writable);
    await socket.sendall('the end');
    socket.shutdown(SHUT_WR);
    expect(sha256(await receiving)).toBe(sha256(Buffer.concat([bytes, Buffer.from('the end')])));
    expect(clock.pending).toBe(0);
  });

  it('lets a peer that never reads hold the bytes of one send, however often it is tried again', async () => {
    const clock = new ManualClock();
    const { socket, peer } = await accepted({ clock });
    socket.settimeout(1000);
    const first = refusal(socket.sendall(Buffer.alloc(MUCH, 'a')));
    clock.advance(1000);
    await first;
    const given = socket.bytesWritten;
    for (let i = 0; i < 100; i++) {
      const again = refusal(socket.sendall(Buffer.alloc(100_000, 'b')));
      clock.advance(1000);
      expect(await again).toBeInstanceOf(TimeoutError);
    }
    expect(socket.bytesWritten).toBe(given);
    // A send that waits behind them goes out in its turn, as soon as the peer reads.
    const last = Promise.all([socket.sendall('c'), socket.sendall('d')]).then(() => socket.shutdown(SHUT_WR));
    const received = await receiveAllSlowly(peer);
    await last;
    expect(received).toHaveLength(MUCH + 2);
    expect(received.toString('latin1', MUCH)).toBe('cd');
    expect(clock.pending).toBe(0);
  });

  it('rejects a send that waits behind them when the socket is closed', async () => {
    const clock = new ManualClock();
    const { socket } = await accepted({ clock });
    socket.settimeout(1000);
    const first = refusal(socket.sendall(zeros));
    clock.advance(1000);
    await first;
    const second = refusal(socket.sendall('x'));
    socket.close();
    expect(await second).toMatchObject({ code: 'EBADF' });
    expect(clock.pending).toBe(0);
  });

  it('of 0 means: never wait. What an earlier send left over makes the next one a BlockingIOError', async () => {
    const { socket, peer } = await accepted();
    socket.settimeout(0);
    await socket.sendall('small');
    await socket.sendall(Buffer.alloc(MUCH, 'a'));
    expect(socket.writable).toBe(false);
    const error = await refusal(socket.sendall('not taken'));
    expect(error).toBeInstanceOf(BlockingIOError);
    expect(error.code).toBe('EAGAIN');
    expect(socket.isClosed).toBe(false);
    const receiving = receiveAllSlowly(peer);
    await until(() => socket.writable);
    await socket.sendall('b');
    socket.shutdown(SHUT_WR);
    expect((await receiving).toString('latin1')).toHaveLength(5 + MUCH + 1);
  });

  it.each([-1, NaN])('refuses %d', (ms) => {
    const socket = keep(new Socket());
    expect(() => socket.settimeout(ms)).toThrow(errorLike({ name: 'UnsupportedError', code: 'EINVAL' }));
    expect(socket.gettimeout()).toBeNull();
    socket.settimeout(10);
    expect(socket.gettimeout()).toBe(10);
    socket.settimeout(null);
    expect(socket.gettimeout()).toBeNull();
  });
});
