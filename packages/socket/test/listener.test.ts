import { once } from 'node:events';
import * as net from 'node:net';
import { type InetAddress, Socket } from '@socketserver/socket';
import {
  addressOf,
  dial,
  everyWay,
  keep,
  listening,
  manyTurns,
  noise,
  receiveAll,
  refusal,
  until,
  ways,
} from './loopback';

async function dialMany(count: number, address: InetAddress): Promise<net.Socket[]> {
  return Promise.all(Array.from({ length: count }, () => dial(address)));
}

describe.each(ways)(`a listener (${everyWay})`, (way) => {
  it('keeps what a client sent, and its end, until somebody accepts it', async () => {
    const listener = await listening(way);
    const bytes = noise(100_000);
    const client = await dial(addressOf(listener));
    client.end(bytes);
    await manyTurns();
    const [socket] = await listener.accept();
    keep(socket);
    expect((await receiveAll(socket)).equals(bytes)).toBe(true);
  });

  it('passes over a client that resets its connection while it waits', async () => {
    const listener = await listening(way);
    const gone = await dial(addressOf(listener));
    gone.write('never read');
    gone.resetAndDestroy();
    await once(gone, 'close');
    await manyTurns();
    const client = await dial(addressOf(listener));
    const [socket, peer] = await listener.accept();
    keep(socket);
    expect(peer).toEqual(['127.0.0.1', client.localPort]);
  });

  it('passes over one that resets it while accept() waits for the next', async () => {
    const listener = await listening(way);
    const accepting = listener.accept();
    const gone = net.connect(addressOf(listener)[1], '127.0.0.1', () => gone.resetAndDestroy());
    await once(gone, 'close');
    const [first, [, port]] = (await Promise.all([accepting, dial(addressOf(listener))]))[0] as [Socket, InetAddress];
    keep(first);
    // Whether the first was seen before it went is up to the kernel; nobody waits for nothing either way.
    if (port === gone.localPort) keep((await listener.accept())[0]);
    expect(listener.isClosed).toBe(false);
  });

  it('gives its port back at once when it is closed, and resets those who wait', async () => {
    const listener = await listening({ ...way, backlog: 5 });
    listener.gate.resume();
    const clients = await dialMany(3, addressOf(listener));
    const fates = clients.map((client) => once(client, 'error') as Promise<[Error]>);
    await until(() => listener.readable);
    const address = addressOf(listener);
    listener.close();
    listener.close();
    const next = keep(new Socket());
    await next.bind(address, way);
    expect(next.getsockname()).toEqual(address);
    for (const [error] of await Promise.all(fates)) expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(listener.fileno()).toBe(-1);
    expect(listener.acceptNow()).toBeUndefined();
  });

  it('resets those who wait in the kernel when it is closed', async () => {
    const listener = await listening(way);
    const [client] = await dialMany(1, addressOf(listener));
    const fate = once(client!, 'error') as Promise<[Error]>;
    await manyTurns();
    listener.close();
    expect((await fate)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('lets somebody in with a backlog of 0 as well', async () => {
    const listener = keep(new Socket());
    await listener.bind(['127.0.0.1', 0], { ...way, backlog: 0 });
    await listener.listen(0);
    const accepting = listener.accept();
    await dial(addressOf(listener));
    keep((await accepting)[0]);
    await dial(addressOf(listener));
    keep((await listener.accept())[0]);
    expect(await refusal(listener.listen(1.5))).toMatchObject({ name: 'UnsupportedError', code: 'EINVAL' });
  });
});
