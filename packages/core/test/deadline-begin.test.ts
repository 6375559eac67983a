import { expectNoLeaks, moment, until } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  type DeadlineOptions,
  ManualClock,
  type RequestHandlerClass,
  type Socket,
  serverClass,
  strategies,
} from '../src';
import { Echo } from './handlers';
import { Serving, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

// How a connection begins: the deadlines handshake and firstByte.
describe.each(strategies)('%s:', (strategy) => {
  const Server = serverClass(strategy);

  async function serve(Handler: RequestHandlerClass<Socket>, deadlines: DeadlineOptions) {
    const clock = new ManualClock();
    const test = new Serving(await Server.listen(anywhere, Handler, { clock, deadlines }));
    return { test, clock };
  }

  async function expectEcho(test: Serving<InstanceType<typeof Server>>) {
    using peer = await test.connect();
    await peer.send('hello\n');
    expect(await peer.end().readAll()).toBe('hello\n');
  }

  describe('the handshake deadline', () => {
    it('ends a connection that is never verified, and the next one is served', async () => {
      const { test, clock } = await serve(Echo, { handshake: 1000 });
      await using _test = test;
      const asked = moment();
      const shutdownRequest = jest.spyOn(test.server, 'shutdownRequest');
      test.server.verifyRequest = () => {
        asked.happen();
        return new Promise(() => undefined);
      };
      using peer = await test.connect();
      await asked;
      clock.advance(999);
      await settle();
      expect(test.server.activeConnections).toBe(1);
      clock.advance(1);
      await peer.ending();
      await test.events.stopped(1);
      expect(test.events.stops).toMatchObject([
        { reason: 'deadline:handshake', durationMs: 1000, error: { code: 'ERR_DEADLINE', deadline: 'handshake' } },
      ]);
      expect(shutdownRequest).toHaveBeenCalledTimes(1);
      expect(test.errors).toEqual([]);
      test.server.verifyRequest = () => true;
      await expectEcho(test);
    });

    it('makes no handler for a connection that is verified too late', async () => {
      const handle = jest.fn();
      class Handler extends BaseRequestHandler {
        override handle() {
          handle();
        }
      }
      const { test, clock } = await serve(Handler, { handshake: 1000 });
      await using _test = test;
      const asked = moment();
      const verified = moment<boolean>();
      test.server.verifyRequest = () => {
        asked.happen();
        return verified;
      };
      using peer = await test.connect();
      await asked;
      clock.advance(1000);
      await test.events.stopped(1);
      verified.happen(true);
      await peer.ending();
      await settle();
      expect(handle).not.toHaveBeenCalled();
      expect(test.events.stops).toHaveLength(1);
    });

    it('does not count once the handler runs', async () => {
      const { test, clock } = await serve(Echo, { handshake: 1000 });
      await using _test = test;
      test.server.verifyRequest = async () => true;
      using peer = await test.connect();
      await peer.send('hello\n');
      await peer.read(6);
      clock.advance(100_000);
      await settle();
      await peer.send('hello\n');
      expect(await peer.end().readAll()).toBe('hello\n');
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['peer-closed']);
    });
  });

  describe('the firstByte deadline', () => {
    it('ends a connection whose peer says nothing, while idle does not count yet', async () => {
      const { test, clock } = await serve(Echo, { firstByte: 5000, idle: 1000 });
      await using _test = test;
      using peer = await test.connect();
      await test.events.started(1);
      await settle();
      clock.advance(4999);
      await settle();
      expect(test.events.reasons).toEqual([]);
      clock.advance(1);
      await peer.ending();
      await test.events.stopped(1);
      expect(test.events.stops).toMatchObject([{ reason: 'deadline:firstByte', error: { ms: 5000 } }]);
      expect(test.errors).toEqual([]);
    });

    it('is over with a first byte that comes late; from then on idle counts', async () => {
      const { test, clock } = await serve(Echo, { firstByte: 5000, idle: 1000 });
      await using _test = test;
      using peer = await test.connect();
      await test.events.started(1);
      await settle();
      clock.advance(4900);
      await peer.send('hello\n');
      await peer.read(6);
      await settle();
      clock.advance(999);
      await settle();
      expect(test.events.reasons).toEqual([]);
      clock.advance(1);
      await peer.ending();
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['deadline:idle']);
    });

    it('ends a connection whose handler does not even receive', async () => {
      const entered = moment();
      let isFirst = true;
      class Waiting extends Echo {
        override async handle() {
          if (!isFirst) return super.handle();
          isFirst = false;
          entered.happen();
          await new Promise(() => undefined);
        }
      }
      const { test, clock } = await serve(Waiting, { firstByte: 1000 });
      await using _test = test;
      using peer = await test.connect();
      await entered;
      clock.advance(1000);
      await peer.ending();
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['deadline:firstByte']);
      await expectEcho(test);
    });

    it('counts while the connection is verified', async () => {
      const { test, clock } = await serve(Echo, { firstByte: 1000 });
      await using _test = test;
      const asked = moment();
      test.server.verifyRequest = () => {
        asked.happen();
        return new Promise(() => undefined);
      };
      using peer = await test.connect();
      await asked;
      clock.advance(1000);
      await peer.ending();
      await test.events.stopped(1);
      expect(test.events.reasons).toEqual(['deadline:firstByte']);
    });

    it('does not concern a peer that has sent something, even if nobody has read it yet', async () => {
      const entered = moment<Socket>();
      const go = moment();
      class Reading extends BaseRequestHandler {
        override async handle() {
          await this.request.recv(1);
          entered.happen(this.request);
          await go;
        }
      }
      const { test, clock } = await serve(Reading, { firstByte: 1000 });
      await using _test = test;
      using peer = await test.connect();
      await peer.send('xyz');
      await entered;
      clock.advance(10_000);
      await settle();
      expect(test.events.reasons).toEqual([]);
      go.happen();
      await peer.ending();
      await until(() => test.server.activeConnections === 0);
    });
  });
});
