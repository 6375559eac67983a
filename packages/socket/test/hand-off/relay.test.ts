import { once } from 'node:events';
import type * as net from 'node:net';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Relay, WINDOW } from '../../src/hand-off/relay';
import { RelayedTransport } from '../../src/hand-off/relayed-transport';
import type { Transport } from '../../src/transport';
import { keep, manyTurns, noise, sha256, until } from '../loopback';
import { closed, held, readAll } from './workers';

const MiB = 1024 * 1024;
/** What one read of the kernel, or one message, may be beyond the window. */
const PART = 65_536;

interface Relayed {
  peer: net.Socket;
  /** The connection in the server's thread. */
  net: Transport;
  far: RelayedTransport;
  port: MessagePort;
  closed: Promise<void>;
}

/** Both ends of a relay, in one thread. */
async function relayed(): Promise<Relayed> {
  const { socket, peer } = await held();
  const local = socket.getsockname();
  const { net, readPath } = socket.release();
  const { port1, port2 } = new MessageChannel();
  const whenClosed = new Promise<void>((resolve) => keep(new Relay(net, readPath, port1, () => resolve())));
  const far = keep(new RelayedTransport(port2, local, socket.getpeername()));
  far.on('error', () => undefined);
  return { peer, net, far, port: port2, closed: whenClosed };
}

describe('a relay', () => {
  it('stops reading a peer that floods a worker which does not read', async () => {
    const { peer, net, far } = await relayed();
    const bytes = noise(32 * MiB);
    peer.end(bytes);
    await until(() => far.bytesRead >= WINDOW);
    await manyTurns();
    // By data events Node's stream keeps a part of its own.
    expect(net.bytesRead).toBeLessThanOrEqual(WINDOW + 2 * PART);
    expect(far.readableLength).toBeLessThanOrEqual(WINDOW + PART);

    const chunks: Buffer[] = [];
    for await (const chunk of far as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(bytes));
  });

  it('keeps little of what a worker floods a peer with that does not read', async () => {
    const { peer, net, far } = await relayed();
    const bytes = noise(32 * MiB);
    let hasLeft = false;
    far.end(bytes, () => (hasLeft = true));
    await until(() => net.writableLength > 0);
    await manyTurns();
    expect(net.writableLength).toBeLessThanOrEqual(WINDOW + PART);
    expect(hasLeft).toBe(false);
    expect(sha256(await readAll(peer))).toBe(sha256(bytes));
    await until(() => hasLeft);
  });

  it('sends no bytes but those of the message', async () => {
    const { peer, far, port } = await relayed();
    const heard = once(port, 'message') as Promise<[Uint8Array]>;
    peer.write('abc');
    const [message] = await heard;
    expect(message.buffer.byteLength).toBe(3);
    far.destroy();
  });

  it('lets a slow reader have what came before both sides ended', async () => {
    const { peer, far, closed: whenClosed } = await relayed();
    far.end();
    peer.end('the last words');
    await readAll(peer);
    await whenClosed;
    await manyTurns();
    expect(far.destroyed).toBe(false);
    expect(String(far.read())).toBe('the last words');
    far.resume();
    await once(far, 'close');
  });

  it('fails what is being sent when the peer resets', async () => {
    const { peer, far } = await relayed();
    const written = new Promise<Error | null | undefined>((resolve) => far.write(Buffer.alloc(32 * MiB), resolve));
    await once(peer, 'readable');
    peer.resetAndDestroy();
    expect(await written).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) as string });
    expect(far.destroyed).toBe(true);
  });

  it('fails what is being sent when the worker gives up', async () => {
    const { far, closed: whenClosed } = await relayed();
    const written = new Promise<Error | null | undefined>((resolve) => far.write(Buffer.alloc(32 * MiB), resolve));
    far.destroy();
    expect(await written).toMatchObject({ code: 'ECONNABORTED' });
    await whenClosed;
  });

  it('closes the connection when the worker is gone without a word', async () => {
    const { peer, port, closed: whenClosed } = await relayed();
    peer.on('end', () => peer.end());
    port.close();
    await whenClosed;
    await closed(peer);
  });

  it('sets the options of the connection, however often', async () => {
    const { net, far } = await relayed();
    const noDelay = jest.spyOn(net, 'setNoDelay');
    const keepAlive = jest.spyOn(net, 'setKeepAlive');
    far.setNoDelay(true).setKeepAlive(true, 5000);
    await until(() => keepAlive.mock.calls.length > 0);
    expect([noDelay.mock.calls, keepAlive.mock.calls]).toEqual([[[true]], [[true, 5000]]]);
  });
});
