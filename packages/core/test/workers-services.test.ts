/** Services of every scope where handlers run in workers, and the calls of the one that all of them share. */
import { existsSync, readFileSync } from 'node:fs';

import { Peer, expectNoLeaks, until } from '@socketserver/testing';

import {
  type Address,
  type DependencyContainer,
  ForkingTCPServer,
  ThreadingTCPServer,
  container,
  shared,
} from '../src';
import { SharedAnswers } from '../src/remote/shared-answers';
import type { CallsMessage } from '../src/remote/shared-messages';
import { ask, line } from './asking';
import { Serving } from './serving';
import { temporaryFolder } from './temporary-folder';

interface Board {
  readonly notes: unknown[];
  readonly bytes: Buffer[];
  release(): Promise<void>;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Board, MemoryBoard, Using, services } = require('./fixtures/workers-services.js') as Record<
  'Board' | 'MemoryBoard' | 'Using' | 'services',
  never
>;

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

type End = (peer: Peer, test: Serving<ThreadingTCPServer>) => Promise<void>;

/** Not before the handler is there. */
function asked(end: End): End {
  return async (peer, test) => {
    await ask(peer, 'where');
    await end(peer, test);
  };
}

describe.each([
  ['threading', ThreadingTCPServer],
  ['forking', ForkingTCPServer as unknown as typeof ThreadingTCPServer],
])('handlers, %s', (_strategy, TCPServer) => {
  let board: Board;
  const opened: Peer[] = [];

  async function serve(options = {}): Promise<Serving<ThreadingTCPServer>> {
    const own = container.createChildContainer();
    const server = await TCPServer.listen(anywhere, Using, {
      container: own,
      shared: services,
      workers: 2,
      ...options,
    });
    board = (server as unknown as { container: DependencyContainer }).container.resolve<Board>(Board);
    expect(board).toBeInstanceOf(MemoryBoard);
    return new Serving(server);
  }

  /** Two clients whose handlers are in two workers. */
  async function two(test: Serving<ThreadingTCPServer>): Promise<[Peer, Peer]> {
    const first = await test.connect();
    opened.push(first);
    await ask(first, 'where');
    const second = await test.connect();
    opened.push(second);
    await ask(second, 'where');
    return [first, second];
  }

  afterEach(() => {
    for (const peer of opened.splice(0)) peer[Symbol.dispose]();
  });

  it('refuses two shared services of one name, by which workers know them', async () => {
    const Other = { Board: class Board {} }.Board;
    const twice = [...(services as unknown as object[]), shared(Other, Other)];
    await expect(TCPServer.listen(anywhere, Using, { shared: twice as never, workers: 1 })).rejects.toThrow(
      'two shared services have the name Board',
    );
  });

  it('disposes the singletons of a worker when that ends', async () => {
    using folder = temporaryFolder();
    const file = folder.file('places');
    const test = await serve();
    const peers = await two(test);
    const places: string[] = [];
    for (const peer of peers) {
      places.push(await ask(peer, `leave ${file}`));
      peer.end();
    }
    await test.events.stopped(2);
    expect(existsSync(file)).toBe(false);
    await test[Symbol.asyncDispose]();
    expect(readFileSync(file, 'utf8').split('\n').filter(Boolean).sort()).toEqual(places.sort());
  });

  it('makes a singleton once for each worker, and what is scoped once for each connection', async () => {
    await using test = await serve();
    const visits = new Map<string, string[]>();
    const peers: Peer[] = [];
    for (let count = 0; count < 6; count += 1) {
      const peer = await test.connect();
      peers.push(peer);
      const [place = '', visit = '', isSame] = (await ask(peer, 'where')).split(' ');
      expect(isSame).toBe('true');
      visits.set(place, [...(visits.get(place) ?? []), visit]);
    }
    expect([...visits.values()]).toEqual([
      ['1', '2', '3'],
      ['1', '2', '3'],
    ]);
    for (const peer of peers) peer.end();
    await test.events.stopped(6);
  });

  it.each<[string, object, End]>([
    ['peer-closed', {}, asked(async (peer) => void peer.end())],
    ['error', {}, asked((peer) => peer.send('throw\n'))],
    ['reset', {}, asked(async (peer) => peer.reset())],
    ['deadline:firstByte', { deadlines: { firstByte: 50 } }, async () => undefined],
    ['shutdown', {}, asked(async (_peer, { server }) => server.abort())],
  ])('disposes the services of a connection that ends by %s, the last made first', async (reason, options, end) => {
    await using test = await serve({ workers: 1, ...options });
    using peer = await test.connect();
    await end(peer, test);
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual([reason]);
    await until(() => board.notes.length === 2);
    expect(board.notes).toEqual(['guide 1 goes', 'visit 1 is over']);
  });

  it('lets a slow call hold up no other, neither in its worker nor elsewhere', async () => {
    await using test = await serve();
    const [first, second] = await two(test);
    using beside = await test.connect();
    expect(await ask(first, 'hold Ana')).toBe('asking');
    await until(() => board.notes.length === 1);
    expect(await ask(second, 'note Rui')).toBe('2');
    expect(await ask(beside, 'note Eva')).toBe('3');
    await board.release();
    expect(await line(first)).toBe('Ana, at last');
    for (const peer of [first, second]) peer.end();
  });

  it('carries out the calls of a handler in their order, whatever they bring along', async () => {
    await using test = await serve();
    const [first, second] = await two(test);
    await Promise.all([ask(first, 'series 500'), ask(second, 'series 500')]);
    const seen = [0, 0];
    // What is not the next of the one is the next of the other.
    for (const note of board.notes) seen[seen[0] === note ? 0 : 1]! += 1;
    expect(seen).toEqual([500, 500]);
    for (const peer of [first, second]) peer.end();
  });

  it('refuses a worker more than 10,000 calls that wait, and no other worker', async () => {
    await using test = await serve();
    const [first, second] = await two(test);
    expect(await ask(first, 'exceed 10000')).toBe('TooManyCallsError ERR_TOO_MANY_CALLS 10000');
    await until(() => board.notes.length === 10_000);
    expect(await ask(second, 'note Rui')).toBe('10001');
    await board.release();
    expect(await line(first)).toBe('10002');
    for (const peer of [first, second]) peer.end();
  });

  it.each([
    [
      'of this project',
      'known',
      {
        classes: [true, false, false],
        name: 'TimeoutError',
        message: 'too late',
        code: 'ETIMEDOUT',
        operation: 'recv',
        address: ['127.0.0.1', 5000],
      },
    ],
    [
      'that an app has registered',
      'own',
      {
        classes: [false, true, false],
        name: 'StorageError',
        message: 'the disk is full',
        code: 'ERR_STORAGE',
        file: '/var/board',
      },
    ],
    [
      'that nobody knows, except its class',
      'foreign',
      { classes: [false, false, false], name: 'ForeignError', message: 'from far away', code: 'ERR_FOREIGN', shelf: 7 },
    ],
  ])('rebuilds an error %s', async (_what, kind, error) => {
    await using test = await serve({ workers: 1 });
    using peer = await test.connect();
    expect(JSON.parse(await ask(peer, `fail ${kind}`))).toEqual(error);
  });

  it('sends bytes alone, not those that lie beside them in memory', async () => {
    const arrived: Uint8Array[] = [];
    const { receive } = SharedAnswers.prototype;
    const spy = jest.spyOn(SharedAnswers.prototype, 'receive').mockImplementation(function (
      this: SharedAnswers,
      message: CallsMessage,
    ) {
      for (const [, , method, [bytes]] of message.calls) if (method === 'keep') arrived.push(bytes as Uint8Array);
      receive.call(this, message);
    });
    await using test = await serve({ workers: 1 });
    using peer = await test.connect();
    expect(await ask(peer, 'keep hello')).toBe('kept 5 true 6 1 0');
    spy.mockRestore();
    expect(board.bytes.map(String)).toEqual(['hello']);
    expect(board.bytes[0]!.buffer.byteLength).toBe(5);
    expect(arrived).toHaveLength(1);
    for (const { buffer } of arrived) expect(Buffer.from(buffer).includes('secret')).toBe(false);
  });

  it('forgets the calls of a worker that dies, and answers all others', async () => {
    await using test = await serve();
    const [first, second] = await two(test);
    using beside = await test.connect();
    expect(await ask(first, 'hold Ana')).toBe('asking');
    expect(await ask(second, 'hold Rui')).toBe('asking');
    await until(() => board.notes.length === 2);
    await beside.send('exit\n');
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['worker-died', 'worker-died']);
    await board.release();
    const answers = await Promise.all([first.readAll(), line(second)].map((answer) => answer.catch(() => '')));
    expect(answers.filter((answer) => answer !== '')).toHaveLength(1);
    for (const peer of [first, second]) peer.end();
  });

  it('ends in mid-call when the server is closed, and the call is carried out to its end', async () => {
    const test = await serve({ workers: 1, drainTimeout: 50 });
    using peer = await test.connect();
    expect(await ask(peer, 'hold Ana')).toBe('asking');
    await until(() => board.notes.length === 1);
    await test.server.serverClose();
    expect(await peer.readAll()).toBe('');
    expect(test.events.reasons).toEqual(['shutdown']);
    await board.release();
    await test[Symbol.asyncDispose]();
    expect(test.errors).toEqual([]);
  });
});
