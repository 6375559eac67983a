import { once } from 'node:events';
import { SocketStateError } from '@socketserver/socket';
import { errorLike, keep, manyTurns, noise, sha256, socketDescriptors, until } from '../loopback';
import {
  TestWorker,
  type Transport,
  type Way,
  allWays,
  closed,
  dialTo,
  held,
  listeningToGive,
  TOO_LATE,
  isTooLate,
  obstacle,
  readAll,
} from './workers';

const MiB = 1024 * 1024;

const transports: Transport[] = ['TCP', 'Unix'];

for (const way of allWays) {
  for (const transport of transports) {
    const why = obstacle(way, transport);
    const suite = why === null ? describe : describe.skip;
    suite(`${way} over ${transport}${why === null ? '' : ` (${why})`}`, () => tests(way, transport));
  }
}

function tests(way: Way, transport: Transport): void {
  it('hands a connection over: the handler there and the peer talk, and here it is closed', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'echo');
    expect([socket.isGiven, socket.isClosed, socket.fileno()]).toEqual([true, true, -1]);
    for (const word of ['one', 'two', 'three']) {
      peer.write(word);
      const [answer] = (await once(peer, 'data')) as [Buffer];
      expect(String(answer)).toBe(word);
    }
    peer.end();
    expect(await readAll(peer)).toHaveLength(0);
  });

  it('keeps both addresses', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    const addresses = { peer: socket.getpeername(), local: socket.getsockname() };
    worker.give(socket, 'describe');
    expect(await worker.next()).toEqual(addresses);
    expect(socket.getpeername()).toEqual(addresses.peer);
    peer.end();
    await readAll(peer);
  });

  it('loses nothing of 8 MiB that were sent at once before, and reads nothing of them here', async () => {
    const worker = await TestWorker.start(way);
    const listener = await listeningToGive(transport);
    const peer = await dialTo(listener);
    const bytes = noise(8 * MiB);
    peer.end(bytes);
    const [socket] = await listener.accept();
    await manyTurns();
    expect(socket.bytesRead).toBe(0);
    worker.give(keep(socket), 'hash');
    expect(String(await readAll(peer))).toBe(sha256(bytes));
  });

  it('sends 8 MiB to a peer that reads slowly', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'send', { length: 8 * MiB });
    let length = 0;
    for await (const chunk of peer as AsyncIterable<Buffer>) {
      length += chunk.length;
      await new Promise(setImmediate);
    }
    expect(length).toBe(8 * MiB);
  });

  it('answers a peer that has ended its direction already', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    peer.end('question');
    await manyTurns();
    worker.give(socket, 'hash');
    expect(String(await readAll(peer))).toBe(sha256(Buffer.from('question')));
  });

  it('tells the worker of a peer that has ended without a word', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    peer.end();
    await manyTurns();
    // In a child, Node may read the end before the worker adopts.
    worker.give(socket, 'recv', { late: true });
    expect(await worker.next()).toEqual({ outcome: '' });
    await readAll(peer);
  });

  it('goes on receiving when the worker has ended its direction', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'endFirst');
    expect(String(await readAll(peer))).toBe('first');
    peer.end('second');
    expect(await worker.next()).toEqual({ received: 'second' });
  });

  const unlessLate = isTooLate(way) ? TOO_LATE : '';
  (isTooLate(way) ? it.skip : it)(`takes along what was read here already${unlessLate}`, async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    peer.write('PROXY ');
    await manyTurns();
    const first = await socket.recv(1);
    worker.give(socket, 'echo');
    peer.end('and on');
    expect(String(first) + String(await readAll(peer))).toBe('PROXY and on');
  });

  it('tells the worker of a peer that has reset before it adopts, and the worker lives on', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    peer.write('lost');
    if (transport === 'TCP') peer.resetAndDestroy();
    else peer.destroy();
    await closed(peer);
    worker.give(socket, 'recv');
    const { outcome } = (await worker.next()) as { outcome: string };
    expect(transport === 'TCP' ? ['ConnectionResetError', 'lost', ''] : ['lost']).toContain(outcome);

    const next = await held(transport);
    worker.give(next.socket, 'echo');
    next.peer.end('alive');
    expect(String(await readAll(next.peer))).toBe('alive');
  });

  (transport === 'TCP' ? it : it.skip)('resets where the worker resets (over a path there is no reset)', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'reset');
    peer.write('x');
    // A reset that came together with bytes would be an end to Node.
    await once(peer, 'data');
    peer.write('y');
    await closed(peer);
    expect(peer.errored).toMatchObject({ code: 'ECONNRESET' });
  });

  it('ends the connections of a worker that is killed: the adopted, the posted and the given', async () => {
    const before = socketDescriptors();
    const worker = await TestWorker.start(way);
    const adopted = await held(transport);
    worker.give(adopted.socket, 'keep');
    expect(await worker.next()).toEqual({ kept: 1 });
    const posted = await held(transport);
    const given = await held(transport);
    worker.tell({ task: 'hang' });
    worker.give(posted.socket, 'echo');
    worker.handOff.give(given.socket);
    await manyTurns();
    const peers = [adopted.peer, posted.peer, given.peer];
    for (const peer of peers) peer.on('end', () => peer.end());
    await Promise.all([worker.close(), ...peers.map(closed)]);
    await until(() => socketDescriptors() <= before);
  });

  it('ends the connections of a worker that is killed while it adopts one after the other', async () => {
    const before = socketDescriptors();
    for (const adoptedAtLeast of [1, 7, 20]) {
      const worker = await TestWorker.start(way);
      const listener = await listeningToGive(transport);
      const ends: Promise<void>[] = [];
      for (let i = 0; i < 40; i++) {
        const peer = await dialTo(listener);
        ends.push(closed(peer.on('end', () => peer.end())));
        const [socket] = await listener.accept();
        worker.give(keep(socket), 'keep');
      }
      while (worker.heard.length < adoptedAtLeast) await new Promise(setImmediate);
      listener.close();
      await Promise.all([worker.close(), ...ends]);
    }
    await until(() => socketDescriptors() <= before);
  });

  it('ends the connections of a worker that ends by itself', async () => {
    const before = socketDescriptors();
    const worker = await TestWorker.start(way);
    const adopted = await held(transport);
    const posted = await held(transport);
    const ends = [adopted.peer, posted.peer].map((peer) => closed(peer.on('end', () => peer.end())));
    worker.give(adopted.socket, 'keep');
    expect(await worker.next()).toEqual({ kept: 1 });
    worker.tell({ task: 'exit' });
    worker.give(posted.socket, 'keep');
    await Promise.all([worker.close(), ...ends]);
    await until(() => socketDescriptors() <= before);
  });

  // The server bounds the requests of a worker; these two ways keep nothing in slots.
  const hasSlots = way !== 'native' && way !== 'relay';
  const withSlots = hasSlots ? '' : ' (a relay or a transfer takes no slot)';
  (hasSlots ? it : it.skip)(`gives no more than there is room for, and leaves the next one${withSlots}`, async () => {
    const worker = await TestWorker.start(way, 2);
    worker.tell({ task: 'hang' });
    for (let i = 0; i < 2; i++) worker.give((await held(transport)).socket, 'echo');
    expect(worker.handOff.hasRoom).toBe(false);
    const { socket, peer } = await held(transport);
    expect(() => worker.handOff.give(socket)).toThrow(errorLike({ code: 'ERR_HAND_OFF_FULL' }));
    peer.write('served here');
    expect(String(await socket.recv(100))).toBe('served here');
  });

  it('has room again when the worker has adopted', async () => {
    const worker = await TestWorker.start(way, 1);
    for (let i = 0; i < 5; i++) {
      await until(() => worker.handOff.hasRoom);
      const { socket, peer } = await held(transport);
      worker.give(socket, 'echo');
      peer.end('again');
      expect(String(await readAll(peer))).toBe('again');
    }
  });

  it('refuses what is closed, not connected, or still sending', async () => {
    const worker = await TestWorker.start(way);
    const { socket } = await held(transport);
    const sending = socket.sendall(Buffer.alloc(32 * MiB));
    expect(() => worker.handOff.give(socket)).toThrow(errorLike({ code: 'EBUSY' }));
    socket.abort();
    await expect(sending).rejects.toThrow();
    expect(() => worker.handOff.give(socket)).toThrow(errorLike({ code: 'ECONNABORTED' }));
    const closed = (await held(transport)).socket;
    closed.close();
    expect(() => worker.handOff.give(closed)).toThrow(SocketStateError);
    const listener = await listeningToGive(transport);
    expect(() => worker.handOff.give(listener)).toThrow(errorLike({ code: 'ENOTCONN' }));
  });

  it('leaves no descriptor behind after many connections', async () => {
    const worker = await TestWorker.start(way);
    const listener = await listeningToGive(transport);
    const before = socketDescriptors();
    const count = way === 'duplicate' && transport === 'TCP' ? 5000 : 500;
    for (let i = 0; i < count; i += 50) {
      const peers = await Promise.all(Array.from({ length: 50 }, () => dialTo(listener)));
      for (const peer of peers) {
        const [socket] = await listener.accept();
        await until(() => worker.handOff.hasRoom);
        worker.give(socket, 'echo');
        peer.end('x');
      }
      const answers = await Promise.all(peers.map(readAll));
      expect(answers.every((answer) => String(answer) === 'x')).toBe(true);
      await Promise.all(peers.map(closed));
    }
    await until(() => socketDescriptors() <= before + 1);
  });
}
