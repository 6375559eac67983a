import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { Peer, expectNoLeaks, until } from '@socketserver/testing';

import {
  type Address,
  DeadlineError,
  ForkingTCPServer,
  OptionError,
  ThreadingTCPServer,
  WorkerDiedError,
  type WorkerFailure,
  type WorkerStart,
  type WorkerStop,
  channels,
} from '../src';
import { Serving } from './serving';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Obeying } = require('./fixtures/workers.js') as { Obeying: never };

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** What the only server with workers in this process tells of them, from before it listens. */
class WorkerEvents {
  readonly starts: WorkerStart[] = [];
  readonly stops: WorkerStop[] = [];
  readonly failures: WorkerFailure[] = [];
  readonly #listeners = [
    listen(channels.workerStart, this.starts),
    listen(channels.workerStop, this.stops),
    listen(channels.workerError, this.failures),
  ];

  get names(): string[] {
    return this.starts.map(({ worker }) => worker);
  }

  [Symbol.dispose](): void {
    for (const end of this.#listeners) end();
  }
}

function listen<E>(channel: string, events: E[]): () => void {
  const listener = (event: unknown): void => void events.push(event as E);
  subscribe(channel, listener);
  return () => unsubscribe(channel, listener);
}

async function line(peer: Peer): Promise<string> {
  for (let text = ''; ;) {
    const byte = String(await peer.read(1));
    if (byte === '\n' || byte === '') return text;
    text += byte;
  }
}

async function ask(peer: Peer, order: string): Promise<string> {
  await peer.send(`${order}\n`);
  return line(peer);
}

describe.each([
  ['ThreadingMixIn', ThreadingTCPServer],
  ['ForkingMixIn', ForkingTCPServer as unknown as typeof ThreadingTCPServer],
] as const)('%s', (strategy, TCPServer) => {
  it('tells of each worker that it has started and that it has ended', async () => {
    using events = new WorkerEvents();
    const server = await TCPServer.listen(anywhere, Obeying, { workers: 2 });
    expect(events.starts).toEqual(events.names.map((worker) => ({ server, worker })));
    expect(new Set(events.names).size).toBe(2);
    expect(events.names[0]).toMatch(strategy === 'ThreadingMixIn' ? /^thread \d+$/ : /^child \d+$/);
    await using test = new Serving(server);
    using peer = await test.connect();
    await ask(peer, 'where');
    peer.end();
    await test.events.stopped(1);
    await server.serverClose();
    expect(events.stops.map(({ worker }) => worker).sort()).toEqual([...events.names].sort());
    expect(events.stops.map(({ served }) => served).sort()).toEqual([0, 1]);
    expect(events.stops[0]).toMatchObject({ server, reason: 'it has ended with exit code 0' });
    expect(events.failures).toEqual([]);
  });

  it('tells of a worker that has died, and when another one is started', async () => {
    using events = new WorkerEvents();
    await using test = new Serving(await TCPServer.listen(anywhere, Obeying, { workers: 1 }));
    using peer = await test.connect();
    await peer.send('exit 3\n');
    await peer.ending();
    await until(() => events.starts.length === 2);
    const [first] = events.names;
    expect(events.failures).toMatchObject([{ worker: first, retryMs: 100 }]);
    expect(events.failures[0]!.error).toBeInstanceOf(WorkerDiedError);
    expect(events.failures[0]!.error).toMatchObject({ worker: first, reason: 'it has ended with exit code 3' });
    expect(events.stops).toMatchObject([{ worker: first, served: 1 }]);
    using next = await test.connect();
    expect(await ask(next, 'where')).not.toBe('');
  });

  describe('recycleAfter', () => {
    class Recycling extends TCPServer {
      override recycleAfter = 2;
    }

    it('puts a fresh worker in the place of one that has served so many requests', async () => {
      using events = new WorkerEvents();
      await using test = new Serving(await Recycling.listen(anywhere, Obeying, { workers: 1 }));
      const places: string[] = [];
      for (let count = 0; count < 6; count += 1) {
        using peer = await test.connect();
        places.push(await ask(peer, 'where'));
      }
      expect(places[1]).toBe(places[0]);
      expect(places[3]).toBe(places[2]);
      expect(new Set(places).size).toBe(3);
      await until(() => events.stops.length === 3);
      expect(events.stops.map(({ served }) => served)).toEqual([2, 2, 2]);
      expect(events.failures).toEqual([]);
      expect(test.errors).toEqual([]);
    });

    it('lets the old one finish what it has, also when the server drains', async () => {
      using events = new WorkerEvents();
      await using test = new Serving(await Recycling.listen(anywhere, Obeying, { workers: 1 }));
      using first = await test.connect();
      const place = await ask(first, 'where');
      using second = await test.connect();
      expect(await ask(second, 'where')).toBe(place);
      using third = await test.connect();
      expect(await ask(third, 'where')).not.toBe(place);
      second.end();
      await test.events.stopped(1);
      expect(await ask(first, 'where')).toBe(place);
      expect(events.stops).toEqual([]);
      const closed = test.server.shutdown();
      expect(await first.readAll()).toBe('goodbye\n');
      expect(await third.readAll()).toBe('goodbye\n');
      expect(await closed).toMatchObject({ finished: 2, cut: [] });
      await until(() => events.stops.length === 1);
      expect(events.failures).toEqual([]);
    });

    it('is checked when the server is activated', async () => {
      class Never extends TCPServer {
        override recycleAfter = 0;
      }
      await expect(Never.listen(anywhere, Obeying, { workers: 1 })).rejects.toThrow(OptionError);
    });
  });

  describe('the handler deadline', () => {
    const options = { workers: 2, deadlines: { handler: 150 } };

    it('ends a handler that never stops computing, with its worker, and blames nobody else', async () => {
      using events = new WorkerEvents();
      await using test = new Serving(await TCPServer.listen(anywhere, Obeying, options));
      using looping = await test.connect();
      const place = await ask(looping, 'where');
      using elsewhere = await test.connect();
      expect(await ask(elsewhere, 'where')).not.toBe(place);
      using beside = await test.connect();
      expect(await ask(beside, 'where')).toBe(place);
      await looping.send('loop\n');
      await looping.ending();
      await beside.ending();
      await test.events.stopped(2);
      const [first, , third] = test.events.starts.map(({ id }) => id);
      expect(test.events.stops).toHaveLength(2);
      expect(test.events.stops.find(({ id }) => id === first)).toMatchObject({ reason: 'deadline:handler' });
      expect(test.events.stops.find(({ id }) => id === first)!.error).toBeInstanceOf(DeadlineError);
      expect(test.events.stops.find(({ id }) => id === third)).toMatchObject({ reason: 'worker-died' });
      expect(test.errors).toMatchObject([
        { code: 'ERR_WORKER_DIED', reason: expect.stringContaining('150 ms') as string },
      ]);
      expect(await ask(elsewhere, 'where')).not.toBe('');
      await until(() => events.starts.length === 3);
      expect(events.failures).toHaveLength(1);
    });

    it('leaves a worker alone whose handlers compute often, but never for so long', async () => {
      using events = new WorkerEvents();
      const patient = { workers: 1, deadlines: { handler: 500 } };
      await using test = new Serving(await TCPServer.listen(anywhere, Obeying, patient));
      using resting = await test.connect();
      await ask(resting, 'where');
      using busy = await test.connect();
      // Longer in all than a worker may be deaf.
      for (let round = 0; round < 18; round += 1) {
        expect(await ask(busy, 'compute 100')).toBe('working');
        expect(await line(busy)).toBe('done');
      }
      expect(await ask(resting, 'where')).not.toBe('');
      expect(events.failures).toEqual([]);
      expect(test.events.stops).toEqual([]);
    });
  });

  it('ends whatever lasts longer than its lifetime, also a handler that never stops computing', async () => {
    await using test = new Serving(
      await TCPServer.listen(anywhere, Obeying, { deadlines: { lifetime: 300 }, workers: 2 }),
    );
    using resting = await test.connect();
    await ask(resting, 'where');
    using looping = await test.connect();
    await looping.send('loop\n');
    using hanging = await test.connect();
    expect(await ask(hanging, 'hang')).toBe('hanging');
    for (const peer of [resting, hanging, looping]) await peer.ending();
    await test.events.stopped(3);
    expect(test.events.reasons).toEqual(Array(3).fill('deadline:lifetime'));
    expect(test.events.stops.find(({ id }) => id === 1)).toMatchObject({ bytesRead: 6 });
    expect(test.errors).toEqual([]);
  });
});
