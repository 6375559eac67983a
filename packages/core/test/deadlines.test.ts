import { fixedLength, lines } from '@socketserver/framing';
import { type Peer, RecordedEvents, RunningServer, expectNoLeaks, moment, until } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  type DeadlineOptions,
  ManualClock,
  MessageHandler,
  type RequestHandlerClass,
  type Socket,
  StreamRequestHandler,
  serverClass,
  strategies,
} from '../src';
import { Deadlines } from '../src/deadlines';
import { Echo } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

class Shout extends MessageHandler<string> {
  override readonly codec = lines();
  override onMessage(line: string): void | Promise<void> {
    return this.send(line.toUpperCase());
  }
}

describe.each(strategies)('deadlines: %s', (strategy) => {
  const Server = serverClass(strategy);

  /** A server with deadlines on a clock that the test moves, and everything that it tells. */
  async function serve(Handler: RequestHandlerClass<Socket>, deadlines: DeadlineOptions) {
    const clock = new ManualClock();
    const requests: Socket[] = [];
    class Known extends Server {
      override processRequest(...args: Parameters<InstanceType<typeof Server>['processRequest']>) {
        requests.push(args[0]);
        return super.processRequest(...args);
      }
    }
    const server = await Known.listen(anywhere, Handler, { clock, deadlines });
    const handleError = jest.spyOn(server, 'handleError').mockImplementation(() => undefined);
    const running = new RunningServer(server);
    const events = new RecordedEvents(server);
    return {
      clock,
      server,
      events,
      handleError,
      connect: () => running.connect(),
      /** Sends, and waits until the server has it and its handler waits for more. */
      async send(peer: Peer, data: Uint8Array | string) {
        const request = requests.at(-1)!;
        const expected = request.bytesRead + data.length;
        await peer.send(data);
        await until(() => request.bytesRead === expected && request.receiving && request.buffered === 0);
      },
      receiving: () => until(() => requests.at(-1)?.receiving === true),
      async [Symbol.asyncDispose]() {
        events[Symbol.dispose]();
        await running[Symbol.asyncDispose]();
      },
    };
  }

  it('ends a connection that is idle, and says why', async () => {
    await using test = await serve(Echo, { idle: 1000 });
    using peer = await test.connect();
    await test.receiving();
    test.clock.advance(999);
    expect(test.server.activeConnections).toBe(1);
    test.clock.advance(1);
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([
      {
        reason: 'deadline:idle',
        durationMs: 1000,
        error: { code: 'ERR_DEADLINE', deadline: 'idle', ms: 1000, clientAddress: peer.address },
      },
    ]);
    expect(test.handleError).not.toHaveBeenCalled();
    await peer.ending();
  });

  it('counts idle time from the last bytes', async () => {
    await using test = await serve(Echo, { idle: 1000 });
    using peer = await test.connect();
    await test.receiving();
    for (let count = 0; count < 5; count += 1) {
      test.clock.advance(900);
      await test.send(peer, 'hello\n');
    }
    test.clock.advance(999);
    expect(test.events.reasons).toEqual([]);
    test.clock.advance(1);
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['deadline:idle']);
    await peer.ending();
  });

  it('ends a connection whose message drips in too slowly, however busy it looks', async () => {
    await using test = await serve(Shout, { idle: 200, message: 1000 });
    using peer = await test.connect();
    await test.receiving();
    await test.send(peer, 'x');
    for (let count = 0; count < 9; count += 1) {
      test.clock.advance(100);
      await test.send(peer, 'x');
    }
    test.clock.advance(99);
    expect(test.events.reasons).toEqual([]);
    test.clock.advance(1);
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'deadline:message', error: { ms: 1000 } }]);
    await peer.ending();
  });

  it.each([
    ['a line', Echo],
    [
      'a block',
      class extends StreamRequestHandler {
        override async handle() {
          await this.rfile.read(10);
        }
      },
    ],
    [
      'exactly n bytes',
      class extends BaseRequestHandler {
        override async handle() {
          await this.request.recvExactly(10);
        }
      },
    ],
  ])('takes %s that a handler waits for as a message', async (_what, Handler) => {
    await using test = await serve(Handler, { message: 1000 });
    using peer = await test.connect();
    await test.receiving();
    test.clock.advance(5000);
    await test.send(peer, 'half');
    test.clock.advance(999);
    await test.send(peer, 'x');
    expect(test.events.reasons).toEqual([]);
    test.clock.advance(1);
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['deadline:message']);
    await peer.ending();
  });

  it('does not take a flood of messages that straddle the chunks for a slow one', async () => {
    let count = 0;
    class Counting extends MessageHandler<Buffer> {
      override readonly codec = fixedLength(10);
      override onMessage() {
        count += 1;
      }
    }
    await using test = await serve(Counting, { message: 1000 });
    using peer = await test.connect();
    await test.receiving();
    // Each chunk has the end of one message and the beginning of the next.
    for (let chunk = 0; chunk < 9; chunk += 1) {
      await test.send(peer, 'x'.repeat(11));
      test.clock.advance(600);
    }
    expect(count).toBe(9);
    expect(test.events.reasons).toEqual([]);
    await peer.end().ending();
  });

  it('does not charge the peer for the time that its message is handled', async () => {
    const entered = moment();
    const go = moment();
    class Slow extends Shout {
      override async onMessage(line: string) {
        entered.happen();
        await go;
        await super.onMessage(line);
      }
    }
    await using test = await serve(Slow, { message: 1000 });
    using peer = await test.connect();
    await test.receiving();
    await test.send(peer, 'hal');
    test.clock.advance(900);
    await peer.send('f\n');
    await entered;
    test.clock.advance(900);
    go.happen();
    expect(String(await peer.read(5))).toBe('HALF\n');
    await peer.end().ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['peer-closed']);
  });

  it('ends a connection whose handler is at work for too long, and serves the next one', async () => {
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
    await using test = await serve(Hanging, { handler: 1000 });
    using peer = await test.connect();
    await entered;
    test.clock.advance(1000);
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'deadline:handler', error: { deadline: 'handler', ms: 1000 } }]);
    expect(test.server.activeConnections).toBe(0);
    expect(test.handleError).not.toHaveBeenCalled();
    await peer.ending();
    using next = await test.connect();
    await next.send('hello\n');
    expect(await next.end().readAll()).toBe('hello\n');
  });

  it.each([
    ['messages', Shout],
    ['lines', Echo],
  ])('counts the work on each of several %s that came together by itself', async (_what, Base) => {
    const clocks: ManualClock[] = [];
    class Slow extends (Base as new () => Echo & Shout) {
      override onMessage(line: string) {
        clocks[0]!.advance(600);
        return super.onMessage(line);
      }
      override async handle() {
        if (Base !== Echo) return super.handle();
        for await (const line of this.rfile) {
          clocks[0]!.advance(600);
          await this.wfile.write(String(line).toUpperCase());
        }
      }
    }
    await using test = await serve(Slow, { handler: 1000 });
    clocks.push(test.clock);
    using peer = await test.connect();
    await test.receiving();
    await peer.send('one\ntwo\nthree\n');
    expect(await peer.end().readAll()).toBe('ONE\nTWO\nTHREE\n');
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['peer-closed']);
  });

  it('does not count the time that a handler waits for its peer as work', async () => {
    await using test = await serve(Echo, { handler: 1000 });
    using peer = await test.connect();
    await test.receiving();
    test.clock.advance(5000);
    await test.send(peer, 'hello\n');
    test.clock.advance(5000);
    expect(test.events.reasons).toEqual([]);
    await peer.end().ending();
  });

  it.each([
    ['receives what is there already', (request: Socket) => request.recv(1)],
    ['sends what the kernel takes at once', (request: Socket) => request.sendall('x')],
  ])('counts work anew from each time that a handler %s', async (_what, step) => {
    let advance: (ms: number) => void = () => undefined;
    class Busy extends BaseRequestHandler {
      override async handle() {
        await this.request.recv(1);
        for (let steps = 0; steps < 5; steps += 1) {
          advance(600);
          await step(this.request);
        }
      }
    }
    await using test = await serve(Busy, { handler: 1000 });
    advance = (ms) => test.clock.advance(ms);
    using peer = await test.connect();
    await peer.send('abcdefgh');
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'finished' }]);
  });

  it('lets a handler wait in sendall() for a slow peer: that is neither idle nor work', async () => {
    const size = 20_000_000;
    const sending = moment();
    class Sending extends BaseRequestHandler {
      override async handle() {
        const sent = this.request.sendall(Buffer.alloc(size));
        sending.happen();
        await sent;
      }
    }
    await using test = await serve(Sending, { idle: 1000, handler: 1000 });
    using peer = await test.connect();
    await sending;
    test.clock.advance(100_000);
    await new Promise(setImmediate);
    expect(test.events.reasons).toEqual([]);
    expect((await peer.readAll()).length).toBe(size);
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['finished']);
  });

  it('tells the handler that waits, which still finishes', async () => {
    const seen = moment<unknown>();
    const finished = moment();
    class Watching extends BaseRequestHandler {
      override async handle() {
        await this.request.recv(1).catch((error: unknown) => {
          seen.happen(error);
          throw error;
        });
      }
      override finish() {
        finished.happen();
      }
    }
    await using test = await serve(Watching, { idle: 1000 });
    using peer = await test.connect();
    await test.receiving();
    test.clock.advance(1000);
    expect(await seen).toMatchObject({
      name: 'DeadlineError',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+: the idle deadline of 1000 ms is over$/) as string,
    });
    await finished;
    await peer.ending();
  });

  it('leaves no timer behind', async () => {
    await using test = await serve(Echo, { idle: 1000, message: 1000, handler: 1000 });
    using first = await test.connect();
    await test.receiving();
    const before = test.clock.pending;
    await first.end().ending();
    await test.events.stopped(1);
    expect(test.clock.pending).toBe(before - 1);
  });
});

describe('the deadlines of several connections', () => {
  it.each(['async', 'selecting'] as const)('are each their own: %s', async (strategy) => {
    const clock = new ManualClock();
    const server = await serverClass(strategy).listen(anywhere, Echo, { clock, deadlines: { idle: 1000 } });
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using quiet = await running.connect();
    using lively = await running.connect();
    await events.started(2);
    await quiet.send('hello\n');
    await quiet.read(6);
    await lively.send('hello\n');
    await lively.read(6);
    clock.advance(600);
    await lively.send('hello\n');
    await lively.read(6);
    await new Promise(setImmediate);
    clock.advance(600);
    await quiet.ending();
    await events.stopped(1);
    expect(events.stops).toMatchObject([{ clientAddress: quiet.address, reason: 'deadline:idle' }]);
    await lively.send('hello\n');
    expect(String(await lively.read(6))).toBe('hello\n');
  });
});

describe('Deadlines', () => {
  /** The deadlines of a socket that the test plays. */
  function play(options: DeadlineOptions) {
    const clock = new ManualClock();
    const socket = { receiving: false, bytesRead: 0 };
    const expired: string[] = [];
    const deadlines = new Deadlines(options, clock, socket, (deadline) =>
      expired.push(`${deadline} at ${clock.now()}`),
    );
    deadlines.begin();
    const receive = () => {
      socket.receiving = true;
      deadlines.waits('recv');
    };
    const received = () => {
      socket.receiving = false;
      deadlines.resumes();
    };
    return { clock, deadlines, expired, receive, received };
  }

  it('takes a handler that receives for waiting, also while others send what they have for its peer', () => {
    const { clock, deadlines, expired, receive, received } = play({ idle: 5000, handler: 1000 });
    receive();
    deadlines.waits('send');
    clock.advance(10_000);
    deadlines.resumes();
    clock.advance(4000);
    expect(expired).toEqual([]);
    received();
    clock.advance(1000);
    expect(expired).toEqual(['handler at 15000']);
  });

  it('takes a handler for waiting as long as one of its sends is', () => {
    const { clock, deadlines, expired } = play({ handler: 1000 });
    deadlines.waits('send');
    deadlines.waits('send');
    deadlines.resumes();
    clock.advance(5000);
    expect(expired).toEqual([]);
    deadlines.resumes();
    clock.advance(1000);
    expect(expired).toEqual(['handler at 6000']);
  });

  it('expires once, at the earliest of what is due', () => {
    const { clock, deadlines, expired, receive } = play({ idle: 1000, message: 700, handler: 100_000 });
    deadlines.partial(true);
    receive();
    clock.advance(10_000);
    expect(expired).toEqual(['message at 700']);
    receive();
    expect(clock.pending).toBe(0);
  });

  it('stops counting for a message when it is whole', () => {
    const { clock, deadlines, expired } = play({ message: 1000 });
    deadlines.partial(true);
    clock.advance(900);
    deadlines.partial(false);
    clock.advance(5000);
    deadlines.partial(true);
    clock.advance(999);
    expect(expired).toEqual([]);
    clock.advance(1);
    expect(expired).toEqual(['message at 6900']);
  });

  it('sets no timer when nothing is due', () => {
    const { clock, received, receive } = play({ message: 1000 });
    receive();
    received();
    expect(clock.pending).toBe(0);
  });
});
