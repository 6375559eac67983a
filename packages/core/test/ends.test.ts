/** Every way in which a connection can end: one start event, one stop event, one reason, and nothing is left of it. */
import { BlockList } from 'node:net';

import { type Peer, expectNoLeaks, until } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  type DeadlineName,
  ManualClock,
  type ServerOptions,
  type TCPServer,
  serverClass,
  strategies,
} from '../src';
import { Echo } from './handlers';
import { Serving, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
const much = Buffer.alloc(20_000_000);
const forEver = () => new Promise<never>(() => undefined);

/** One way to end. */
interface Fault {
  readonly name: string;
  readonly reason: string;
  readonly options?: ServerOptions;
  /** What the handler of the first connection does. @default an echo */
  readonly handle?: (handler: BaseRequestHandler) => Promise<unknown>;
  readonly setup?: () => void;
  readonly finish?: () => void;
  /** Changes the hooks of the server. */
  readonly hook?: (server: TCPServer) => void;
  /** What happens once the handler runs, or hangs. @default the peer reads to the end */
  readonly play?: (peer: Peer, clock: ManualClock, server: TCPServer) => unknown;
  /** How many errors `handleError()` is told of. @default 0 */
  readonly errors?: number;
  /** How many failures the server tells of. @default 0 */
  readonly failures?: number;
}

const failure = new RangeError('the fault');
const fail = (): never => {
  throw failure;
};

/** Makes a hook of the server fail the first time that it is called. */
function failing(hook: 'verifyRequest' | 'processRequest' | 'finishRequest' | 'shutdownRequest' | 'closeRequest') {
  return (how: () => unknown) => (server: TCPServer) => {
    const original = server[hook].bind(server) as (...args: unknown[]) => unknown;
    let isFirst = true;
    (server as unknown as Record<string, unknown>)[hook] = (...args: unknown[]): unknown => {
      if (!isFirst) return original(...args);
      isFirst = false;
      return how();
    };
  };
}

const thrown = (['verifyRequest', 'processRequest', 'finishRequest'] as const).flatMap((hook): Fault[] => [
  { name: `${hook}() throws`, reason: 'error', hook: failing(hook)(fail), errors: 1 },
  { name: `${hook}() rejects`, reason: 'error', hook: failing(hook)(async () => fail()), errors: 1 },
]);

const unclosed = (['shutdownRequest', 'closeRequest'] as const).flatMap((hook): Fault[] => [
  { name: `${hook}() throws`, reason: 'finished', handle: async () => 0, hook: failing(hook)(fail), failures: 1 },
  {
    name: `${hook}() rejects`,
    reason: 'finished',
    handle: async () => 0,
    hook: failing(hook)(async () => fail()),
    failures: 1,
  },
]);

/** Waits until that deadline of 1000 ms is over. */
function deadline(name: DeadlineName, fault: Partial<Fault> = {}): Fault {
  const play = async (peer: Peer, clock: ManualClock) => {
    clock.advance(1000);
    await peer.ending();
  };
  return {
    name: `its ${name} deadline is over`,
    reason: `deadline:${name}`,
    options: { deadlines: { [name]: 1000 } },
    play,
    ...fault,
  };
}

const faults: Fault[] = [
  { name: 'its peer ends its direction', reason: 'peer-closed', play: (peer) => peer.end() },
  { name: 'its peer resets it', reason: 'reset', play: (peer) => peer.reset(), errors: 1 },
  {
    name: 'its peer resets it while it sends',
    reason: 'reset',
    handle: ({ request }) => request.sendall(much),
    play: (peer) => peer.reset(),
    errors: 1,
  },
  {
    name: 'its peer vanishes before it has taken all that was sent',
    reason: 'reset',
    handle: async ({ request }) => void request.sendall(much),
    play: (peer) => peer.reset(),
  },
  { name: 'its handler ends', reason: 'finished', handle: async () => 0 },
  { name: 'its handler closes it', reason: 'finished', handle: async ({ request }) => request.close() },
  { name: 'setup() throws', reason: 'error', setup: fail, errors: 1 },
  { name: 'handle() throws', reason: 'error', handle: async () => fail(), errors: 1 },
  { name: 'finish() throws', reason: 'error', handle: async () => 0, finish: fail, errors: 1 },
  ...thrown,
  ...unclosed,
  {
    name: 'handleError() throws',
    reason: 'error',
    handle: async () => fail(),
    hook: (server) => (server.handleError = fail),
    failures: 1,
  },
  {
    name: 'handleError() rejects',
    reason: 'error',
    handle: async () => fail(),
    hook: (server) => (server.handleError = async () => fail()),
    failures: 1,
  },
  { name: 'verifyRequest() says no', reason: 'refused', hook: failing('verifyRequest')(() => false) },
  { name: 'verifyRequest() says no later', reason: 'refused', hook: failing('verifyRequest')(async () => false) },
  deadline('handshake', { hook: failing('verifyRequest')(forEver) }),
  deadline('firstByte'),
  deadline('message', {
    play: async (peer, clock, server) => {
      await peer.send('half a li');
      await settle();
      return deadline('message').play?.(peer, clock, server);
    },
  }),
  deadline('idle'),
  deadline('handler', { handle: forEver }),
  deadline('drain', { handle: ({ request }) => request.sendall(much) }),
  deadline('drain', {
    name: 'what it has sent is not taken',
    handle: async ({ request }) => void request.sendall(much),
  }),
  deadline('lifetime'),
];

describe.each(strategies)('a connection has one start, one stop and one reason when: %s:', (strategy) => {
  const Server = serverClass(strategy);

  /** A handler whose first instance does what the fault says; the others echo. */
  function faulty({ handle, setup, finish }: Fault) {
    let count = 0;
    return class Faulty extends Echo {
      readonly isFirst = (count += 1) === 1;
      override setup() {
        if (this.isFirst) setup?.();
        return super.setup();
      }
      override async handle() {
        if (this.isFirst && handle !== undefined) await handle(this);
        else await super.handle();
      }
      override finish() {
        if (this.isFirst) finish?.();
        return super.finish();
      }
    };
  }

  it.each(faults)('$name: $reason', async (fault) => {
    const clock = new ManualClock();
    const server = await Server.listen(anywhere, faulty(fault), { clock, ...fault.options });
    await using test = new Serving(server);
    fault.hook?.(server);
    using peer = await test.connect();
    await test.events.started(1);
    await settle();
    await fault.play?.(peer, clock, server);
    await test.events.stopped(1);
    await peer.ending();
    await settle();
    expect(test.events.stops).toMatchObject([
      { id: 1, reason: fault.reason, clientAddress: test.events.starts[0]?.clientAddress },
    ]);
    expect(server.activeConnections).toBe(0);
    expect(test.errors).toHaveLength(fault.errors ?? 0);
    expect(test.events.serverErrors).toHaveLength(fault.failures ?? 0);

    using next = await test.connect();
    await next.send('hello\n');
    expect(String(await next.read(6))).toBe('hello\n');
    await next.end().ending();
    await test.events.stopped(2);
    expect(test.events.starts).toHaveLength(2);
  });

  it.each([
    ['waits for its peer', Echo],
    [
      'waits for something else',
      class extends BaseRequestHandler {
        override handle() {
          return forEver();
        }
      },
    ],
  ])('it is cut by abort() while its handler %s: shutdown', async (_what, Handler) => {
    const server = await Server.listen(anywhere, Handler);
    await using test = new Serving(server);
    using peer = await test.connect();
    await test.events.started(1);
    await settle();
    server.abort();
    await test.running.done;
    await peer.ending();
    expect(test.events.reasons).toEqual(['shutdown']);
    expect(server.activeConnections).toBe(0);
  });

  it('its peer resets it before it is taken: there may be none', async () => {
    await using test = new Serving(await Server.listen(anywhere, Echo));
    test.server.suspend();
    for (let count = 0; count < 5; count += 1) (await test.connect()).reset();
    test.server.resume();
    using next = await test.connect();
    await next.send('hello\n');
    expect(await next.end().readAll()).toBe('hello\n');
    await until(() => test.server.activeConnections === 0);
    expect(test.events.stops).toHaveLength(test.events.starts.length);
    const others = test.events.stops.slice(0, -1).map(({ reason }) => reason);
    expect(others.every((reason) => reason === 'reset')).toBe(true);
    expect(test.events.serverErrors).toEqual([]);
  });

  it('it is on the list of those that are refused: refused', async () => {
    const deny = new BlockList();
    deny.addAddress('127.0.0.1');
    await using test = new Serving(await Server.listen(anywhere, Echo, { deny }));
    using peer = await test.connect();
    await peer.ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['refused']);
    expect(test.server.activeConnections).toBe(0);
  });
});
