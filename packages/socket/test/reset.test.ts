import { once } from 'node:events';
import { AF_UNIX, ConnectionResetError, SHUT_WR, Socket, TimeoutError } from '@socketserver/socket';
import { folder } from './folder';
import { accepted, everyWay, keep, pair, receiveAllSlowly, refusal, until, ways } from './loopback';

describe.each(ways)(`reset (${everyWay})`, (way) => {
  it('gives the peer a reset instead of an end, and whoever waits here an error', async () => {
    const { socket, peer } = await accepted(way);
    const fate = once(peer, 'error') as Promise<[Error]>;
    const waiting = refusal(socket.recv(1));
    socket.reset();
    expect((await fate)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(await waiting).toMatchObject({ name: 'ConnectionAbortedError' });
    expect(socket).toMatchObject({ isClosed: true, isLingering: false });
    socket.reset();
  });

  it('gives up what is on its way, also of a socket that lingers', async () => {
    for (const isClosed of [false, true]) {
      const { socket, peer } = await accepted(way);
      const size = 64 * 1024 * 1024;
      const sending = refusal(socket.sendall(Buffer.alloc(size)));
      if (isClosed) socket.close();
      const reason = new TimeoutError('enough', 'ETIMEDOUT');
      socket.reset(reason);
      expect(await sending).toBe(reason);
      expect(socket.failure).toBe(reason);
      // Not more is certain: to a Node peer that has unread bytes, libuv shows the reset as an end.
      expect((await receiveAllSlowly(peer).catch(() => [])).length).toBeLessThan(size);
    }
  });

  it('leaves no descriptor open right after the end was sent', async () => {
    const { socket, peer } = await accepted(way);
    const closed = once(peer, 'close');
    peer.resume().on('end', () => peer.end());
    socket.shutdown(SHUT_WR);
    socket.reset();
    await closed;
  });
});

describe('reset', () => {
  it('of a connecting socket of ours is felt by one of ours', async () => {
    const [client, server] = await pair();
    client.reset();
    await until(() => server.exceptional);
    expect(await refusal(server.recv(1))).toBeInstanceOf(ConnectionResetError);
  });

  it('just closes on a path, and when nothing is connected', async () => {
    const listener = keep(new Socket(AF_UNIX));
    await listener.bind(folder('x.sock'));
    await listener.listen();
    const client = keep(new Socket(AF_UNIX));
    await client.connect(folder('x.sock'));
    const [server] = await listener.accept();
    server.reset();
    expect(await client.recv(1).catch(() => Buffer.alloc(0))).toHaveLength(0);
    listener.reset();
    expect(listener.isClosed).toBe(true);
    new Socket().reset();
  });
});

describe('isListening', () => {
  it('is true from listen() to close()', async () => {
    const listener = keep(new Socket());
    await listener.bind(['127.0.0.1', 0]);
    expect(listener.isListening).toBe(false);
    await listener.listen();
    expect(listener.isListening).toBe(true);
    listener.close();
    expect(listener.isListening).toBe(false);
  });
});
