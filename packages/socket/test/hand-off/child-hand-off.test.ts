import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ChildAdopter, ChildHandOff, type Parcel, ThreadHandOff } from '@socketserver/socket';
import { errorLike, manyTurns, noise, sha256, socketDescriptors, until } from '../loopback';
import { TestWorker, closed, held, obstacle, readAll } from './workers';

const MiB = 1024 * 1024;

const ways = ['child by duplicate', 'child by native'] as const;

describe("handing over to a child by Node's handles", () => {
  it('works by public means alone where connections read by events', async () => {
    const worker = await TestWorker.start('child by native');
    const { socket, peer } = await held('TCP', { readPath: 'data-events' });
    const bytes = noise(8 * MiB);
    peer.end(bytes);
    await manyTurns();
    worker.give(socket, 'hash');
    expect(String(await readAll(peer))).toBe(sha256(bytes));
  });

  it('refuses a connection that was read from by events, and leaves it as it was', async () => {
    const worker = await TestWorker.start('child by native');
    const { socket, peer } = await held('TCP', { readPath: 'data-events' });
    peer.write('read here');
    expect(String(await socket.recv(5))).toBe('read ');
    expect(() => worker.handOff.give(socket)).toThrow(errorLike({ code: 'EBUSY' }));
    expect(String(await socket.recv(5))).toBe('here');
  });

  it('is the way as long as the child has not said that it takes descriptors', async () => {
    const child = spawn(process.execPath, ['-e', "process.once('disconnect', () => {})"], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const handOff = new ChildHandOff(child, { way: 'duplicate' });
    await manyTurns();
    expect(handOff.way).toBe('native');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    handOff.workerEnded();
  });
});

for (const way of ways) {
  const why = obstacle(way, 'TCP');
  const suite = why === null ? describe : describe.skip;
  suite(`handing over to a ${way}${why === null ? '' : ` (${why})`}`, () => tests(way));
}

function tests(way: (typeof ways)[number]): void {
  it('ends the connections that were queued for a child which was killed', async () => {
    const before = socketDescriptors();
    const worker = await TestWorker.start(way, 20);
    worker.tell({ task: 'hang' });
    const connections = await Promise.all(Array.from({ length: 20 }, () => held()));
    for (const { socket } of connections) worker.give(socket, 'echo');
    const ends = connections.map(({ peer }) => closed(peer.on('end', () => peer.end())));
    await Promise.all([worker.close(), ...ends]);
    await until(() => socketDescriptors() <= before);
  });

  it('takes what is given to a child that has gone, and closes it', async () => {
    const worker = await TestWorker.start(way);
    const child = worker.it as ChildProcess;
    child.disconnect();
    const { socket, peer } = await held();
    worker.handOff.give(socket);
    const end = closed(peer.on('end', () => peer.end()));
    await Promise.all([worker.close(), end]);
  });

  it('says what to look for when no handle has come for a parcel', async () => {
    const worker = await TestWorker.start(way);
    const parcel = { way: 'child', id: 1000, peer: ['127.0.0.1', 1], family: 2, early: null };
    worker.tell({ task: 'echo', parcel });
    expect(await worker.next()).toEqual({ refused: expect.stringContaining('too many open files') as string });
  });

  it('leaves the parcels of threads to threads', async () => {
    const adopter = new ChildAdopter();
    const handOff = await ThreadHandOff.open({ way: 'relay' });
    const { parcel } = handOff.give((await held()).socket);
    expect(() => adopter.adopt(parcel)).toThrow(errorLike({ code: 'EINVAL' }));
    handOff.workerEnded();
    process.removeAllListeners('message');
    const thread = await TestWorker.start('relay');
    thread.tell({ task: 'echo', parcel: { way: 'child' } as Parcel });
    expect(await thread.next()).toEqual({ refused: expect.stringContaining('child process') as string });
  });
}
