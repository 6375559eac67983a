import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { BrokenPipeError, SHUT_RD, SHUT_RDWR, SHUT_WR, SocketStateError } from '@socketserver/socket';
import { accepted, everyWay, manyTurns, pair, receiveAll, refusal, until, ways, errorLike } from './loopback';

describe.each(ways)(`the two ends (${everyWay})`, (way) => {
  it('are ended one by one: a peer that has sent all still gets its answer', async () => {
    const [client, server] = await pair(way);
    await client.sendall('question');
    client.shutdown(SHUT_WR);
    expect(String(await receiveAll(server))).toBe('question');
    expect(server.isClosed).toBe(false);
    await server.sendall('answer');
    server.shutdown(SHUT_WR);
    expect(String(await receiveAll(client))).toBe('answer');
    for (const each of [client, server]) {
      expect(await each.recv(1)).toHaveLength(0);
      expect(await refusal(each.sendall('x'))).toBeInstanceOf(BrokenPipeError);
    }
  });

  it('are both ended by shutdown(SHUT_RDWR)', async () => {
    const { socket, peer } = await accepted(way);
    const end = once(peer.resume(), 'end');
    socket.shutdown(SHUT_RDWR);
    expect(await socket.recv(10)).toHaveLength(0);
    await end;
    expect(await refusal(socket.sendall('x'))).toBeInstanceOf(BrokenPipeError);
  });

  it('lets SHUT_RD leave what is buffered, and sending', async () => {
    const { socket, peer } = await accepted(way);
    peer.write('before');
    await until(() => socket.buffered === 6);
    socket.shutdown(SHUT_RD);
    peer.write('after');
    expect(String(await receiveAll(socket))).toBe('before');
    await socket.sendall('still sending');
    expect(String((await once(peer, 'data'))[0])).toBe('still sending');
    await manyTurns();
    expect(await socket.recv(10)).toHaveLength(0);
  });

  it('refuse another way of ending', async () => {
    const { socket } = await accepted(way);
    expect(() => socket.shutdown(3)).toThrow(errorLike({ name: 'UnsupportedError', code: 'EINVAL' }));
    socket.shutdown(SHUT_WR);
    socket.shutdown(SHUT_WR);
    socket.shutdown(SHUT_RDWR);
  });

  it('are closed once, however often close() is called, and then nothing works', async () => {
    const { socket, peer } = await accepted(way);
    const end = once(peer.resume(), 'end');
    expect(socket.fileno()).toBeGreaterThan(2);
    socket.close();
    socket.close();
    await end;
    expect(socket.fileno()).toBe(-1);
    expect(socket.isClosed).toBe(true);
    for (const each of [socket.recv(1), socket.recvInto(Buffer.alloc(1)), socket.recvExactly(1), socket.sendall('x')]) {
      const error = await refusal(each);
      expect(error).toBeInstanceOf(SocketStateError);
      expect(error.code).toBe('EBADF');
    }
    expect(() => socket.shutdown(SHUT_WR)).toThrow(errorLike({ code: 'EBADF' }));
    expect(await refusal(socket.bind(['127.0.0.1', 0]))).toMatchObject({ code: 'EBADF' });
    expect(await refusal(socket.connect(['127.0.0.1', 1]))).toMatchObject({ code: 'EBADF' });
    socket.abort();
    expect(await refusal(socket.recv(1))).toMatchObject({ code: 'EBADF' });
  });

  it('throw away what is buffered on close()', async () => {
    const { socket, peer } = await accepted(way);
    peer.write('unread');
    await until(() => socket.buffered === 6);
    socket.close();
    expect(socket.buffered).toBe(0);
    expect(await refusal(socket.recv(1))).toMatchObject({ code: 'EBADF' });
  });

  it('are closed at the end of an `await using` block', async () => {
    const { socket } = await accepted(way);
    await socket[Symbol.asyncDispose]();
    expect(socket.fileno()).toBe(-1);
  });

  it('know who is at the other end, also after a reset', async () => {
    const { socket, peer } = await accepted(way);
    const address = ['127.0.0.1', peer.localPort];
    expect(socket.getpeername()).toEqual(address);
    expect(socket.getsockname()).toEqual(['127.0.0.1', peer.remotePort]);
    peer.resetAndDestroy();
    await until(() => socket.isClosed);
    expect(socket.getpeername()).toEqual(address);
    expect(socket.fileno()).toBe(-1);
    expect(socket.exceptional).toBe(true);
  });

  it('send small messages at once when asked to', async () => {
    const { socket } = await accepted(way);
    socket.setNoDelay();
    socket.setNoDelay(false);
    await socket.sendall('fine');
  });

  it('may be ended, closed and reset twice', async () => {
    const { socket, peer } = await accepted(way);
    const end = once(peer.resume(), 'end');
    socket.shutdown(SHUT_WR);
    socket.shutdown(SHUT_WR);
    await end;
    socket.shutdown(SHUT_RDWR);
    expect(await socket.recv(1)).toHaveLength(0);
    socket.close();
    socket.close();
    socket.reset();
    expect(() => socket.shutdown(SHUT_WR)).toThrow(errorLike({ code: 'EBADF' }));
  });

  (process.platform === 'linux' ? it : it.skip)('ask an idle peer if it is there, when told to', async () => {
    const { socket, peer } = await accepted(way);
    const timers = (): string => readFileSync('/proc/net/tcp', 'utf8');
    const own = new RegExp(`:${hex(peer.remotePort!)} [0-9A-F]+:${hex(peer.localPort!)} 01 \\S+ (\\d\\d):`);
    expect(own.exec(timers())?.[1]).toBe('00');
    socket.setKeepAlive(true, 60_000);
    expect(own.exec(timers())?.[1]).toBe('02');
  });
});

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
