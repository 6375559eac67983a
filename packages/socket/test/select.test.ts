import { select, SHUT_WR, Socket } from '@socketserver/socket';
import {
  accepted,
  addressOf,
  dial,
  everyWay,
  isPending,
  keep,
  listening,
  manyTurns,
  socketDescriptors,
  until,
  ways,
} from './loopback';

describe.each(ways)(`select (${everyWay})`, (way) => {
  it('gives three lists: what can be read or accepted, what can be sent to, what failed', async () => {
    const listener = await listening(way);
    const quiet = await accepted(way);
    const talking = await accepted(way);
    const failed = await accepted(way);
    talking.peer.write('hello');
    await until(() => talking.socket.readable);
    failed.peer.resetAndDestroy();
    await until(() => failed.socket.isClosed);
    const all = [quiet.socket, talking.socket, failed.socket];
    const [readable, writable, exceptional] = await select([listener, ...all], all, all);
    expect(readable).toEqual([talking.socket, failed.socket]);
    expect(writable).toEqual(all);
    expect(exceptional).toEqual([failed.socket]);
  });

  it('waits for the first client, byte, end or reset', async () => {
    const listener = await listening(way);
    const { socket, peer } = await accepted(way);
    let pending = select([listener, socket], [], []);
    await manyTurns();
    expect(await isPending(pending)).toBe(true);
    await dial(addressOf(listener));
    expect(await pending).toEqual([[listener], [], []]);
    keep((await listener.accept())[0]);

    pending = select([listener, socket], [], []);
    peer.write('x');
    expect(await pending).toEqual([[socket], [], []]);
    await socket.recv(1);

    pending = select([listener, socket], [], []);
    peer.end();
    expect(await pending).toEqual([[socket], [], []]);

    const other = await accepted(way);
    const failing = select([other.socket], [], [other.socket]);
    other.peer.resetAndDestroy();
    expect(await failing).toEqual([[other.socket], [], [other.socket]]);
  });

  it('gives all three empty when the time is over', async () => {
    const listener = await listening(way);
    const { socket } = await accepted(way);
    expect(await select([listener, socket], [], [socket], 0)).toEqual([[], [], []]);
    expect(await select([listener, socket], [], [socket], 5)).toEqual([[], [], []]);
    expect(await select([], [], [], 1)).toEqual([[], [], []]);
  });

  it('gives what is there already, whatever the time', async () => {
    const { socket, peer } = await accepted(way);
    peer.write('x');
    await until(() => socket.readable);
    for (const timeout of [0, 1000, null]) expect(await select([socket], [], [], timeout)).toEqual([[socket], [], []]);
    expect(await select([], [socket], [], null)).toEqual([[], [socket], []]);
  });

  it('is level-triggered: a client and a byte that nobody took are there again', async () => {
    const listener = await listening(way);
    const { socket, peer } = await accepted(way);
    peer.write('xy');
    await dial(addressOf(listener));
    await until(() => socket.readable);
    for (let i = 0; i < 2; i++) expect((await select([socket], [], []))[0]).toEqual([socket]);
    for (let i = 0; i < 2; i++) expect((await select([listener], [], []))[0]).toEqual([listener]);
    await socket.recv(1);
    expect((await select([socket], [], [], 0))[0]).toEqual([socket]);
    await socket.recv(1);
    expect((await select([socket], [], [], 0))[0]).toEqual([]);
  });

  it('waits until a peer has read what was sent to it', async () => {
    const { socket, peer } = await accepted(way);
    const sending = socket.sendall(Buffer.alloc(32 * 1024 * 1024));
    const pending = select([], [socket], []);
    await manyTurns();
    expect(await isPending(pending)).toBe(true);
    peer.resume();
    expect(await pending).toEqual([[], [socket], []]);
    await sending;
  });

  it('does no harm to a socket that is ended while bytes are on their way', async () => {
    const { socket, peer } = await accepted(way);
    const sending = socket.sendall(Buffer.alloc(8 * 1024 * 1024));
    socket.shutdown(SHUT_WR);
    for (let i = 0; i < 3; i++) expect(await select([], [socket], [socket], 0)).toEqual([[], [], []]);
    const pending = select([], [socket], []);
    let length = 0;
    for await (const chunk of peer) length += (chunk as Buffer).length;
    await sending;
    expect(length).toBe(8 * 1024 * 1024);
    expect(await pending).toEqual([[], [socket], []]);
  });

  it('tells that a socket is closed, here or there', async () => {
    const { socket } = await accepted(way);
    const listener = await listening(way);
    const pending = select([socket], [], []);
    socket.close();
    expect(await pending).toEqual([[socket], [], []]);
    const waiting = select([listener], [], []);
    listener.close();
    expect(await waiting).toEqual([[listener], [], []]);
  });
});

it('select leaves the gate shut behind it', async () => {
  const listener = await listening({ acceptGate: true });
  expect(await select([listener], [], [], 1)).toEqual([[], [], []]);
  const before = socketDescriptors();
  await dial(addressOf(listener));
  await manyTurns();
  expect(socketDescriptors()).toBe(before + 1);
});

it('select waits for a connect() that is on its way', async () => {
  const listener = await listening();
  const client = keep(new Socket());
  const connecting = client.connect(addressOf(listener));
  expect(await select([], [client], [])).toEqual([[], [client], []]);
  await connecting;
});
