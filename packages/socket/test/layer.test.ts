import { once } from 'node:events';
import type * as net from 'node:net';
import { type TLSSocket, TLSSocket as ServerSide, connect, createSecureContext } from 'node:tls';
import { SHUT_WR, type Socket, SocketStateError, ThreadHandOff } from '@socketserver/socket';
import { makeIdentity } from './certificate';
import { closed } from './hand-off/workers';
import { accepted, errorLike, everyWay, manyTurns, noise, receiveAll, sha256, until, ways } from './loopback';

const MiB = 1024 * 1024;
const identity = makeIdentity();
const secureContext = createSecureContext(identity);

/** Puts TLS on the server's side of a connection. */
function secureServer(socket: Socket): ServerSide {
  let layer: ServerSide | undefined;
  socket.layer((below) => (layer = new ServerSide(below, { isServer: true, secureContext })));
  return layer!;
}

/** The client's side. */
async function secureClient(peer: net.Socket): Promise<TLSSocket> {
  // It goes with the connection below it, which is kept: see StreamSide about destroying both.
  const client = connect({ socket: peer, ca: identity.cert, servername: 'localhost' });
  client.on('error', () => undefined);
  await once(client, 'secureConnect');
  return client;
}

/** Both sides, with TLS between them. */
async function secured(way: object): Promise<{ socket: Socket; client: TLSSocket }> {
  const { socket, peer } = await accepted(way);
  secureServer(socket);
  return { socket, client: await secureClient(peer) };
}

const heldWays = ways.flatMap((way) => [
  { ...way, handOver: false },
  { ...way, handOver: true },
]);

describe.each(heldWays)(`a layer of TLS on a connection (${everyWay}, held $handOver)`, (way) => {
  it('carries 8 MiB each way at once', async () => {
    const { socket, client } = await secured(way);
    const bytes = noise(8 * MiB);
    const echoed = (async () => {
      for (let chunk = await socket.recv(65_536); chunk.length > 0; chunk = await socket.recv(65_536))
        await socket.sendall(chunk);
      socket.close();
    })();
    client.end(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of client as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(bytes));
    await echoed;
  });

  it('is put on after some clear text, with what had come behind it', async () => {
    const { socket, peer } = await accepted(way);
    peer.write('STARTTLS\n');
    const client = secureClient(peer);
    expect(String(await socket.recvExactly(9))).toBe('STARTTLS\n');
    await manyTurns();
    secureServer(socket);
    (await client).end('secret');
    expect(String(await receiveAll(socket))).toBe('secret');
  });

  it('leaves the address and the descriptor those of the connection, and counts its bytes', async () => {
    const { socket, peer } = await accepted(way);
    const before = [socket.getpeername(), socket.getsockname(), socket.fileno()];
    secureServer(socket);
    const client = await secureClient(peer);
    socket.setNoDelay();
    socket.setKeepAlive(true, 1000);
    client.write('x');
    expect(String(await socket.recv(1))).toBe('x');
    expect([socket.getpeername(), socket.getsockname(), socket.fileno()]).toEqual(before);
    expect(socket.bytesRead).toBeGreaterThan(100);
  });

  it('says good-bye when the socket is closed, and lets the peer go on when it only ends its direction', async () => {
    const first = await secured(way);
    first.socket.close();
    await once(first.client.resume(), 'end');
    first.client.end();
    await until(() => !first.socket.isLingering);

    const second = await secured(way);
    second.socket.shutdown(SHUT_WR);
    await once(second.client.resume(), 'end');
    second.client.end('still here');
    expect(String(await receiveAll(second.socket))).toBe('still here');
  });

  it.each(['abort', 'reset'] as const)('goes with the connection at %s()', async (end) => {
    const { socket, client } = await secured(way);
    // What was sent with the handshake has come, so that a reset is told as one.
    await socket.sendall('x');
    await once(client, 'data');
    const waiting = socket.recv(1);
    client.on('end', () => client.end());
    socket[end]();
    await expect(waiting).rejects.toMatchObject({ code: 'ECONNABORTED' });
    await closed(client);
    expect(client.errored).toEqual(end === 'reset' ? errorLike({ code: 'ECONNRESET' }) : null);
    expect([socket.isClosed, socket.isLingering, socket.fileno()]).toEqual([true, false, -1]);
  });

  it('fails a receive when there is no handshake, and when the peer resets', async () => {
    const babbling = await accepted(way);
    secureServer(babbling.socket);
    babbling.peer.end('no handshake\n');
    await expect(babbling.socket.recv(1)).rejects.toThrow();

    const { socket, client } = await secured(way);
    const waiting = socket.recv(1);
    await socket.sendall('x');
    await once(client, 'data');
    client.destroy();
    await expect(waiting.then(String)).resolves.toBe('');
  });
});

describe('layer()', () => {
  it('is refused while a receive is pending, bytes wait to be sent, and when there is one already', async () => {
    const { socket, peer } = await accepted();
    const waiting = socket.recv(1);
    expect(() => secureServer(socket)).toThrow(errorLike({ code: 'ERR_RECV_PENDING' }));
    peer.write('x');
    await waiting;
    const sending = socket.sendall(Buffer.alloc(32 * MiB));
    expect(() => secureServer(socket)).toThrow(errorLike({ code: 'EBUSY' }));
    peer.resume();
    await sending;
    secureServer(socket);
    expect(() => secureServer(socket)).toThrow(errorLike({ code: 'EBUSY', operation: 'layer' }));
  });

  it('is refused for what is closed, not connected, or has ended', async () => {
    const { socket, peer } = await accepted();
    peer.end();
    expect(await socket.recv(1)).toHaveLength(0);
    expect(() => secureServer(socket)).toThrow(errorLike({ code: 'EINVAL' }));
    socket.close();
    expect(() => secureServer(socket)).toThrow(SocketStateError);
  });

  it('closes the connection when the layer cannot be made', async () => {
    const { socket, peer } = await accepted();
    peer.on('end', () => peer.end());
    const fail = (): never => {
      throw new TypeError('no certificate');
    };
    expect(() => socket.layer(fail)).toThrow('no certificate');
    expect(socket.isClosed).toBe(true);
    await once(peer.resume(), 'close');
  });

  it('comes after handing over: with a layer a connection stays', async () => {
    const { socket } = await secured({ handOver: true });
    const handOff = await ThreadHandOff.open();
    expect(() => handOff.give(socket)).toThrow(errorLike({ code: 'EBUSY', operation: 'hand over' }));
    expect(socket.isClosed).toBe(false);
  });
});
