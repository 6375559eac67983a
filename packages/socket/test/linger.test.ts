import type * as net from 'node:net';

import { ManualClock, TimeoutError } from '@socketserver/socket';

import { accepted, everyWay, manyTurns, refusal, ways } from './loopback';

/** More than the buffers of the kernel hold. */
const size = 64 * 1024 * 1024;

async function lengthOf(peer: net.Socket): Promise<number> {
  let length = 0;
  for await (const chunk of peer) length += (chunk as Buffer).length;
  return length;
}

describe.each(ways)('a socket that is closed while bytes are on their way: ' + everyWay, (way) => {
  it('lets them leave, to a peer that reads', async () => {
    const clock = new ManualClock();
    const { socket, peer } = await accepted({ ...way, clock });
    const sending = socket.sendall(Buffer.alloc(size));
    socket.close();
    expect(await lengthOf(peer)).toBe(size);
    await sending;
    await manyTurns();
    expect(clock.pending).toBe(0);
  });

  it('is lingering until they have left, and wakes its watchers then', async () => {
    const { socket, peer } = await accepted(way);
    expect(socket.isLingering).toBe(false);
    void socket.sendall(Buffer.alloc(size));
    socket.close();
    expect(socket).toMatchObject({ isLingering: true, isClosed: true, failure: null });
    const gone = new Promise<void>((resolve) => socket.watch(() => void (socket.isLingering || resolve())));
    expect(await lengthOf(peer)).toBe(size);
    await gone;
    expect(socket.failure).toBeNull();
  });

  it('is gone at once, when nothing is on its way', async () => {
    const { socket, peer } = await accepted(way);
    await socket.sendall('hello');
    socket.close();
    expect(socket.isLingering).toBe(false);
    expect(await lengthOf(peer)).toBe(5);
  });

  it('keeps what kept it from sending them', async () => {
    const clock = new ManualClock();
    const { socket, peer } = await accepted({ ...way, clock });
    socket.linger = 50;
    const sending = refusal(socket.sendall(Buffer.alloc(size)));
    socket.close();
    const gone = new Promise<void>((resolve) => socket.watch(() => void (socket.isLingering || resolve())));
    clock.advance(50);
    await gone;
    expect(socket).toMatchObject({ isLingering: false, exceptional: true });
    expect(socket.failure).toBeInstanceOf(TimeoutError);
    expect(socket.failure?.message).toContain('close');
    expect(await sending).toBeInstanceOf(TimeoutError);
    expect(await lengthOf(peer)).toBeLessThan(size);
  });

  it('gives them up at once, with a linger of 0', async () => {
    const { socket, peer } = await accepted(way);
    socket.linger = 0;
    void socket.sendall(Buffer.alloc(size));
    socket.close();
    expect(socket.isLingering).toBe(false);
    expect(await lengthOf(peer)).toBeLessThan(size);
  });

  it('gives them up after 15 seconds, if the peer does not read', async () => {
    const clock = new ManualClock();
    const { socket, peer } = await accepted({ ...way, clock });
    const sending = refusal(socket.sendall(Buffer.alloc(size)));
    socket.close();
    clock.advance(14_999);
    await manyTurns();
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await sending;
    expect(await lengthOf(peer)).toBeLessThan(size);
  });

  it('gives them up at once, if a send has timed out', async () => {
    const clock = new ManualClock();
    const { socket, peer } = await accepted({ ...way, clock });
    socket.settimeout(10);
    const sending = refusal(socket.sendall(Buffer.alloc(size)));
    clock.advance(10);
    expect(await sending).toBeInstanceOf(TimeoutError);
    socket.close();
    expect(clock.pending).toBe(0);
    expect(await lengthOf(peer)).toBeLessThan(size);
  });
});
