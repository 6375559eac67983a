import {
  AF_INET6,
  BlockingIOError,
  type InetAddress,
  ManualClock,
  Socket,
  SocketStateError,
  TimeoutError,
  socket as newSocket,
} from '@socketserver/socket';
import {
  accepted,
  addressOf,
  dial,
  everyWay,
  hasIPv6,
  isPending,
  keep,
  listening,
  manyTurns,
  pair,
  refusal,
  until,
  ways,
  errorLike,
} from './loopback';

const withIPv6 = hasIPv6 ? it : it.skip;

describe.each(ways)(`accept (${everyWay})`, (way) => {
  it('gives the connection and the address of its other end', async () => {
    const listener = await listening(way);
    const client = await dial(addressOf(listener));
    const [socket, peer] = await listener.accept();
    keep(socket);
    expect(peer).toEqual(['127.0.0.1', client.localPort]);
    expect(socket.getpeername()).toEqual(peer);
    expect(socket.family).toBe(listener.family);
    await socket.sendall('hello');
  });

  withIPv6('works over IPv6', async () => {
    const listener = await listening(way, '::1');
    expect(listener.family).toBe(AF_INET6);
    const client = keep(newSocket(AF_INET6));
    await client.connect(addressOf(listener));
    const [socket, [host]] = (await listener.accept()) as [Socket, InetAddress];
    keep(socket);
    expect(host).toBe('::1');
    expect([socket.family, client.family]).toEqual([AF_INET6, AF_INET6]);
    await client.sendall('hello');
    expect(String(await socket.recv(10))).toBe('hello');
    expect(await refusal(keep(new Socket()).connect(['127.0.0.1', addressOf(listener)[1]]))).toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  withIPv6('takes IPv4 as well when it is asked to', async () => {
    const listener = await listening({ ...way, dualStack: true }, '::');
    const client = keep(new Socket());
    await client.connect(['127.0.0.1', addressOf(listener)[1]]);
    const [socket, [host]] = (await listener.accept()) as [Socket, InetAddress];
    keep(socket);
    expect(host).toBe('::ffff:127.0.0.1');
  });

  it('serves several who wait, each once', async () => {
    const listener = await listening(way);
    const accepting = Array.from({ length: 5 }, () => listener.accept());
    const clients = await Promise.all(Array.from({ length: 5 }, () => dial(addressOf(listener))));
    const ports = (await Promise.all(accepting)).map(
      ([socket, address]) => keep(socket) && (address as InetAddress)[1],
    );
    expect(ports.sort()).toEqual(clients.map(({ localPort }) => localPort!).sort());
  });

  it('ends after settimeout() milliseconds, and the listener is still open', async () => {
    const clock = new ManualClock();
    const listener = await listening({ ...way, clock });
    listener.settimeout(1000);
    const accepting = refusal(listener.accept());
    clock.advance(999);
    expect(await isPending(accepting)).toBe(true);
    clock.advance(1);
    expect(await accepting).toBeInstanceOf(TimeoutError);
    expect((await accepting).message).toContain('after 1000 ms');
    const next = listener.accept();
    await dial(addressOf(listener));
    keep((await next)[0]);
    expect(clock.pending).toBe(0);
  });

  it('counts its time from the call, also when another accept() gets the connection', async () => {
    const clock = new ManualClock();
    const listener = await listening({ ...way, clock });
    listener.settimeout(1000);
    const first = listener.accept();
    const second = refusal(listener.accept());
    clock.advance(600);
    await dial(addressOf(listener));
    keep((await first)[0]);
    await manyTurns();
    clock.advance(400);
    expect(await second).toBeInstanceOf(TimeoutError);
  });

  it('never waits with a timeout of 0', async () => {
    const listener = await listening(way);
    listener.settimeout(0);
    expect(await refusal(listener.accept())).toBeInstanceOf(BlockingIOError);
    listener.gate.resume();
    await dial(addressOf(listener));
    await until(() => listener.readable);
    keep((await listener.accept())[0]);
  });

  it('is rejected when the listener is closed, with the reason if there is one', async () => {
    const listener = await listening(way);
    const pending = refusal(listener.accept());
    listener.close();
    expect(await pending).toMatchObject({ name: 'SocketStateError', code: 'EBADF' });
    expect(await refusal(listener.accept())).toMatchObject({ code: 'EBADF' });
    expect(() => listener.gate.suspend()).not.toThrow();

    const other = await listening(way);
    const reason = new TypeError('enough');
    const aborted = other.accept();
    other.abort(reason);
    await expect(aborted).rejects.toBe(reason);
  });

  it('is gone before bind() and listen()', async () => {
    const socket = keep(new Socket());
    expect(await refusal(socket.listen())).toMatchObject({ code: 'EDESTADDRREQ' });
    expect(await refusal(socket.accept())).toMatchObject({ code: 'EINVAL' });
    await socket.bind(['127.0.0.1', 0], way);
    const error = await refusal(socket.accept());
    expect(error).toBeInstanceOf(SocketStateError);
    expect(error.message).toContain('listen() comes first');
    socket.close();
    expect(await refusal(socket.listen())).toMatchObject({ code: 'EBADF' });
    expect(await refusal(socket.accept())).toMatchObject({ code: 'EBADF' });
  });
});

describe('the roles', () => {
  it('do not mix', async () => {
    const { socket } = await accepted();
    expect(await refusal(socket.bind(['127.0.0.1', 0]))).toMatchObject({ code: 'EINVAL' });
    expect(await refusal(socket.accept())).toMatchObject({ code: 'EINVAL' });
    expect(await refusal(socket.connect(['127.0.0.1', 1]))).toMatchObject({ code: 'EISCONN' });
    const listener = await listening();
    expect(await refusal(listener.recv(1))).toMatchObject({ code: 'ENOTCONN' });
    expect(await refusal(listener.sendall('x'))).toMatchObject({ code: 'ENOTCONN' });
  });

  it('are none at first: no address, no descriptor', () => {
    const socket = keep(new Socket());
    expect([socket.getsockname(), socket.fileno(), socket.readable, socket.writable]).toEqual(['', -1, false, false]);
    expect([socket.bytesRead, socket.bytesWritten]).toEqual([0, 0]);
    expect(() => socket.getpeername()).toThrow(errorLike({ code: 'ENOTCONN' }));
    socket.close();
    expect(() => socket.getpeername()).toThrow(errorLike({ code: 'EBADF' }));
  });

  it('let a socket that was bound connect from that address', async () => {
    const listener = await listening();
    const client = keep(new Socket());
    await client.bind(['127.0.0.1', 0]);
    const from = client.getsockname();
    await client.connect(addressOf(listener));
    const [server, peer] = await listener.accept();
    keep(server);
    expect(peer).toEqual(from);
    expect(client.getsockname()).toEqual(from);
  });

  it('leave a connection alone when its listener is closed', async () => {
    const [client, server] = await pair(); // The listener is closed already.
    await client.sendall('hello');
    expect(String(await server.recv(10))).toBe('hello');
    expect(client.getpeername()).toEqual(server.getsockname());
    expect(server.getpeername()).toEqual(client.getsockname());
  });
});
