import { AF_UNIX, type Address, DatagramSocket } from '@socketserver/socket';

import { DatagramPeer, SocketFolder, expectNoLeaks } from '../src';

expectNoLeaks('test');

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

describe('DatagramPeer', () => {
  const overUnix = DatagramPeer.hasUnix ? [['a Unix socket']] : [];

  it.each([['UDP'], ...overUnix])('sends datagrams and takes the answers, in order, over %s', async (carrier) => {
    const address: Address = carrier === 'UDP' ? ['127.0.0.1', 0] : folder.path();
    await using socket = typeof address === 'string' ? new DatagramSocket(AF_UNIX) : new DatagramSocket();
    await socket.bind(address);
    using peer = await DatagramPeer.connect(socket.getsockname());
    await peer.send('first');
    await peer.send('');
    for (const text of ['first', '']) {
      const [data, from] = await socket.recvfrom(100);
      expect(String(data)).toBe(text);
      expect(from).toEqual(peer.address);
    }
    await socket.sendto('one', peer.address);
    await socket.sendto('three', peer.address);
    expect(String(await peer.read())).toBe('one');
    expect(String(await peer.read(2))).toBe('th');
    expect(peer.pending).toBe(0);
  });

  if (!DatagramPeer.hasUnix) {
    it.skip('sends over a Unix socket (skipped: the optional package unix-dgram is not installed)', () => undefined);
  } else {
    it('waits for a path that is full, and keeps the order', async () => {
      await using socket = new DatagramSocket(AF_UNIX);
      await socket.bind(folder.path());
      using peer = await DatagramPeer.connect(socket.getsockname());
      const sent = Array.from({ length: 50 }, (_, index) => `packet ${index}`);
      for (const text of sent) await peer.send(text);
      const received: string[] = [];
      for (const _text of sent) received.push(String((await socket.recvfrom(100))[0]));
      expect(received).toEqual(sent);
    });

    it('fails when nobody is at the path', async () => {
      using peer = await DatagramPeer.connect(folder.path());
      await expect(peer.send('hello')).rejects.toThrow(/send -2/);
    });
  }
});
