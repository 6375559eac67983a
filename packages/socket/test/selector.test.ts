import { EVENT_READ, EVENT_WRITE, ManualClock, SHUT_WR, Selector, Socket } from '@socketserver/socket';
import {
  accepted,
  addressOf,
  dial,
  everyWay,
  isPending,
  keep,
  listening,
  manyTurns,
  refusal,
  until,
  ways,
  errorLike,
} from './loopback';

const MUCH = 32 * 1024 * 1024;

describe.each(ways)(`a selector (${everyWay})`, (way) => {
  it('serves a listener and many connections: the loop of the textbooks', async () => {
    const listener = await listening(way);
    const selector = new Selector<string>();
    selector.register(listener, EVENT_READ, 'listener');
    const clients = await Promise.all(Array.from({ length: 10 }, () => dial(addressOf(listener))));
    clients.forEach((client, i) => client.end(`Hello from ${i}`));
    const answers = clients.map(async (client) => {
      let answer = '';
      for await (const chunk of client) answer += String(chunk);
      return answer;
    });

    let served = 0;
    while (served < 10) {
      for (const [{ fileobj, data }, events] of await selector.select()) {
        expect(events).toBe(EVENT_READ);
        if (data === 'listener') {
          const [connection] = await listener.accept();
          selector.register(keep(connection), EVENT_READ, 'connection');
          continue;
        }
        const connection = fileobj as Socket;
        const bytes = await connection.recv(1024);
        if (bytes.length > 0) await connection.sendall(String(bytes).toUpperCase());
        else {
          selector.unregister(connection);
          connection.close();
          served++;
        }
      }
    }
    expect(await Promise.all(answers)).toEqual(clients.map((_, i) => `HELLO FROM ${i}`));
    expect(selector.size).toBe(1);
    selector.close();
    expect(selector.size).toBe(0);
  });

  it('is level-triggered', async () => {
    const { socket, peer } = await accepted(way);
    const selector = new Selector();
    const key = selector.register(socket, EVENT_READ, undefined);
    expect(await selector.select(0)).toEqual([]);
    peer.write('xy');
    for (let i = 0; i < 3; i++) expect(await selector.select()).toEqual([[key, EVENT_READ]]);
    await socket.recv(1);
    expect(await selector.select()).toEqual([[key, EVENT_READ]]);
    await socket.recv(1);
    expect(await selector.select(0)).toEqual([]);
    peer.end();
    for (let i = 0; i < 3; i++) expect(await selector.select()).toEqual([[key, EVENT_READ]]);
    selector.close();
  });

  it('gives the events that were asked for and no other', async () => {
    const { socket, peer } = await accepted(way);
    peer.write('x');
    await until(() => socket.readable);
    const selector = new Selector();
    selector.register(socket, EVENT_READ | EVENT_WRITE, 'both');
    expect(await selector.select()).toEqual([[expect.objectContaining({ data: 'both' }), EVENT_READ | EVENT_WRITE]]);
    selector.modify(socket, EVENT_WRITE, 'writing');
    expect(await selector.select()).toEqual([[expect.objectContaining({ data: 'writing' }), EVENT_WRITE]]);
    const key = selector.modify(socket, EVENT_READ, 'reading');
    expect(await selector.select()).toEqual([[key, EVENT_READ]]);
    expect(selector.unregister(socket)).toBe(key);
    expect(await selector.select(0)).toEqual([]);
  });

  it('finds what came before it was registered, and not what came after it was unregistered', async () => {
    const { socket, peer } = await accepted(way);
    peer.write('x');
    await until(() => socket.readable);
    const selector = new Selector();
    selector.register(socket, EVENT_READ, undefined);
    expect(await selector.select()).toHaveLength(1);
    const other = await accepted(way);
    selector.register(other.socket, EVENT_READ, undefined);
    selector.unregister(socket);
    selector.unregister(other.socket);
    other.peer.write('x');
    await until(() => other.socket.readable);
    expect(await selector.select(0)).toEqual([]);
  });

  it('tells when a socket can be sent to again, also if it was registered before', async () => {
    const { socket, peer } = await accepted(way);
    const selector = new Selector();
    selector.register(socket, EVENT_WRITE, undefined);
    expect(await selector.select()).toHaveLength(1);
    const sending = socket.sendall(Buffer.alloc(MUCH));
    const pending = selector.select();
    await manyTurns();
    expect(await isPending(pending)).toBe(true);
    peer.resume();
    expect(await pending).toHaveLength(1);
    await sending;
    selector.close();
  });

  it('does not let a send that nobody awaits pile up in a polling loop', async () => {
    const { socket, peer } = await accepted(way);
    const selector = new Selector();
    const sending = socket.sendall(Buffer.alloc(MUCH));
    selector.register(socket, EVENT_READ, undefined);
    for (let i = 0; i < 100; i++) {
      selector.modify(socket, EVENT_WRITE | EVENT_READ, undefined);
      expect(await selector.select(0)).toEqual([]);
    }
    socket.shutdown(SHUT_WR);
    selector.modify(socket, EVENT_WRITE, undefined);
    let length = 0;
    for await (const chunk of peer) length += (chunk as Buffer).length;
    await sending;
    expect(length).toBe(MUCH);
    expect(await selector.select()).toHaveLength(1);
    selector.close();
  });

  it('tells that a socket failed or was closed', async () => {
    const { socket, peer } = await accepted(way);
    const selector = new Selector();
    selector.register(socket, EVENT_READ | EVENT_WRITE, undefined);
    selector.modify(socket, EVENT_READ, undefined);
    const pending = selector.select();
    peer.resetAndDestroy();
    expect(await pending).toHaveLength(1);
    await expect(socket.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
    const other = await accepted(way);
    selector.unregister(socket);
    selector.register(other.socket, EVENT_READ, undefined);
    const waiting = selector.select();
    other.socket.close();
    expect(await waiting).toHaveLength(1);
    selector.close();
  });
});

describe('a selector', () => {
  it('gives an empty list when the time is over', async () => {
    const clock = new ManualClock();
    const selector = new Selector(clock);
    const { socket, peer } = await accepted();
    const key = selector.register(socket, EVENT_READ, undefined);
    const pending = selector.select(2000);
    clock.advance(1999);
    expect(await isPending(pending)).toBe(true);
    clock.advance(1);
    expect(await pending).toEqual([]);
    const next = selector.select(2000);
    peer.write('x');
    expect(await next).toEqual([[key, EVENT_READ]]);
    expect(clock.pending).toBe(0);
    selector.close();
  });

  it('waits on although something happened that it was not asked about', async () => {
    const selector = new Selector();
    const { socket, peer } = await accepted();
    const sending = socket.sendall(Buffer.alloc(MUCH));
    const key = selector.register(socket, EVENT_WRITE, undefined);
    const pending = selector.select();
    peer.write('x');
    await until(() => socket.readable);
    expect(await isPending(pending)).toBe(true);
    peer.resume();
    expect(await pending).toEqual([[key, EVENT_WRITE]]);
    await sending;
    selector.close();
  });

  it('takes a socket that is registered while it waits', async () => {
    const selector = new Selector();
    const pending = selector.select();
    const { socket, peer } = await accepted();
    const key = selector.register(socket, EVENT_READ, undefined);
    peer.write('x');
    expect(await pending).toEqual([[key, EVENT_READ]]);
    selector.close();
  });

  it('takes a ready socket that is registered while it waits', async () => {
    const { socket } = await accepted();
    const selector = new Selector();
    const pending = selector.select();
    await manyTurns();
    const key = selector.register(socket, EVENT_WRITE, undefined);
    expect(await pending).toEqual([[key, EVENT_WRITE]]);
    selector.close();
  });

  it('refuses to register twice, and to unregister or modify what it does not know', async () => {
    const listener = await listening();
    const selector = new Selector();
    selector.register(listener, EVENT_READ, 1);
    const error = (code: string): Error => errorLike({ name: 'SocketStateError', code });
    expect(() => selector.register(listener, EVENT_READ, 2)).toThrow(error('EEXIST'));
    selector.unregister(listener);
    expect(() => selector.unregister(listener)).toThrow(error('ENOENT'));
    expect(() => selector.modify(listener, EVENT_READ, 3)).toThrow(error('ENOENT'));
  });

  it('refuses a second select() while one is pending, which close() ends', async () => {
    const selector = new Selector();
    const { socket } = await accepted();
    selector.register(socket, EVENT_READ, undefined);
    const pending = selector.select();
    expect(await refusal(selector.select())).toMatchObject({ name: 'SocketStateError', code: 'EALREADY' });
    selector.close();
    expect(await pending).toEqual([]);
    expect(await selector.select(0)).toEqual([]);
  });
});
