import { once } from 'node:events';
import {
  ConnectionResetError,
  ManualClock,
  SHUT_RD,
  Socket,
  SocketStateError,
  TimeoutError,
} from '@socketserver/socket';
import { accepted, everyWay, isPending, keep, manyTurns, noise, receiveAll, refusal, until, ways } from './loopback';

describe.each(ways)(`receiving (${everyWay})`, (way) => {
  describe('recv', () => {
    it('gives at most n bytes, keeps the rest, and is empty at the end, again and again', async () => {
      const { socket, peer } = await accepted(way);
      peer.end('hello world');
      expect(String(await socket.recv(5))).toBe('hello');
      expect(String(await socket.recv(1))).toBe(' ');
      expect(String(await socket.recv(100))).toBe('world');
      for (let i = 0; i < 3; i++) expect(await socket.recv(100)).toHaveLength(0);
      expect(socket.hasEnded).toBe(true);
    });

    it('waits for bytes that come later', async () => {
      const { socket, peer } = await accepted(way);
      const pending = socket.recv(100);
      expect(socket.receiving).toBe(true);
      await manyTurns();
      expect(await isPending(pending)).toBe(true);
      peer.write('late');
      expect(String(await pending)).toBe('late');
      expect(socket.receiving).toBe(false);
    });

    it('gives a part to a reader who waits for less than comes', async () => {
      const { socket, peer } = await accepted(way);
      const pending = socket.recv(2);
      peer.write('hello');
      expect(String(await pending)).toBe('he');
      expect(socket.buffered).toBe(3);
      expect(String(await socket.recv(100))).toBe('llo');
    });

    it('refuses a second receive while one is pending', async () => {
      const { socket, peer } = await accepted(way);
      const first = socket.recv(10);
      for (const second of [socket.recv(10), socket.recvInto(Buffer.alloc(10)), socket.recvExactly(10)]) {
        expect(await refusal(second)).toMatchObject({ name: 'SocketStateError', code: 'ERR_RECV_PENDING' });
      }
      peer.write('one');
      expect(String(await first)).toBe('one');
    });

    it.each([-1, 1.5, NaN, Infinity, 2 ** 53])('refuses a size of %d, whether or not there are bytes', async (size) => {
      const { socket, peer } = await accepted(way);
      const early = await refusal(socket.recv(size));
      peer.write('hello');
      await until(() => socket.buffered === 5);
      const late = await refusal(socket.recv(size));
      for (const error of [early, late, await refusal(socket.recvExactly(size))]) {
        expect(error).toBeInstanceOf(SocketStateError);
        expect(error).toMatchObject({ code: 'EINVAL', message: expect.stringContaining(String(size)) as string });
      }
      expect(String(await socket.recvExactly(5))).toBe('hello');
    });

    it('gives nothing for a size of 0, at once', async () => {
      const { socket, peer } = await accepted(way);
      expect(await socket.recv(0)).toHaveLength(0);
      peer.write('hello');
      await until(() => socket.readable);
      expect(await socket.recv(0)).toHaveLength(0);
      expect(String(await socket.recv(10))).toBe('hello');
    });

    it('gives what came before a reset, and then the reset', async () => {
      const { socket, peer } = await accepted(way);
      peer.write('last words');
      await until(() => socket.buffered === 10);
      peer.resetAndDestroy();
      await until(() => socket.isClosed);
      expect(String(await socket.recv(4))).toBe('last');
      expect(String(await socket.recv(100))).toBe(' words');
      expect(await refusal(socket.recv(100))).toBeInstanceOf(ConnectionResetError);
      expect(await refusal(socket.recv(100))).toBeInstanceOf(ConnectionResetError);
    });

    it('is rejected by a reset that comes while it waits', async () => {
      const { socket, peer } = await accepted(way);
      const pending = refusal(socket.recv(100));
      peer.resetAndDestroy();
      expect(await pending).toMatchObject({ name: 'ConnectionResetError', code: 'ECONNRESET', operation: 'recv' });
      expect(socket.isClosed).toBe(true);
    });

    it('ends when shutdown(SHUT_RD) is called while it waits', async () => {
      const { socket } = await accepted(way);
      const pending = socket.recv(100);
      socket.shutdown(SHUT_RD);
      expect(await pending).toHaveLength(0);
    });

    it('is rejected when close() is called while it waits', async () => {
      const { socket } = await accepted(way);
      const pending = refusal(socket.recv(100));
      socket.close();
      expect(await pending).toMatchObject({ name: 'SocketStateError', code: 'EBADF' });
    });
  });

  describe('recvInto', () => {
    it('fills the beginning of the memory and gives the count, 0 at the end', async () => {
      const { socket, peer } = await accepted(way);
      const target = Buffer.alloc(8, '.');
      const pending = socket.recvInto(target);
      peer.write('hello');
      expect(await pending).toBe(5);
      expect(String(target)).toBe('hello...');
      peer.end('a longer text');
      await until(() => socket.hasEnded);
      expect(await socket.recvInto(target)).toBe(8);
      expect(String(target)).toBe('a longer');
      expect(await socket.recvInto(new Uint8Array(0))).toBe(0);
      expect(await socket.recvInto(target.subarray(0, 5))).toBe(5);
      expect(await socket.recvInto(target)).toBe(0);
    });
  });

  describe('settimeout', () => {
    it('ends a receive after that time, and the socket is still open', async () => {
      const clock = new ManualClock();
      const { socket, peer } = await accepted({ ...way, clock });
      socket.settimeout(1500);
      const pending = refusal(socket.recv(10));
      clock.advance(1499);
      expect(await isPending(pending)).toBe(true);
      clock.advance(1);
      const error = await pending;
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error.message).toContain('after 1500 ms');
      expect(socket.isClosed).toBe(false);
      peer.write('hello');
      expect(String(await socket.recv(10))).toBe('hello');
      await socket.sendall('you too');
      expect(String((await once(peer, 'data'))[0])).toBe('you too');
      expect(clock.pending).toBe(0);
    });

    it('begins anew with each receive, and leaves no timer behind', async () => {
      const clock = new ManualClock();
      const { socket, peer } = await accepted({ ...way, clock });
      socket.settimeout(1000);
      for (let i = 0; i < 3; i++) {
        const pending = socket.recv(10);
        clock.advance(999);
        peer.write('x');
        expect(String(await pending)).toBe('x');
        expect(clock.pending).toBe(0);
      }
    });

    it('of 0 means: never wait', async () => {
      const { socket, peer } = await accepted(way);
      socket.settimeout(0);
      expect(await refusal(socket.recv(10))).toMatchObject({ name: 'BlockingIOError', code: 'EAGAIN' });
      expect(await socket.recv(0)).toHaveLength(0);
      peer.end('x');
      await until(() => socket.readable);
      expect(String(await socket.recv(10))).toBe('x');
      await until(() => socket.hasEnded);
      expect(await socket.recv(10)).toHaveLength(0);
    });
  });

  describe('recvWithin', () => {
    it('gives what is there or comes in time, and null when nothing does', async () => {
      const clock = new ManualClock();
      const { socket, peer } = await accepted({ ...way, clock });
      const first = socket.recvWithin(10, 100);
      clock.advance(99);
      peer.write('hello');
      expect(String(await first)).toBe('hello');
      expect(clock.pending).toBe(0);

      const second = socket.recvWithin(10, 100);
      clock.advance(100);
      expect(await second).toBeNull();
      expect(socket.receiving).toBe(false);
      peer.end('late');
      expect(String(await socket.recv(10))).toBe('late');
      expect(await socket.recvWithin(10, 100)).toHaveLength(0);
      expect(clock.pending).toBe(0);
    });

    it('leaves a shorter timeout of the socket an error, and a longer one for the next receive', async () => {
      const clock = new ManualClock();
      const { socket } = await accepted({ ...way, clock });
      socket.settimeout(50);
      const short = refusal(socket.recvWithin(10, 100));
      clock.advance(50);
      expect(await short).toBeInstanceOf(TimeoutError);
      socket.settimeout(200);
      const own = socket.recvWithin(10, 100);
      clock.advance(100);
      expect(await own).toBeNull();
      expect(socket.gettimeout()).toBe(200);
      expect(clock.pending).toBe(0);
    });

    it('leaves alone the receive that is pending already', async () => {
      const clock = new ManualClock();
      const { socket, peer } = await accepted({ ...way, clock });
      const first = socket.recv(10);
      expect(await refusal(socket.recvWithin(10, 100))).toMatchObject({ code: 'ERR_RECV_PENDING' });
      clock.advance(100);
      peer.write('hello');
      expect(String(await first)).toBe('hello');
    });
  });

  it('reads no further than the limit for a reader who does not ask, and then gives every byte', async () => {
    const { socket, peer } = await accepted(way);
    const bytes = noise(8 * 1024 * 1024);
    for (let at = 0; at < bytes.length; at += 100_000) peer.write(bytes.subarray(at, at + 100_000));
    peer.end();
    await until(() => socket.buffered >= 65_536);
    await manyTurns();
    expect(socket.buffered).toBeLessThanOrEqual(131_072);
    expect(socket.hasEnded).toBe(false);
    expect((await receiveAll(socket)).equals(bytes)).toBe(true);
  });
});

it('takes bytes that come after close() from the peer and throws them away', async () => {
  const { socket, peer } = await accepted();
  // The close has to wait: the peer does not read.
  void socket.sendall(noise(16 * 1024 * 1024)).catch(() => undefined);
  socket.close();
  expect(socket.fileno()).toBe(-1);
  await new Promise((resolve) => peer.write(noise(1024 * 1024), resolve));
  await manyTurns();
  expect(socket.buffered).toBe(0);
  socket.abort();
});

it('cannot receive before it is connected', async () => {
  const socket = keep(new Socket());
  expect(await refusal(socket.recv(1))).toMatchObject({ code: 'ENOTCONN' });
});
