import { expectNoLeaks, moment, until } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  ManualClock,
  type RequestHandlerClass,
  type ServerOptions,
  type Socket,
  serverClass,
  strategies,
} from '../src';
import { Echo } from './handlers';
import { Serving, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
/** More than what the kernel holds for a peer that does not read. */
const much = Buffer.alloc(20_000_000);

// A peer that does not read.
describe.each(strategies)('%s:', (strategy) => {
  const Server = serverClass(strategy);

  async function serve(Handler: RequestHandlerClass<Socket>, options: ServerOptions) {
    const clock = new ManualClock();
    const test = new Serving(await Server.listen(anywhere, Handler, { clock, ...options }));
    return { test, clock };
  }

  /** A handler that sends more than its peer takes. What it does with the promise is the test's. */
  function sending(then: (sent: Promise<void>, request: Socket) => void | Promise<void>) {
    const sent = moment<Socket>();
    class Sending extends BaseRequestHandler {
      override async handle() {
        const sending = this.request.sendall(much);
        sent.happen(this.request);
        await then(sending, this.request);
      }
    }
    return { Sending, sent };
  }
  const awaited = () => sending((sent) => sent);
  const forgotten = () => sending(() => undefined);

  describe('the drain deadline', () => {
    it('ends a connection whose peer does not read, and says why', async () => {
      const { Sending, sent } = awaited();
      const { test, clock } = await serve(Sending, { deadlines: { drain: 1000, idle: 10, handler: 10 } });
      await using _test = test;
      using peer = await test.connect();
      await sent;
      clock.advance(999);
      await settle();
      expect(test.events.reasons).toEqual([]);
      clock.advance(1);
      await test.events.stopped(1);
      expect(test.events.stops).toMatchObject([
        { reason: 'deadline:drain', durationMs: 1000, error: { code: 'ERR_DEADLINE', deadline: 'drain', ms: 1000 } },
      ]);
      expect(test.errors).toEqual([]);
      await peer.ending();
    });

    it('does not concern a peer that reads slowly', async () => {
      const { Sending, sent } = sending(async (first, request) => {
        await first;
        await request.sendall(much);
      });
      const { test, clock } = await serve(Sending, { deadlines: { drain: 1000 } });
      await using _test = test;
      using peer = await test.connect();
      await sent;
      clock.advance(900);
      await peer.read(much.length);
      await settle();
      clock.advance(900);
      await peer.read(much.length);
      expect(await peer.ending()).toBe('end');
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['finished']);
    });

    it('also ends a connection whose handler waits for something else meanwhile', async () => {
      const { Sending, sent } = sending(() => new Promise(() => undefined));
      const { test, clock } = await serve(Sending, { deadlines: { drain: 1000 } });
      await using _test = test;
      using peer = await test.connect();
      await sent;
      clock.advance(1000);
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['deadline:drain']);
      await peer.ending();
    });

    it('counts for what was not sent yet when the handler ended: till then the connection is one', async () => {
      const { Sending, sent } = forgotten();
      const { test, clock } = await serve(Sending, { deadlines: { drain: 1000 } });
      await using _test = test;
      using peer = await test.connect();
      const request = await sent;
      await until(() => request.isClosed);
      clock.advance(999);
      await settle();
      expect(test.events.stops).toEqual([]);
      expect(test.server.activeConnections).toBe(1);
      clock.advance(1);
      await test.events.stopped(1);
      expect(test.events.stops).toMatchObject([{ reason: 'deadline:drain', durationMs: 1000 }]);
      expect(test.server.activeConnections).toBe(0);
      expect(test.errors).toEqual([]);
      await peer.ending();
    });
  });

  describe('a connection that was closed before all has left', () => {
    it('lasts until its peer has taken everything: the reason is that of its handler', async () => {
      const { Sending, sent } = forgotten();
      const { test } = await serve(Sending, {});
      await using _test = test;
      using peer = await test.connect();
      const request = await sent;
      await until(() => request.isClosed);
      expect(test.events.stops).toEqual([]);
      expect((await peer.readAll()).length).toBe(much.length);
      await test.events.stopped(1);
      expect(test.events.stops).toMatchObject([{ reason: 'finished', bytesWritten: much.length }]);
    });

    it('is given up after 15 seconds without a deadline', async () => {
      const { Sending, sent } = forgotten();
      const { test, clock } = await serve(Sending, {});
      await using _test = test;
      using peer = await test.connect();
      const request = await sent;
      await until(() => request.isClosed);
      clock.advance(14_999);
      await settle();
      expect(test.events.stops).toEqual([]);
      clock.advance(1);
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['deadline:drain']);
      await peer.ending();
    });

    it('keeps its place among maxConnections', async () => {
      const { Sending, sent } = forgotten();
      const { test, clock } = await serve(Sending, { maxConnections: 1, deadlines: { drain: 1000 } });
      await using _test = test;
      using peer = await test.connect();
      const request = await sent;
      await until(() => request.isClosed);
      using next = await test.connect();
      await settle();
      expect(test.events.starts).toHaveLength(1);
      clock.advance(1000);
      await test.events.started(2);
      await Promise.all([peer.ending(), next.ending()]);
    });

    it('ends when its peer resets it, with that reason', async () => {
      const { Sending, sent } = forgotten();
      const { test } = await serve(Sending, {});
      await using _test = test;
      using peer = await test.connect();
      const request = await sent;
      await until(() => request.isClosed);
      peer.reset();
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['reset']);
    });

    it('is waited for by shutdown(), and cut and reported when it takes too long', async () => {
      const { Sending, sent } = forgotten();
      const { test, clock } = await serve(Sending, { drainTimeout: 500 });
      await using _test = test;
      using peer = await test.connect();
      const request = await sent;
      await until(() => request.isClosed);
      const report = test.server.shutdown();
      clock.advance(499);
      await settle();
      expect(test.server.activeConnections).toBe(1);
      clock.advance(1);
      expect(await report).toEqual({ durationMs: 500, finished: 0, cut: [{ id: 1, clientAddress: peer.address }] });
      await test.running.done;
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['shutdown']);
      await until(() => test.server.activeConnections === 0);
      await peer.ending();
    });

    it('is finished for the report when its peer takes the rest during the drain', async () => {
      const { Sending, sent } = forgotten();
      const { test } = await serve(Sending, {});
      await using _test = test;
      using peer = await test.connect();
      const request = await sent;
      await until(() => request.isClosed);
      const report = test.server.shutdown();
      expect((await peer.readAll()).length).toBe(much.length);
      expect(await report).toMatchObject({ finished: 1, cut: [] });
    });
  });
});

it.each(['async', 'selecting'] as const)('a peer that does not read holds up nobody else: %s', async (strategy) => {
  class Mixed extends Echo {
    override async handle() {
      if (String(await this.rfile.readline()) === 'much\n') await this.wfile.write(much);
      else await this.wfile.write('hello\n');
    }
  }
  const clock = new ManualClock();
  const server = await serverClass(strategy).listen(anywhere, Mixed, { clock, deadlines: { drain: 1000 } });
  await using test = new Serving(server);
  using stuck = await test.connect();
  await stuck.send('much\n');
  await test.events.started(1);
  await settle();
  for (let count = 1; count <= 20; count += 1) {
    using peer = await test.connect();
    await peer.send('x\n');
    expect(await peer.readAll()).toBe('hello\n');
    await test.events.stopped(count);
  }
  clock.advance(1000);
  await test.events.stopped(21);
  expect(test.events.stops.at(-1)).toMatchObject({ id: 1, reason: 'deadline:drain' });
  await stuck.ending();
});
