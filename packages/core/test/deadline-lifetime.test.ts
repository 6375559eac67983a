import { lines } from '@socketserver/framing';
import { expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  type DeadlineOptions,
  ManualClock,
  MessageHandler,
  type RequestHandlerClass,
  type Socket,
  serverClass,
  strategies,
} from '../src';
import { Echo } from './handlers';
import { Serving, UdpPeer, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

class Shout extends MessageHandler<string> {
  override readonly codec = lines();
  override onMessage(line: string): void | Promise<void> {
    return this.send(line.toUpperCase());
  }
}

describe.each(strategies)('the lifetime deadline: %s', (strategy) => {
  async function serve(Handler: RequestHandlerClass<Socket>, deadlines: DeadlineOptions) {
    const clock = new ManualClock();
    const test = new Serving(await serverClass(strategy).listen(anywhere, Handler, { clock, deadlines }));
    return { test, clock };
  }

  it('ends a connection however busy it is', async () => {
    const { test, clock } = await serve(Echo, { lifetime: 1000, idle: 200 });
    await using _test = test;
    using peer = await test.connect();
    for (let count = 0; count < 10; count += 1) {
      expect(test.events.reasons).toEqual([]);
      await peer.send('hello\n');
      await peer.read(6);
      await settle();
      clock.advance(100);
    }
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([
      { reason: 'deadline:lifetime', durationMs: 1000, bytesRead: 60, error: { deadline: 'lifetime', ms: 1000 } },
    ]);
    expect(test.errors).toEqual([]);
    await peer.ending();
  });

  it('ends a connection whose handler waits for something else, and serves the next one', async () => {
    const entered = moment();
    let isFirst = true;
    class Hanging extends Echo {
      override async handle() {
        if (!isFirst) return super.handle();
        isFirst = false;
        entered.happen();
        await new Promise(() => undefined);
      }
    }
    const { test, clock } = await serve(Hanging, { lifetime: 1000 });
    await using _test = test;
    using peer = await test.connect();
    await entered;
    clock.advance(1000);
    await peer.ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['deadline:lifetime']);
    expect(test.server.activeConnections).toBe(0);
    using next = await test.connect();
    await next.send('hello\n');
    expect(await next.end().readAll()).toBe('hello\n');
  });

  it('counts from accepting, with the time that verifyRequest() takes', async () => {
    const { test, clock } = await serve(Echo, { lifetime: 1000 });
    await using _test = test;
    test.server.verifyRequest = async () => {
      clock.advance(600);
      return true;
    };
    using peer = await test.connect();
    await peer.send('hello\n');
    await peer.read(6);
    clock.advance(400);
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'deadline:lifetime', durationMs: 1000 }]);
    await peer.ending();
  });
});

describe.each(strategies)('of two deadlines the earlier one ends a connection: %s', (strategy) => {
  it.each<[reason: string, deadlines: DeadlineOptions, text: string]>([
    ['deadline:firstByte', { firstByte: 500, lifetime: 600 }, ''],
    ['deadline:lifetime', { firstByte: 600, lifetime: 500 }, ''],
    ['deadline:idle', { idle: 500, lifetime: 600 }, 'hello\n'],
    ['deadline:lifetime', { idle: 600, lifetime: 500 }, 'hello\n'],
    ['deadline:message', { message: 500, idle: 600 }, 'hel'],
    ['deadline:idle', { message: 600, idle: 500 }, 'hel'],
    ['deadline:message', { message: 500, lifetime: 600, idle: 700 }, 'hello\nhel'],
  ])('%s of %p', async (reason, deadlines, text) => {
    const clock = new ManualClock();
    const server = await serverClass(strategy).listen(anywhere, Shout, { clock, deadlines });
    await using test = new Serving(server);
    using peer = await test.connect();
    await test.events.started(1);
    if (text !== '') await peer.send(text);
    if (text.includes('\n')) await peer.read(6);
    await settle();
    clock.advance(499);
    await settle();
    expect(test.events.reasons).toEqual([]);
    clock.advance(1);
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason, durationMs: 500 }]);
    clock.advance(1000);
    await peer.ending();
    await settle();
    expect(test.events.stops).toHaveLength(1);
  });
});

describe.each(['async', 'selecting'] as const)('while one peer drips a message byte by byte: %s', (strategy) => {
  it('all others are served, and only that one goes', async () => {
    const clock = new ManualClock();
    const deadlines = { message: 1000, idle: 900 };
    await using test = new Serving(await serverClass(strategy).listen(anywhere, Shout, { clock, deadlines }));
    using slow = await test.connect();
    using quick = await test.connect();
    for (let count = 0; count < 10; count += 1) {
      await slow.send('x');
      await quick.send('hello\n');
      expect(String(await quick.read(6))).toBe('HELLO\n');
      await settle();
      clock.advance(100);
    }
    await slow.ending();
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'deadline:message', clientAddress: slow.address }]);
    await quick.send('hello\n');
    expect(await quick.end().readAll()).toBe('HELLO\n');
  });
});

describe.each(strategies)('deadlines of a datagram: %s', (strategy) => {
  it.each(['handler', 'lifetime'] as const)('end one whose %s takes too long; the next one is served', async (name) => {
    const clock = new ManualClock();
    const entered = moment();
    let isFirst = true;
    const served = moment();
    class Hanging extends BaseRequestHandler<never> {
      override async handle() {
        if (!isFirst) return served.happen();
        isFirst = false;
        entered.happen();
        await new Promise(() => undefined);
      }
    }
    const server = await serverClass(strategy, 'udp').listen(anywhere, Hanging, { clock, deadlines: { [name]: 1000 } });
    await using test = new Serving(server);
    using peer = await UdpPeer.to(server.serverAddress);
    await peer.send('1');
    await entered;
    clock.advance(1000);
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: `deadline:${name}`, bytesRead: 1 }]);
    expect(test.errors).toEqual([]);
    await peer.send('2');
    await served;
    await test.events.stopped(2);
    expect(server.activeConnections).toBe(0);
  });
});
