/** One table of the order of calls for all strategies: the same handler, here and in workers, beside live CPython. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Peer, RecordedEvents, describeWithPython, expectNoLeaks } from '@socketserver/testing';

import { FatalError, type Strategy, serverClass, shared, strategies, workerStrategies } from '../src';

interface Calls {
  readonly calls: string[];
  readonly places: ReadonlySet<string>;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Noting, Journal, MemoryJournal, here } = require('./fixtures/cpython-order.js') as {
  Noting: never;
  Journal: new () => Calls;
  MemoryJournal: new () => Calls;
  here: string;
};

expectNoLeaks();

const hooks = [
  'getRequest',
  'verifyRequest',
  'processRequest',
  'processRequestTask',
  'finishRequest',
  'handleError',
  'shutdownRequest',
  'closeRequest',
] as const;

/** What a server does with a request that it has accepted. */
type Verifies = 'yes' | 'no' | 'throws';

function refusal(): never {
  throw new RangeError('verify');
}

/** Serves one client. @param wish where its handler fails */
async function callsOf(strategy: Strategy, wish: string, verifies: Verifies = 'yes') {
  const services = [shared(Journal, MemoryJournal)];
  const options = { workers: 1, shared: services };
  await using server = await serverClass(strategy).listen(['127.0.0.1', 0], Noting, options);
  const { calls, places } = server.container.resolve(Journal);
  const errors: unknown[] = [];
  server.handleError = (error) => void errors.push(error);
  if (verifies === 'no') server.verifyRequest = () => false;
  if (verifies === 'throws') server.verifyRequest = refusal;
  const methods = server as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  for (const name of hooks) {
    const hook = methods[name]?.bind(server);
    if (hook === undefined) continue;
    methods[name] = (...args) => {
      calls.push(name);
      return hook(...args);
    };
  }
  using events = new RecordedEvents(server);
  using peer = await Peer.connect(server.serverAddress);
  const handled = server.handleRequest().catch((error: unknown) => error);
  // One that is refused would be reset for what it has sent, which nobody reads.
  if (verifies === 'yes') await peer.send(wish);
  expect(await peer.ending()).toBe('end');
  await events.stopped(1);
  const [failures, reported] = [events.requestErrors, events.serverErrors].map((list) =>
    list.map(({ error }) => error),
  );
  return { calls: [...calls], places, errors, failures, reported, thrown: await handled, reasons: events.reasons };
}

const toHandler = ['getRequest', 'verifyRequest', 'processRequest', 'finishRequest'];
const end = ['shutdownRequest', 'closeRequest'];

describe.each<Strategy>([...strategies, ...workerStrategies])(
  'the order of calls, wherever handlers run: %s',
  (strategy) => {
    /** A concurrent server has one more: what Python calls `process_request_thread`. */
    const withTask = (calls: string[]): string[] =>
      strategy === 'sequential'
        ? calls
        : calls.flatMap((name) => (name === 'processRequest' ? [name, 'processRequestTask'] : [name]));

    it('serves a request', async () => {
      const { calls, errors, reasons } = await callsOf(strategy, 'nothing');
      expect(calls).toEqual(withTask([...toHandler, 'setup', 'handle', 'finish', ...end]));
      expect([errors, reasons]).toEqual([[], ['finished']]);
    });

    it.each([
      ['setup', ['setup']],
      ['handle', ['setup', 'handle', 'finish']],
      ['finish', ['setup', 'handle', 'finish']],
    ])(
      'tells handleError() after the handler and before the end of the request when %s() throws',
      async (wish, called) => {
        const { calls, errors, reasons } = await callsOf(strategy, wish);
        expect(calls).toEqual(withTask([...toHandler, ...called, 'handleError', ...end]));
        expect(errors).toEqual([expect.any(RangeError)]);
        expect(errors).toMatchObject([{ message: wish }]);
        expect(reasons).toEqual(['error']);
      },
    );

    it('passes handleError() by with a FatalError, and ends the request exactly once', async () => {
      const { calls, errors, failures, reported, thrown, reasons } = await callsOf(strategy, 'fatal');
      expect(calls).toEqual(withTask([...toHandler, 'setup', 'handle', 'finish', ...end]));
      expect([errors, reasons]).toEqual([[], ['error']]);
      expect(failures).toEqual([expect.any(FatalError)]);
      // A sequential server ends with it; another one tells of it, and goes on.
      expect(strategy === 'sequential' ? [thrown] : reported).toEqual(failures);
    });

    it('ends a request that verifyRequest() refuses, exactly once', async () => {
      const { calls, reasons } = await callsOf(strategy, 'nothing', 'no');
      expect(calls).toEqual(['getRequest', 'verifyRequest', ...end]);
      expect(reasons).toEqual(['refused']);
    });

    it('ends a request whose verifyRequest() throws, and leaks nothing', async () => {
      const { calls, errors } = await callsOf(strategy, 'nothing', 'throws');
      expect(calls).toEqual(['getRequest', 'verifyRequest', 'handleError', ...end]);
      expect(errors).toMatchObject([{ message: 'verify' }]);
    });

    it('calls setup(), handle() and finish() in one place: the server’s own, or a worker', async () => {
      const { places } = await callsOf(strategy, 'nothing');
      expect(places.size).toBe(1);
      expect(places.has(here)).toBe((strategies as readonly string[]).includes(strategy));
    });
  },
);

describeWithPython('the order of calls of live CPython', () => {
  interface Places {
    readonly server: readonly string[];
    readonly worker: readonly string[];
  }
  type Ways = 'serves' | 'fails' | 'refuses';

  const ours: Record<string, string> = { process_request_thread: 'processRequestTask' };
  const name = (python: string): string =>
    ours[python] ?? python.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());

  async function live(server: string): Promise<Record<Ways, Places>> {
    const { stdout } = await promisify(execFile)('python3', [join(__dirname, 'fixtures/cpython_order.py'), server]);
    return JSON.parse(stdout) as Record<Ways, Places>;
  }

  /** Of the strategy, for the three ways in which Python serves its client. */
  async function calls(strategy: Strategy): Promise<Record<Ways, string[]>> {
    const all = await Promise.all([
      callsOf(strategy, 'nothing'),
      callsOf(strategy, 'handle'),
      callsOf(strategy, 'nothing', 'no'),
    ]);
    const [serves, fails, refuses] = all.map((each) => each.calls) as [string[], string[], string[]];
    return { serves, fails, refuses };
  }

  it.each([
    ['sequential', 'TCPServer'],
    ['threading', 'ThreadingTCPServer'],
  ] as const)('is ours: %s', async (strategy, server) => {
    const python = await live(server);
    const mine = await calls(strategy);
    for (const way of Object.keys(mine) as Ways[]) {
      expect(mine[way]).toEqual([...python[way].server, ...python[way].worker].map(name));
    }
  });

  it('is ours: forking, but that the parent closes its connection when the child has ended it, and not before', async () => {
    const python = await live('ForkingTCPServer');
    const mine = await calls('forking');
    for (const way of Object.keys(mine) as Ways[]) {
      const { server, worker } = python[way];
      // Over there both close the connection, here the parent tells of it in the child's place.
      const parent = worker.length === 0 ? server : server.filter((call) => call !== 'close_request');
      expect(mine[way].filter((call) => call !== 'processRequestTask')).toEqual([...parent, ...worker].map(name));
    }
    expect(python.serves.server.at(-1)).toBe('close_request');
    expect(python.serves.worker.slice(-2)).toEqual(['shutdown_request', 'close_request']);
  });
});
