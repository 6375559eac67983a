import { type Codec, type FramingError, InvalidMessageError, fixedLength, lines } from '@socketserver/framing';
import { RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  AsyncTCPServer,
  ManualClock,
  MessageHandler,
  type Socket,
  serverClass,
  strategies,
} from '../src';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** Errors are what the tests look at: there is no need to print them. */
class QuietServer extends AsyncTCPServer {
  override handleError() {}
}

/** Sends every line back in capitals. */
class Shout extends MessageHandler<string> {
  override readonly codec: Codec<string> = lines({ maxLength: 20 });
  override onMessage(line: string): void | Promise<void> {
    return this.send(line.toUpperCase());
  }
}

/** A shouting handler that keeps what it was told about framing errors. */
function forgiving() {
  const errors: FramingError[] = [];
  class Forgiving extends Shout {
    override onFramingError(error: FramingError) {
      errors.push(error);
    }
  }
  return { Forgiving, errors };
}

describe('MessageHandler', () => {
  it('finds the messages wherever the stream is cut', async () => {
    const text = 'one\n\nthree\n';
    await using running = new RunningServer(await QuietServer.listen(anywhere, Shout));
    for (let at = 1; at < text.length; at += 1) {
      using peer = await running.connect();
      await peer.send(text.slice(0, at));
      await peer.send(text.slice(at));
      expect(await peer.end().readAll()).toBe('ONE\n\nTHREE\n');
    }
  });

  it('finds messages that come byte by byte, and many in one piece', async () => {
    const numbers = Array.from({ length: 500 }, (_, index) => `message ${index}\n`).join('');
    await using running = new RunningServer(await QuietServer.listen(anywhere, Shout));
    using slow = await running.connect();
    for (const byte of 'hello\nworld\n') await slow.send(byte);
    expect(await slow.end().readAll()).toBe('HELLO\nWORLD\n');
    using quick = await running.connect();
    await quick.send(numbers);
    expect(await quick.end().readAll()).toBe(numbers.toUpperCase());
  });

  it('waits for onMessage() before it handles the next message, in their order', async () => {
    const log: string[] = [];
    class Slow extends Shout {
      override async onMessage(line: string) {
        log.push(`begin ${line}`);
        await new Promise(setImmediate);
        log.push(`end ${line}`);
      }
    }
    await using running = new RunningServer(await QuietServer.listen(anywhere, Slow));
    using peer = await running.connect();
    await peer.send('1\n2\n');
    await peer.send('3\n');
    await peer.end().ending();
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  });

  it('says what is missing when it has no codec', async () => {
    class Bare extends MessageHandler<string> {
      declare readonly codec: Codec<string>;
      override onMessage() {}
    }
    const server = await QuietServer.listen(anywhere, Bare);
    using events = new RecordedEvents(server);
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await peer.ending();
    await events.stopped(1);
    expect(events.requestErrors).toMatchObject([
      { error: { code: 'ERR_HANDLER', message: expect.stringMatching(/^Bare has no codec; give it/) as string } },
    ]);
  });

  it('stops reading while onMessage() waits: the peer feels it, and nothing piles up', async () => {
    const entered = moment<{ request: Socket }>();
    const go = moment();
    class Blocked extends MessageHandler<Buffer> {
      declare request: Socket;
      override readonly codec = fixedLength(1000);
      override async onMessage() {
        entered.happen(this);
        await go;
      }
    }
    await using running = new RunningServer(await QuietServer.listen(anywhere, Blocked));
    using peer = await running.connect();
    const size = 30_000_000;
    const sent = peer.send(Buffer.alloc(size));
    const { request } = await entered;
    let before = -1;
    // When as much is read after 50 rounds as before them, nobody reads any more.
    while (before !== request.bytesRead) {
      before = request.bytesRead;
      for (let round = 0; round < 50; round += 1) await new Promise(setImmediate);
    }
    expect(request.bytesRead).toBeLessThan(1_000_000);
    go.happen();
    await sent;
    await peer.end().ending();
    expect(request.bytesRead).toBe(size);
  });

  it('gives a last message that only the end of the stream makes whole', async () => {
    class Accepting extends Shout {
      override readonly codec = lines({ lastLine: 'accept' });
    }
    await using running = new RunningServer(await QuietServer.listen(anywhere, Accepting));
    using peer = await running.connect();
    await peer.send('one\nlast');
    expect(await peer.end().readAll()).toBe('ONE\nLAST\n');
  });

  it.each([
    ['a message that is cut off by the end', 'hello\nwor', 'ERR_TRUNCATED_MESSAGE'],
    ['a message that is too long', `hello\n${'x'.repeat(30)}`, 'ERR_MESSAGE_TOO_LONG'],
    ['a message that makes no sense', Buffer.from('hello\n\xff\n', 'latin1'), 'ERR_MALFORMED_MESSAGE'],
  ])('handles what came before %s, then tells onFramingError() and ends quietly', async (_what, bytes, code) => {
    const { Forgiving, errors } = forgiving();
    await using running = new RunningServer(await QuietServer.listen(anywhere, Forgiving));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.send(bytes);
    expect(await peer.end().readAll()).toBe('HELLO\n');
    await events.stopped(1);
    expect(errors).toMatchObject([{ code }]);
    expect(events.stops).toMatchObject([{ reason: 'protocol-error', error: errors[0] }]);
    expect(events.requestErrors).toEqual([]);
  });

  it('tells handleError() of a framing error unless onFramingError() is overridden', async () => {
    await using running = new RunningServer(await QuietServer.listen(anywhere, Shout));
    const handleError = jest.spyOn(running.server, 'handleError');
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.send('half');
    await peer.end().ending();
    await events.stopped(1);
    expect(handleError).toHaveBeenCalledTimes(1);
    expect(events.requestErrors).toMatchObject([{ error: { code: 'ERR_TRUNCATED_MESSAGE' } }]);
    expect(events.reasons).toEqual(['protocol-error']);
  });

  it('lets onFramingError() send something', async () => {
    class Explaining extends Shout {
      override onFramingError(error: FramingError) {
        return this.send(error.code.slice(-8));
      }
    }
    await using running = new RunningServer(await QuietServer.listen(anywhere, Explaining));
    using peer = await running.connect();
    await peer.send('x'.repeat(40));
    expect(await peer.readAll()).toBe('TOO_LONG\n');
  });

  it('does not blame the peer for a message that this side cannot encode', async () => {
    class Broken extends Shout {
      override onMessage() {
        return this.send('two\nlines');
      }
      override onFramingError() {}
    }
    await using running = new RunningServer(await QuietServer.listen(anywhere, Broken));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.send('hello\n');
    await peer.ending();
    await events.stopped(1);
    expect(events.stops[0]?.reason).toBe('error');
    expect(events.stops[0]?.error).toBeInstanceOf(InvalidMessageError);
  });

  it('ends with the reason that fits how its peer left', async () => {
    await using running = new RunningServer(await QuietServer.listen(anywhere, Shout));
    using events = new RecordedEvents(running.server);
    using leaving = await running.connect();
    await leaving.end().ending();
    await events.stopped(1);
    using resetting = await running.connect();
    await resetting.send('hello\n');
    await resetting.read(6);
    resetting.reset();
    await events.stopped(2);
    expect(events.reasons).toEqual(['peer-closed', 'reset']);
  });
});

describe.each(strategies)('a MessageHandler when its server drains: %s', (strategy) => {
  const Server = serverClass(strategy);

  class Polite extends Shout {
    override goodbye() {
      return this.send('bye');
    }
  }
  const listen = (Handler: typeof Shout) => Server.listen(anywhere, Handler, { clock: new ManualClock() });

  it('says good-bye and ends between two messages, with the reason finished', async () => {
    await using running = new RunningServer(await listen(Polite));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.send('hello\n');
    await peer.read(6);
    expect(await running.server.shutdown()).toMatchObject({ finished: 1, cut: [] });
    expect(await peer.readAll()).toBe('bye\n');
    expect(events.reasons).toEqual(['finished']);
  });

  it('waits for the rest of a message of which a part has come', async () => {
    await using running = new RunningServer(await listen(Polite));
    using peer = await running.connect();
    await peer.send('hello\nhal');
    await peer.read(6);
    const report = running.server.shutdown();
    await peer.send('f\n');
    expect(await peer.readAll()).toBe('HALF\nbye\n');
    expect(await report).toMatchObject({ finished: 1, cut: [] });
  });

  it('finishes the message that it handles', async () => {
    const entered = moment();
    const go = moment();
    class Slow extends Polite {
      override async onMessage(line: string) {
        entered.happen();
        await go;
        await super.onMessage(line);
      }
    }
    await using running = new RunningServer(await listen(Slow));
    using peer = await running.connect();
    await peer.send('hello\n');
    await entered;
    const report = running.server.shutdown();
    go.happen();
    expect(await peer.readAll()).toBe('HELLO\nbye\n');
    expect(await report).toMatchObject({ finished: 1, cut: [] });
  });

  it('still calls it a protocol error when the peer ends in the middle of a message', async () => {
    const { Forgiving, errors } = forgiving();
    await using running = new RunningServer(await listen(Forgiving));
    using peer = await running.connect();
    await peer.send('hello\nhal');
    await peer.read(6);
    const report = running.server.shutdown();
    await peer.end().ending();
    expect(await report).toMatchObject({ finished: 1 });
    expect(errors).toMatchObject([{ code: 'ERR_TRUNCATED_MESSAGE' }]);
  });

  it('tells handleError() of a good-bye that fails, and ends', async () => {
    const failure = new RangeError('goodbye');
    class Rude extends Shout {
      override goodbye() {
        return Promise.reject(failure);
      }
    }
    await using running = new RunningServer(await listen(Rude));
    const handleError = jest.spyOn(running.server, 'handleError').mockImplementation(() => undefined);
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.send('hello\n');
    await peer.read(6);
    expect(await running.server.shutdown()).toMatchObject({ finished: 1 });
    expect(handleError.mock.calls.map(([error]) => error)).toEqual([failure]);
    expect(events.reasons).toEqual(['error']);
    await peer.ending();
  });

  it('waits for a good-bye that takes its time, even when another message comes meanwhile', async () => {
    const begun = moment();
    const go = moment();
    class Slow extends Shout {
      override async goodbye() {
        begun.happen();
        await go;
        await this.send('bye');
      }
    }
    await using running = new RunningServer(await listen(Slow));
    using peer = await running.connect();
    await peer.send('hello\n');
    await peer.read(6);
    const report = running.server.shutdown();
    await begun;
    await peer.send('more\n');
    expect(String(await peer.read(5))).toBe('MORE\n');
    go.happen();
    expect(await peer.readAll()).toBe('bye\n');
    expect(await report).toMatchObject({ finished: 1 });
  });

  it('is cut when it does not end in time', async () => {
    const clock = new ManualClock();
    await using running = new RunningServer(await Server.listen(anywhere, Shout, { clock, drainTimeout: 500 }));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.send('hello\nhal');
    await peer.read(6);
    const report = running.server.shutdown();
    clock.advance(500);
    expect(await report).toMatchObject({ finished: 0, cut: [{ clientAddress: peer.address }] });
    expect(events.reasons).toEqual(['shutdown']);
    expect(events.requestErrors).toEqual([]);
    await peer.ending();
  });
});
