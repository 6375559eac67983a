import * as dgram from 'node:dgram';
import {
  AF_INET,
  AF_UNIX,
  type Address,
  AddressInUseError,
  BlockingIOError,
  ConnectionRefusedError,
  DatagramSocket,
  type InetAddress,
  ManualClock,
  SOCK_DGRAM,
  SocketStateError,
  TimeoutError,
  select,
} from '@socketserver/socket';
import { bound, families, freeAddress } from './datagrams';
import { folder } from './folder';
import { errorLike, hasIPv6, isPending, keep, manyTurns, noise, refusal, socketDescriptors, until } from './loopback';

describe.each(families)('a datagram socket of $name', ({ family }) => {
  it('sends and receives, and says who sent', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    expect(await a.sendto('olá', b.getsockname())).toBe(4);
    const [data, from] = await b.recvfrom(100);
    expect(String(data)).toBe('olá');
    expect(from).toEqual(a.getsockname());
    expect(await b.sendto(data, from)).toBe(4);
    expect(String(await a.recv(100))).toBe('olá');
    expect(a).toMatchObject({ family, type: SOCK_DGRAM, isClosed: false });
    expect(a.fileno()).toBeGreaterThan(2);
  });

  it('gives a waiting reader the next one', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    const pending = b.recvfrom(100);
    expect(b.receiving).toBe(true);
    expect(await isPending(pending)).toBe(true);
    await a.sendto('x', b.getsockname());
    expect(String((await pending)[0])).toBe('x');
    expect(b.receiving).toBe(false);
  });

  it('keeps the bounds of datagrams, empty ones too, and their order', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    const sent = ['one', '', 'three', '', ''];
    for (const each of sent) await a.sendto(each, b.getsockname());
    const received: string[] = [];
    for (const _ of sent) received.push(String(await b.recv(100)));
    expect(received).toEqual(sent);
  });

  it('cuts a datagram to the size asked for, and forgets the rest', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    const pending = b.recvfrom(3);
    await a.sendto('abcdef', b.getsockname());
    expect(String((await pending)[0])).toBe('abc');
    await a.sendto('ghijkl', b.getsockname());
    await a.sendto('mno', b.getsockname());
    await until(() => b.readable);
    expect(String(b.recvNow(3)![0])).toBe('ghi');
    expect(String(await b.recv(3))).toBe('mno');
    await a.sendto('pqr', b.getsockname());
    expect(await b.recv(0)).toHaveLength(0);
  });

  it('carries 60,000 bytes at once', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    const bytes = noise(60_000);
    await a.sendto(bytes, b.getsockname());
    expect((await b.recv(65_536)).equals(bytes)).toBe(true);
  });

  it('gives with recvNow() what is there, and undefined when nothing is', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    expect(b.recvNow(10)).toBeUndefined();
    expect(b.readable).toBe(false);
    await a.sendto('x', b.getsockname());
    await until(() => b.readable);
    expect(b.recvNow(10)).toEqual([Buffer.from('x'), a.getsockname()]);
    expect(b.readable).toBe(false);
  });

  it('times out after settimeout(), and goes on', async () => {
    const clock = new ManualClock();
    const [a, b] = [await bound(family), await bound(family, { clock })];
    b.settimeout(1000);
    expect(b.gettimeout()).toBe(1000);
    const pending = refusal(b.recvfrom(10));
    clock.advance(1000);
    expect(await pending).toBeInstanceOf(TimeoutError);
    await a.sendto('x', b.getsockname());
    expect(String(await b.recv(10))).toBe('x');
    expect(clock.pending).toBe(0);
  });

  it('does not wait with a timeout of 0', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    b.settimeout(0);
    expect(await refusal(b.recvfrom(10))).toBeInstanceOf(BlockingIOError);
    await a.sendto('x', b.getsockname());
    await until(() => b.readable);
    expect(String(await b.recv(10))).toBe('x');
    expect(() => b.settimeout(-1)).toThrow(errorLike({ code: 'EINVAL' }));
  });

  it('refuses a second receive while one is pending, and sizes that are none', async () => {
    const b = await bound(family);
    const pending = refusal(b.recvfrom(10));
    expect(await refusal(b.recvfrom(10))).toMatchObject({ code: 'ERR_RECV_PENDING' });
    for (const size of [-1, 1.5, NaN]) expect(() => b.recvNow(size)).toThrow(errorLike({ code: 'EINVAL' }));
    b.close();
    expect(await pending).toMatchObject({ code: 'EBADF' });
  });

  it('binds itself with the first send', async () => {
    const b = await bound(family);
    const a = keep(new DatagramSocket(family));
    expect(a.fileno()).toBe(-1);
    await a.sendto('x', b.getsockname());
    const [, from] = await b.recvfrom(10);
    if (family === AF_UNIX) {
      expect([from, a.getsockname()]).toEqual(['', '']);
      const error = await refusal(b.sendto('answer', from));
      expect(error).toMatchObject({ code: 'EDESTADDRREQ' });
      expect(error.message).toContain('bind()');
    } else {
      expect((a.getsockname() as InetAddress)[1]).toBe((from as InetAddress)[1]);
      await b.sendto('answer', from);
      expect(String(await a.recv(10))).toBe('answer');
    }
  });

  it('when connected sends to its peer, and hears nobody else', async () => {
    const [a, b, stranger] = [await bound(family), await bound(family), await bound(family)];
    expect(() => a.getpeername()).toThrow(errorLike({ code: 'ENOTCONN' }));
    expect(await refusal(a.send('x'))).toMatchObject({ code: 'EDESTADDRREQ' });
    await a.connect(b.getsockname());
    expect(a.getpeername()).toEqual(b.getsockname());
    await a.send('one');
    await a.sendto('two', b.getsockname());
    const [data, from] = await b.recvfrom(10);
    expect([String(data), String(await b.recv(10))]).toEqual(['one', 'two']);
    await stranger.sendto('spam', from);
    await manyTurns();
    await b.sendto('answer', from);
    expect(String(await a.recv(10))).toBe('answer');

    await a.connect(stranger.getsockname());
    await a.send('hello again');
    expect(String(await stranger.recv(20))).toBe('hello again');
  });

  it('has no peer any more when it cannot connect to another one, and goes on', async () => {
    const [a, b, other] = [await bound(family), await bound(family), await bound(family)];
    await a.connect(b.getsockname());
    const nowhere: Address = family === AF_UNIX ? folder('nobody.sock') : ['256.256.256.256', 9];
    await refusal(a.connect(nowhere));
    expect(() => a.getpeername()).toThrow(errorLike({ code: 'ENOTCONN' }));
    expect(await refusal(a.send('x'))).toMatchObject({ name: 'SocketStateError', code: 'EDESTADDRREQ' });
    await a.sendto('one', other.getsockname());
    const [data, from] = await other.recvfrom(10);
    expect(String(data)).toBe('one');
    await other.sendto('answer', from);
    expect(String(await a.recv(10))).toBe('answer');
  });

  it('gives connect() an error when it is closed meanwhile', async () => {
    const to = (await bound(family)).getsockname();
    const closed = new DatagramSocket(family);
    const connecting = refusal(closed.connect(to));
    closed.close();
    expect(await connecting).toMatchObject({ name: 'SocketStateError', code: 'EBADF' });
    const aborted = new DatagramSocket(family);
    const reason = new TimeoutError('too long', 'ETIMEDOUT');
    const cut = refusal(aborted.connect(to));
    aborted.abort(reason);
    expect(await cut).toBe(reason);
  });

  it('is told that the address is taken, and can try again', async () => {
    const first = await bound(family);
    const second = keep(new DatagramSocket(family));
    const error = await refusal(second.bind(first.getsockname()));
    expect(error).toBeInstanceOf(AddressInUseError);
    expect(error).toMatchObject({ operation: 'bind', address: first.getsockname() });
    await second.bind(freeAddress(family));
    expect(await refusal(second.bind(freeAddress(family)))).toMatchObject({ code: 'EINVAL' });
  });

  it('does nothing more once it is closed, twice', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    const waiting = refusal(b.recvfrom(10));
    const to = b.getsockname();
    b.close();
    b.close();
    expect(await waiting).toMatchObject({ name: 'SocketStateError', code: 'EBADF' });
    const late = [b.sendto('x', a.getsockname()), b.send('x'), b.recvfrom(1), b.recv(1), b.bind(to), b.connect(to)];
    for (const each of late) expect(await refusal(each)).toMatchObject({ code: 'EBADF' });
    expect(() => b.recvNow(1)).toThrow(errorLike({ code: 'EBADF' }));
    expect(() => b.getsockname()).toThrow(errorLike({ code: 'EBADF' }));
    expect(b).toMatchObject({ isClosed: true, readable: true, writable: true });
    expect(b.fileno()).toBe(-1);
  });

  it('lets what was sent leave when it is closed', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    const sending = [a.sendto('one', b.getsockname()), a.sendto('two', b.getsockname())];
    a.close();
    expect(await Promise.all(sending)).toEqual([3, 3]);
    expect([String(await b.recv(10)), String(await b.recv(10))]).toEqual(['one', 'two']);
  });

  it('gives whoever waits the reason of abort()', async () => {
    const b = await bound(family);
    const waiting = refusal(b.recvfrom(10));
    const reason = new TimeoutError('too long', 'ETIMEDOUT');
    b.abort(reason);
    expect(await waiting).toBe(reason);
    expect(b.isClosed).toBe(true);
  });

  it('opens nothing when it is closed during bind()', async () => {
    const before = socketDescriptors();
    const socket = new DatagramSocket(family);
    const binding = refusal(socket.bind(freeAddress(family)));
    const second = refusal(socket.bind(freeAddress(family)));
    socket.close();
    expect(await binding).toMatchObject({ code: 'EBADF' });
    expect(await second).toMatchObject({ code: 'EALREADY' });
    await until(() => socketDescriptors() <= before);
  });

  it('is closed at the end of its block', async () => {
    const socket = await bound(family);
    await socket[Symbol.asyncDispose]();
    expect(socket.fileno()).toBe(-1);
  });

  it('refuses the addresses of other families', async () => {
    const wrong: Address = family === AF_UNIX ? ['127.0.0.1', 9] : '/tmp/x.sock';
    const socket = keep(new DatagramSocket(family));
    for (const each of [socket.bind(wrong), socket.sendto('x', wrong), socket.connect(wrong)]) {
      expect(await refusal(each)).toMatchObject({ name: 'UnsupportedError', code: 'EAFNOSUPPORT' });
    }
  });

  it('keeps 1,024 datagrams for a reader who does not ask, and counts what it drops', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    for (let i = 0; i < 1030; i++) {
      await a.sendto(`${i}`, b.getsockname());
      if (i % 20 === 0) await new Promise(setImmediate); // The kernel's own queue is short.
    }
    await until(() => b.dropped === 6);
    for (let i = 0; i < 1024; i++) expect(String(b.recvNow(10)![0])).toBe(`${i}`);
    expect(b.recvNow(10)).toBeUndefined();
  });

  it('says ENOBUFS when 16 MiB of sends that nobody awaits wait', async () => {
    const [a, b] = [await bound(family), await bound(family)];
    const bytes = Buffer.alloc(60_000);
    const results = Array.from({ length: 400 }, () => a.sendto(bytes, b.getsockname()));
    const failed = await Promise.allSettled(results).then((all) => all.filter(({ status }) => status === 'rejected'));
    if (family !== AF_UNIX) {
      expect(failed.length).toBe(400 - Math.floor(16_777_216 / 60_256));
      expect(failed[0]).toMatchObject({ reason: { code: 'ENOBUFS' } });
    }
    expect(await a.sendto('x', b.getsockname())).toBe(1);
  });
});

describe('over UDP', () => {
  it.each([
    ['65,508 bytes', 65_508, 'EMSGSIZE'],
    ['a port of 0', 0, 'ERR_SOCKET_BAD_PORT'],
  ])('says what is wrong with %s', async (_, n, code) => {
    const a = await bound();
    const sending = code === 'EMSGSIZE' ? a.sendto(Buffer.alloc(n), a.getsockname()) : a.sendto('x', ['127.0.0.1', n]);
    expect(await refusal(sending)).toMatchObject({ code });
  });

  it('sends 65,507 bytes', async () => {
    const a = await bound();
    expect(await a.sendto(Buffer.alloc(65_507), a.getsockname())).toBe(65_507);
    expect(await a.recv(65_507)).toHaveLength(65_507);
  });

  it('takes names, also from a socket that is closed meanwhile', async () => {
    const a = await bound();
    const [, port] = a.getsockname() as InetAddress;
    const b = keep(new DatagramSocket());
    await b.sendto('x', ['localhost', port]);
    await b.sendto('y', ['', port]);
    expect([String(await a.recv(1)), String(await a.recv(1))]).toEqual(['x', 'y']);
    const late = refusal(b.sendto('z', ['localhost', port]));
    b.close();
    expect(await late).toMatchObject({ code: 'EBADF' });
    const unknown = keep(new DatagramSocket());
    expect(await refusal(unknown.sendto('x', ['no-such-host.invalid', 1]))).toMatchObject({
      name: 'GetAddressInfoError',
    });
  }, 60_000);

  it('ends a connect() to a name when it is closed meanwhile', async () => {
    const socket = new DatagramSocket(AF_INET);
    const connecting = refusal(socket.connect(['localhost', 9]));
    socket.close();
    expect(await connecting).toMatchObject({ name: 'SocketStateError', code: 'EBADF' });
  });

  it('wakes who waits until the kernel has taken it', async () => {
    // The kernel takes datagrams over the loopback interface at once, so that it has to be told otherwise.
    let waiting = 1;
    const size = jest.spyOn(dgram.Socket.prototype, 'getSendQueueSize').mockImplementation(() => waiting);
    try {
      const [a, b] = [await bound(), await bound()];
      const sending = a.sendto('x', b.getsockname());
      const writable = select([], [a], []);
      waiting = 0;
      expect(await writable).toEqual([[], [a], []]);
      await sending;
    } finally {
      size.mockRestore();
    }
  });

  it('to a peer of another kind, when connected, is refused', async () => {
    const [a, b] = [await bound(), await bound()];
    await a.connect(b.getsockname());
    const error = await refusal(a.sendto('x', a.getsockname()));
    expect(error).toMatchObject({ code: 'EISCONN' });
  });

  it.each([-1, 65_536, 1.5, NaN])('says that %d is no port', async (port) => {
    const socket = keep(new DatagramSocket());
    expect(await refusal(socket.bind(['127.0.0.1', port]))).toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' });
    await socket.bind(['127.0.0.1', 0]);
  });

  it('gives the next operation of a connected socket what the peer host says', async () => {
    const gone = await bound();
    const address = gone.getsockname();
    gone.close();
    const a = keep(new DatagramSocket());
    await a.connect(address);
    await a.send('x');
    await until(() => a.exceptional);
    expect(a.readable).toBe(true);
    expect(() => a.recvNow(1)).toThrow(errorLike({ name: 'ConnectionRefusedError' }));
    expect(a.recvNow(1)).toBeUndefined();

    const waiting = refusal(a.recvfrom(1));
    await a.send('x');
    expect(await waiting).toBeInstanceOf(ConnectionRefusedError);
    expect(a.exceptional).toBe(false);
  });

  it('tells onError what no operation waited for', async () => {
    const gone = await bound();
    const address = gone.getsockname();
    gone.close();
    const heard: Error[] = [];
    const a = keep(new DatagramSocket());
    await a.bind(['127.0.0.1', 0], { onError: (error) => heard.push(error) });
    await a.connect(address);
    await a.send('x');
    await until(() => heard.length > 0);
    expect(heard[0]).toBeInstanceOf(ConnectionRefusedError);
    expect(a.recvNow(1)).toBeUndefined();
  });

  it('an error that nobody awaits does not end the process', async () => {
    const a = await bound();
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    void a.sendto(Buffer.alloc(70_000), a.getsockname());
    void a.sendto('x', ['127.0.0.1', 0]);
    void a.sendto('x', ['::1', 9]);
    void a.recv(1);
    a.close();
    void a.recv(1);
    void a.sendto('x', ['127.0.0.1', 9]);
    void a.send('x');
    await manyTurns();
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });

  it('shares a port with reuseAddress, and only then', async () => {
    const first = keep(new DatagramSocket());
    await first.bind(['127.0.0.1', 0], { reuseAddress: true });
    await keep(new DatagramSocket()).bind(first.getsockname(), { reuseAddress: true });
    expect(await refusal(keep(new DatagramSocket()).bind(first.getsockname()))).toBeInstanceOf(AddressInUseError);
  });

  it('broadcasts once it is allowed to, and knows TTL and multicast groups', async () => {
    const a = keep(new DatagramSocket());
    expect(() => a.addMembership('224.0.0.251')).toThrow(errorLike({ name: 'SocketStateError', code: 'EINVAL' }));
    a.setBroadcast();
    a.setTTL(3);
    await a.bind(['0.0.0.0', 0]);
    a.setBroadcast(false);
    const [, port] = a.getsockname() as InetAddress;
    expect(await refusal(a.sendto('x', ['255.255.255.255', port]))).toMatchObject({ code: 'EACCES' });
    expect(() => a.setTTL(0)).toThrow(errorLike({ code: 'EINVAL' }));
    a.addMembership('224.0.0.251', '127.0.0.1');
    a.dropMembership('224.0.0.251', '127.0.0.1');
    expect(() => a.addMembership('127.0.0.1')).toThrow(errorLike({ operation: 'addMembership' }));
    expect(() => new DatagramSocket(AF_UNIX).addMembership('224.0.0.251')).toThrow(errorLike({ code: 'EOPNOTSUPP' }));
  });
});

(hasIPv6 ? describe : describe.skip)('a dual-stack socket', () => {
  it('hears both versions, as Python writes their addresses, and answers', async () => {
    const socket = keep(new DatagramSocket());
    await socket.bind(['::', 0], { dualStack: true });
    const [, port] = socket.getsockname() as InetAddress;
    const v4 = await bound(AF_INET);
    await v4.sendto('four', ['127.0.0.1', port]);
    const [data, from] = await socket.recvfrom(10);
    expect([String(data), from]).toEqual(['four', ['::ffff:127.0.0.1', (v4.getsockname() as InetAddress)[1]]]);
    await socket.sendto('answer', from);
    await socket.sendto('again', v4.getsockname());
    expect([String(await v4.recv(10)), String(await v4.recv(10))]).toEqual(['answer', 'again']);
  });

  it('is none by default', async () => {
    const socket = keep(new DatagramSocket());
    await socket.bind(['::', 0]);
    const v4 = keep(new DatagramSocket());
    await v4.bind(['0.0.0.0', (socket.getsockname() as InetAddress)[1]]);
    expect(await refusal(v4.sendto('x', ['::1', 9]))).toMatchObject({ name: 'UnsupportedError', code: 'EAFNOSUPPORT' });
  });
});

describe('SocketStateError', () => {
  it('comes for a connect() while another is pending', async () => {
    const [a, b] = [await bound(), await bound()];
    const both = await Promise.allSettled([a.connect(b.getsockname()), a.connect(b.getsockname())]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(both[1]).toMatchObject({ reason: { code: 'EALREADY' } });
    expect((both[1] as PromiseRejectedResult).reason).toBeInstanceOf(SocketStateError);
  });
});
