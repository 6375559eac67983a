/** Workers that end in every way in which they can, and the ones in their places. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Peer, Program, endPrograms, expectNoLeaks, until } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  ForkingTCPServer,
  ManualClock,
  ThreadingTCPServer,
  WorkerDiedError,
  type WorkerFailure,
  channels,
} from '../src';
import { ask, line } from './asking';
import { Serving, settle } from './serving';
import { temporaryFolder } from './temporary-folder';

const file = join(__dirname, 'fixtures/workers-failures.js');
// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Failing } = require('./fixtures/workers-failures.js') as { Failing: never };

expectNoLeaks();
afterEach(endPrograms);

const anywhere: Address = ['127.0.0.1', 0];

/** What is told of the workers of this process. */
class Workers {
  readonly failures: WorkerFailure[] = [];
  /** How many have become ready meanwhile. */
  started = 0;
  readonly #failed = (event: unknown): void => void this.failures.push(event as WorkerFailure);
  readonly #start = (): void => void (this.started += 1);

  constructor() {
    subscribe(channels.workerError, this.#failed);
    subscribe(channels.workerStart, this.#start);
  }

  [Symbol.dispose](): void {
    unsubscribe(channels.workerError, this.#failed);
    unsubscribe(channels.workerStart, this.#start);
  }
}

describe.each([
  ['threading', ThreadingTCPServer],
  ['forking', ForkingTCPServer as unknown as typeof ThreadingTCPServer],
] as const)('a worker, %s', (strategy, TCPServer) => {
  const isForking = strategy === 'forking';
  const serve = async (options = {}, handler = Failing): Promise<Serving<ThreadingTCPServer>> =>
    new Serving(await TCPServer.listen(anywhere, handler, { workers: 2, ...options }));

  it.each([
    ['an exit', 'exit', /exit code 3$/],
    ['an error that nobody catches', 'uncaught', isForking ? /exit code 1$/ : /RangeError: nobody catches this$/],
    ['a promise that nobody awaits', 'reject', isForking ? /exit code 1$/ : /RangeError: nobody awaits this$/],
    ...(isForking ? [['an abort', 'abort', /ended by SIGABRT$/] as const] : []),
  ] as const)('that ends by %s takes all of its requests along, and no other', async (_what, order, reason) => {
    await using test = await serve();
    using workers = new Workers();
    const peers: Peer[] = [];
    const places: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const peer = await test.connect();
      peers.push(peer);
      places.push(await ask(peer, 'where'));
    }
    const [place] = places;
    await peers[0]!.send(`${order}\n`);
    await test.events.stopped(3);
    expect(test.events.reasons).toEqual(Array(3).fill('worker-died'));
    expect(test.errors).toHaveLength(3);
    for (const error of test.errors) {
      expect(error).toBeInstanceOf(WorkerDiedError);
      expect((error as Error).message).toMatch(reason);
    }
    for (const [index, peer] of peers.entries()) {
      if (places[index] === place) await peer.ending();
      else expect(await ask(peer, 'where')).toBe(places[index]);
    }
    await until(() => workers.started === 1);
    using next = await test.connect();
    expect(places).not.toContain(await ask(next, 'where'));
    for (const peer of peers) peer.end();
    next.end();
    await test.events.stopped(7);
    expect(test.server.activeConnections).toBe(0);
  });

  it('whose memory is full takes its own requests along, and no other', async () => {
    const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=50' };
    const server = new Program(process.execPath, [file, strategy, '2'], { env });
    const port = Number((await server.prints(/"port":(\d+)/))[1]);
    using greedy = await Peer.connect(['127.0.0.1', port]);
    const place = await ask(greedy, 'where');
    using other = await Peer.connect(['127.0.0.1', port]);
    const elsewhere = await ask(other, 'where');
    expect(elsewhere).not.toBe(place);
    await greedy.send('fill\n');
    await greedy.ending();
    await server.prints(isForking ? /it was ended by SIGABRT/ : /reaching memory limit: JS heap out of memory/);
    await server.prints(/"stop":"worker-died"/);
    expect(await ask(other, 'where')).toBe(elsewhere);
    using next = await Peer.connect(['127.0.0.1', port]);
    expect(await ask(next, 'where')).not.toBe('');
    for (const peer of [other, next]) peer.end();
    server.process.stdin.write('close\n');
    expect(await server.ended).toBe(0);
  });

  it('that dies again and again is replaced later and later, and its server says so', async () => {
    const clock = new ManualClock();
    await using test = await serve({ workers: 1, clock });
    using workers = new Workers();
    for (const [index, delay] of [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000].entries()) {
      expect(workers.started).toBe(index);
      using peer = await test.connect();
      await peer.send('exit\n');
      await peer.ending();
      await until(() => workers.failures.length === index + 1);
      expect(workers.failures[index]).toMatchObject({ server: test.server, retryMs: delay });
      expect(workers.failures[index]!.error).toBeInstanceOf(WorkerDiedError);
      clock.advance(delay - 1);
      await settle();
      expect(workers.started).toBe(index);
      clock.advance(1);
      await until(() => workers.started === index + 1);
    }
    // One that has lived for a while is replaced at once, and the next one soon.
    for (const [lived, delay] of [
      [5000, 0],
      [0, 100],
    ] as const) {
      clock.advance(lived);
      const { started } = workers;
      using peer = await test.connect();
      await peer.send('exit\n');
      await peer.ending();
      await until(() => workers.failures.at(-1)?.retryMs === delay);
      clock.advance(delay);
      await until(() => workers.started === started + 1);
    }
  });

  it('that cannot load its handler any more is tried again, and who has come meanwhile is served', async () => {
    using folder = temporaryFolder();
    const changing = folder.file('changing.js');
    const good = `
      const { MessageHandler } = require(${JSON.stringify(join(__dirname, '..'))});
      const { lines } = require(${JSON.stringify(join(__dirname, '../../framing'))});
      exports.Changing = class Changing extends MessageHandler {
        codec = lines();
        onMessage(line) { return line === 'exit' ? process.exit(3) : this.send(line); }
      };`;
    writeFileSync(changing, good);
    class Changing extends BaseRequestHandler {
      static override module = changing;
    }
    const clock = new ManualClock();
    await using test = await serve({ workers: 1, clock }, Changing as never);
    using workers = new Workers();
    writeFileSync(changing, "throw Object.assign(new RangeError('half written'), { code: 'ERR_HALF' });");
    using first = await test.connect();
    await first.send('exit\n');
    await first.ending();
    await until(() => workers.failures.length === 1);
    using waiting = await test.connect();
    const answered = ask(waiting, 'hello');
    clock.advance(100);
    await until(() => workers.failures.length === 2);
    expect(workers.failures[1]).toMatchObject({ error: { message: 'half written', code: 'ERR_HALF' }, retryMs: 200 });
    expect(workers.failures[1]!.error).toBeInstanceOf(RangeError);
    writeFileSync(changing, good);
    clock.advance(200);
    expect(await answered).toBe('hello');
    expect(workers.started).toBe(1);
    expect(test.errors).toHaveLength(1);
  });

  it('that cannot be started is tried again, and who has come meanwhile is served', async () => {
    const server = new Program(process.execPath, [file, strategy, '1']);
    const port = Number((await server.prints(/"port":(\d+)/))[1]);
    server.process.stdin.write('break\n');
    await server.prints(/"broken"/);
    using first = await Peer.connect(['127.0.0.1', port]);
    await first.send('exit\n');
    await first.ending();
    await server.prints(isForking ? /ENOENT[^\n]*"retryMs":200/ : /no thread can be had[^\n]*"retryMs":200/);
    using waiting = await Peer.connect(['127.0.0.1', port]);
    await waiting.send('where\n');
    server.process.stdin.write('mend\n');
    expect(await line(waiting)).toMatch(/^\d+\/\d+$/);
    waiting.end();
    server.process.stdin.write('close\n');
    expect(await server.ended).toBe(0);
  });

  it('is not waited for any more by who has gone meanwhile', async () => {
    const clock = new ManualClock();
    await using test = await serve({ workers: 1, clock });
    using workers = new Workers();
    using first = await test.connect();
    await first.send('exit\n');
    await first.ending();
    await until(() => workers.failures.length === 1);
    const gone = await test.connect();
    await test.events.started(2);
    gone.reset();
    clock.advance(100);
    await test.events.stopped(2);
    using next = await test.connect();
    expect(await ask(next, 'where')).not.toBe('');
    next.end();
    await test.events.stopped(3);
    expect(test.server.activeConnections).toBe(0);
  });

  it('is not replaced when the server is closed meanwhile, and who waits for one is told', async () => {
    const clock = new ManualClock();
    const test = await serve({ workers: 1, clock });
    using workers = new Workers();
    using first = await test.connect();
    await first.send('exit\n');
    await first.ending();
    await until(() => workers.failures.length === 1);
    using waiting = await test.connect();
    await test.events.started(2);
    await test[Symbol.asyncDispose]();
    await waiting.ending();
    expect(test.events.reasons).toEqual(['worker-died', 'shutdown']);
    expect(clock.pending).toBe(0);
    expect(workers.started).toBe(0);
  });
});

it('is killed from outside, and the server goes on', async () => {
  await using test = new Serving(await ForkingTCPServer.listen(anywhere, Failing, { workers: 2 }));
  using workers = new Workers();
  const [victim = 0, other] = test.server.activeChildren;
  using first = await test.connect();
  using second = await test.connect();
  const peers = [first, second];
  const places = [await ask(first, 'where'), await ask(second, 'where')];
  expect(places.sort()).toEqual([`${victim}/0`, `${other}/0`].sort());
  process.kill(victim, 'SIGKILL');
  await test.events.stopped(1);
  expect(test.errors).toMatchObject([{ worker: `child ${victim}`, reason: 'it was ended by SIGKILL' }]);
  await until(() => workers.started === 1);
  expect(test.server.activeChildren.has(victim)).toBe(false);
  expect(test.server.activeChildren.size).toBe(2);
  for (const peer of peers) peer.end();
});
