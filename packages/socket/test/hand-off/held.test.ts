import { once } from 'node:events';
import { EVENT_READ, SHUT_WR, Selector, select } from '@socketserver/socket';
import { errorLike, everyWay, manyTurns, noise, receiveAll, sha256, socketDescriptors, until, ways } from '../loopback';
import { closed, dialTo, held, listeningToGive, readAll } from './workers';

const MiB = 1024 * 1024;

describe.each(ways)(`a connection that is accepted to be handed over (${everyWay})`, (way) => {
  it('reads nothing before somebody receives, and then everything', async () => {
    const { socket, peer } = await held('TCP', way);
    const bytes = noise(8 * MiB);
    peer.end(bytes);
    await manyTurns();
    expect([socket.bytesRead, socket.buffered, socket.readable]).toEqual([0, 0, false]);
    expect(sha256(await receiveAll(socket))).toBe(sha256(bytes));
    expect(socket.bytesRead).toBe(8 * MiB);
  });

  it('knows its addresses and its descriptor without reading', async () => {
    const { socket, peer } = await held('TCP', way);
    peer.write('waits in the kernel');
    expect(socket.getpeername()).toEqual(['127.0.0.1', peer.localPort]);
    expect(socket.fileno()).toBeGreaterThan(2);
    expect(socket.getsockname()).toEqual(['127.0.0.1', peer.remotePort]);
    expect(socket.fileno()).toBeGreaterThan(2);
    socket.setNoDelay();
    socket.setKeepAlive(true, 1000);
    await manyTurns();
    expect([socket.bytesRead, socket.isClosed, socket.hasEnded, socket.isGiven]).toEqual([0, false, false, false]);
  });

  it('sends without reading', async () => {
    const { socket, peer } = await held('TCP', way);
    peer.write('waits in the kernel');
    expect(socket.writable).toBe(true);
    await socket.sendall('welcome');
    expect(String((await once(peer, 'data'))[0])).toBe('welcome');
    socket.shutdown(SHUT_WR);
    await readAll(peer);
    await manyTurns();
    expect(socket.bytesRead).toBe(0);
    expect(String(await socket.recv(100))).toBe('waits in the kernel');
  });

  it('reads when somebody watches it', async () => {
    const { socket, peer } = await held('TCP', way);
    peer.write('x');
    const [ready] = await select([socket], [], [], null);
    expect(ready).toEqual([socket]);
    const other = await held('TCP', way);
    const selector = new Selector();
    selector.register(other.socket, EVENT_READ, null);
    other.peer.write('x');
    expect(await selector.select()).toHaveLength(1);
    selector.close();
  });

  it.each(['close', 'abort', 'reset'] as const)('is ended by %s(), and leaves no descriptor', async (end) => {
    const listener = await listeningToGive('TCP', way);
    const before = socketDescriptors();
    const peer = await dialTo(listener);
    const [socket] = await listener.accept();
    peer.on('end', () => peer.end());
    socket[end]();
    socket[end]();
    await closed(peer);
    expect(peer.errored).toEqual(end === 'reset' ? errorLike({ code: 'ECONNRESET' }) : null);
    expect([socket.isClosed, socket.isLingering, socket.fileno()]).toEqual([true, false, -1]);
    await expect(socket.recv(1)).rejects.toMatchObject({ code: end === 'close' ? 'EBADF' : 'ECONNABORTED' });
    await expect(socket.sendall('x')).rejects.toMatchObject({ code: end === 'close' ? 'EBADF' : 'ECONNABORTED' });
    await until(() => socketDescriptors() <= before);
  });

  it('says of itself that it is connected', async () => {
    const { socket } = await held('TCP', way);
    await expect(socket.connect(['127.0.0.1', 1])).rejects.toMatchObject({ code: 'EISCONN' });
    await expect(socket.bind(['127.0.0.1', 0])).rejects.toMatchObject({ code: 'EINVAL' });
  });
});
