import {
  AF_UNIX,
  DatagramSocket,
  EVENT_READ,
  EVENT_WRITE,
  type Pollable,
  Selector,
  Socket,
  select,
} from '@socketserver/socket';
import { bound, families } from './datagrams';
import { folder } from './folder';
import { accepted, addressOf, dial, everyWay, isPending, keep, listening, manyTurns, until, ways } from './loopback';

describe.each(ways)(`listeners, streams and datagrams together (${everyWay})`, (way) => {
  async function everyKind(): Promise<{ all: Pollable[]; stir: (() => Promise<unknown>)[] }> {
    const tcp = await listening(way);
    const unix = keep(new Socket(AF_UNIX));
    await unix.bind(folder('x.sock'), way);
    await unix.listen();
    const { socket, peer } = await accepted(way);
    const all: Pollable[] = [tcp, unix, socket];
    const stir: (() => Promise<unknown>)[] = [
      () => dial(addressOf(tcp)),
      () => keep(new Socket(AF_UNIX)).connect(folder('x.sock')),
      async () => peer.write('x'),
    ];
    for (const { family } of families) {
      const receiver = await bound(family);
      const sender = await bound(family);
      all.push(receiver);
      stir.push(() => sender.sendto('', receiver.getsockname()));
    }
    return { all, stir };
  }

  it('wake select(), each by itself', async () => {
    const { all, stir } = await everyKind();
    for (const [i, each] of all.entries()) {
      const others = all.slice(i);
      const pending = select(others, [], all);
      expect(await isPending(pending)).toBe(true);
      await stir[i]!();
      expect(await pending).toEqual([[each], [], []]);
    }
    expect(await select(all, [], [], 0)).toEqual([all, [], []]);
  });

  it('are reported by a selector until they are used', async () => {
    const { all, stir } = await everyKind();
    const selector = new Selector<number>();
    for (const [i, each] of all.entries()) selector.register(each, EVENT_READ, i);
    expect(await selector.select(0)).toEqual([]);
    for (const each of stir) await each();
    await until(() => all.every((each) => each.readable));
    for (let i = 0; i < 2; i++) {
      const ready = (await selector.select()).map(([{ data }]) => data);
      expect(ready.sort()).toEqual(all.map((_, index) => index));
    }
    for (const each of all) {
      if (each instanceof DatagramSocket) each.recvNow(1);
      else if (each instanceof Socket && each.isListening) keep((await each.accept())[0]);
      else await (each as Socket).recv(1);
    }
    expect(await selector.select(0)).toEqual([]);
    selector.close();
  });
});

describe('a datagram socket', () => {
  it.each(families)('of $name can be written to at once, also before it is bound', async ({ family }) => {
    const socket = keep(new DatagramSocket(family));
    expect(await select([socket], [socket], [socket])).toEqual([[], [socket], []]);
    const selector = new Selector<null>();
    selector.register(await bound(family), EVENT_READ | EVENT_WRITE, null);
    expect((await selector.select()).map(([, events]) => events)).toEqual([EVENT_WRITE]);
    selector.close();
  });

  it('wakes select() when it is closed, or fails', async () => {
    const socket = await bound();
    const pending = select([socket], [], []);
    socket.close();
    expect(await pending).toEqual([[socket], [], []]);

    const gone = await bound();
    const failing = await bound();
    await failing.connect(gone.getsockname());
    gone.close();
    const waiting = select([failing], [], [failing]);
    await failing.send('x');
    expect(await waiting).toEqual([[failing], [], [failing]]);
  });

  it('calls no watcher that has gone', async () => {
    const [a, b] = [await bound(), await bound()];
    const watcher = jest.fn();
    b.watch(watcher);
    b.unwatch(watcher);
    b.unwatch(watcher);
    await a.sendto('x', b.getsockname());
    await until(() => b.readable);
    await manyTurns();
    expect(watcher).not.toHaveBeenCalled();
  });
});
