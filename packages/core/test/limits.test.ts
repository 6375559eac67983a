import { Peer, RecordedEvents, expectNoLeaks, until } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  ManualClock,
  type OverflowHandlerClass,
  type ServerOptions,
  injectable,
  serverClass,
  strategies,
} from '../src';
import { Serving, Staying, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
const concurrent = ['async', 'selecting'] as const;

class Busy extends BaseRequestHandler {
  override handle() {
    return this.request.sendall('busy');
  }
}

describe.each(['on', 'off'])('with the accept gate %s', (gate) => {
  const before = process.env.SOCKETSERVER_ACCEPT_GATE;
  beforeAll(() => {
    process.env.SOCKETSERVER_ACCEPT_GATE = gate;
  });
  afterAll(() => {
    if (before === undefined) delete process.env.SOCKETSERVER_ACCEPT_GATE;
    else process.env.SOCKETSERVER_ACCEPT_GATE = before;
  });

  describe.each(strategies)('maxConnections, with a queue: %s', (strategy) => {
    const Server = serverClass(strategy);

    it('lets the next client wait, with all that it has sent, and serves it when one has ended', async () => {
      await using test = new Serving(await Server.listen(anywhere, Staying, { maxConnections: 1 }));
      using first = await test.connect();
      await first.read(2);
      using second = await test.connect();
      await second.send('early');
      await settle();
      expect(test.events.starts).toHaveLength(1);
      first.end();
      expect(await second.readAll()).toBe('in');
      await test.events.stopped(2);
      expect(test.events.reasons).toEqual(['peer-closed', 'finished']);
    });

    it('is never exceeded by clients that come in one burst, and each of them is served', async () => {
      let most = 0;
      class Counting extends Staying {
        override setup() {
          most = Math.max(most, test.server.activeConnections);
        }
      }
      await using test = new Serving(await Server.listen(anywhere, Counting, { maxConnections: 3 }));
      const texts = await Promise.all(
        Array.from({ length: 20 }, async () => {
          using peer = await test.connect();
          await peer.read(2);
          return await peer.end().ending();
        }),
      );
      expect(texts).toEqual(Array.from({ length: 20 }, () => 'end'));
      expect(most).toBe(strategy === 'sequential' ? 1 : 3);
      await test.events.stopped(20);
      expect(test.server.activeConnections).toBe(0);
    });
  });
});

describe.each(concurrent)('maxConnections without a queue: %s', (strategy) => {
  const Server = serverClass(strategy);

  async function serve(options: ServerOptions) {
    const test = new Serving(await Server.listen(anywhere, Staying, { maxConnections: 1, ...options }));
    const verifyRequest = jest.spyOn(test.server, 'verifyRequest');
    const first = await test.connect();
    await first.read(2);
    return { test, first, verifyRequest };
  }

  it('closes the connections of clients that are too many, with the reason limit, and serves later ones', async () => {
    const { test, first, verifyRequest } = await serve({ overflow: 'reject' });
    await using _test = test;
    for (let count = 1; count <= 3; count += 1) {
      using peer = await test.connect();
      expect(await peer.ending()).toBe('end');
      await test.events.stopped(count);
    }
    expect(test.events.reasons).toEqual(['limit', 'limit', 'limit']);
    expect(verifyRequest).toHaveBeenCalledTimes(1);
    first.end();
    await test.events.stopped(4);
    using next = await test.connect();
    expect(String(await next.read(2))).toBe('in');
    first[Symbol.dispose]();
  });

  it('lets a handler tell them, with services injected; its reason is limit', async () => {
    class Text {
      readonly text = 'come back later';
    }
    @injectable()
    class Telling extends BaseRequestHandler {
      constructor(private readonly text: Text) {
        super();
      }
      override handle() {
        return this.request.sendall(this.text.text);
      }
    }
    const { test, first } = await serve({ overflow: Telling });
    await using _test = test;
    using _first = first;
    using peer = await test.connect();
    expect(await peer.readAll()).toBe('come back later');
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'limit', bytesWritten: 15 }]);
    expect(test.errors).toEqual([]);
  });

  it('tells handleError() of a handler that fails to tell them; its reason stays limit', async () => {
    class Failing extends BaseRequestHandler {
      override handle(): never {
        throw new RangeError('busy');
      }
    }
    const { test, first } = await serve({ overflow: Failing });
    await using _test = test;
    using _first = first;
    using peer = await test.connect();
    await peer.ending();
    await test.events.stopped(1);
    expect(test.errors).toMatchObject([{ message: 'busy' }]);
    expect(test.events.stops[0]?.reason).toBe('limit');
  });

  it('gives that handler 5 seconds, and tells nobody of an error', async () => {
    const clock = new ManualClock();
    const { test, first } = await serve({ overflow: Staying, clock });
    await using _test = test;
    using _first = first;
    using peer = await test.connect();
    await peer.read(2);
    clock.advance(4999);
    await settle();
    expect(test.server.activeConnections).toBe(2);
    clock.advance(1);
    await peer.ending();
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'limit', durationMs: 5000 }]);
    expect(test.events.requestErrors).toEqual([]);
    expect(test.errors).toEqual([]);
  });

  it('also ends one that does not wait for its peer, and keeps a lifetime that is shorter', async () => {
    const clock = new ManualClock();
    class Hanging extends BaseRequestHandler {
      override async handle() {
        await this.request.sendall('in');
        await new Promise(() => undefined);
      }
    }
    const { test, first } = await serve({ overflow: Hanging, clock, deadlines: { lifetime: 1000 } });
    await using _test = test;
    using _first = first;
    clock.advance(500);
    using peer = await test.connect();
    await peer.read(2);
    clock.advance(500);
    await test.events.stopped(1);
    clock.advance(500);
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['deadline:lifetime', 'limit']);
    expect(test.errors).toEqual([]);
  });

  it('tells at most 64 at a time, who do not count against the limit', async () => {
    const { test, first } = await serve({ overflow: Staying });
    await using _test = test;
    const told = await Promise.all(Array.from({ length: 64 }, () => test.connect()));
    for (const peer of told) await peer.read(2);
    using last = await test.connect();
    expect(await last.readAll()).toBe('');
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['limit']);
    first.end();
    await test.events.stopped(2);
    // One that is served, beside 64 that are told.
    using next = await test.connect();
    await next.read(2);
    expect(test.server.activeConnections).toBe(65);
    for (const peer of [first, next, ...told]) peer.end();
    await test.events.stopped(67);
    expect(test.events.stops.filter(({ reason }) => reason === 'peer-closed')).toHaveLength(2);
    for (const peer of [first, ...told]) peer[Symbol.dispose]();
  });
});

describe.each(concurrent)('handleRequest() under limits: %s', (strategy) => {
  it('calls handleTimeout() while there is no room, and serves who has waited when there is', async () => {
    const clock = new ManualClock();
    await using server = await serverClass(strategy).listen(anywhere, Staying, { clock, maxConnections: 1 });
    using events = new RecordedEvents(server);
    server.timeout = 300;
    server.handleTimeout = () => 'nobody';
    using first = await Peer.connect(server.serverAddress);
    await server.handleRequest();
    await first.read(2);
    using second = await Peer.connect(server.serverAddress);
    const waiting = server.handleRequest();
    await settle();
    clock.advance(300);
    expect(await waiting).toBe('nobody');
    const handled = server.handleRequest();
    first.end();
    expect(await handled).toBeUndefined();
    expect(String(await second.read(2))).toBe('in');
    second.end();
    await events.stopped(2);
    await until(() => server.activeConnections === 0);
  });
});

describe('the options of limits', () => {
  const Server = serverClass('async');

  it.each<[name: string, value: unknown]>([
    ...[0, -1, 1.5, NaN, Infinity, '5', null].map((value): [string, unknown] => ['maxConnections', value]),
    ...[0, -1, 1.5, '5'].map((value): [string, unknown] => ['maxConnectionsPerAddress', value]),
    ...['wait', '', 5, {}].map((value): [string, unknown] => ['overflow', value]),
    ...[[], {}, '127.0.0.1', null].map((value): [string, unknown] => ['allow', value]),
    ...[[], {}, '127.0.0.1', null].map((value): [string, unknown] => ['deny', value]),
  ])('refuse %s: %p', (name, value) => {
    const expected = { code: 'ERR_OPTION', option: name, value };
    expect(() => new Server(anywhere, Busy, { [name]: value })).toThrow(expect.objectContaining(expected) as Error);
  });

  it('refuse an overflow handler that is none when the server is activated', async () => {
    const overflow = class NoHandler {} as unknown as OverflowHandlerClass;
    await expect(Server.listen(anywhere, Busy, { overflow })).rejects.toThrow(/^NoHandler is not a request handler/);
  });
});
