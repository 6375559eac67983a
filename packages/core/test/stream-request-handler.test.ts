import { RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import {
  BrokenPipeError,
  ManualClock,
  StreamRequestHandler,
  TCPServer,
  TimeoutError,
  serverClass,
  strategies,
} from '../src';
import { Echo, serveOne } from './handlers';

expectNoLeaks();

describe('wfile', () => {
  it('writes at once, without flush, and gives the number of bytes', async () => {
    const go = moment();
    await using one = await serveOne(async ({ wfile }) => {
      const lengths = [await wfile.write('olá'), await wfile.write(Buffer.from('!'))];
      await go;
      return lengths;
    });
    expect(String(await one.peer.read(5))).toBe('olá!');
    go.happen();
    expect(await one.result).toEqual([4, 1]);
  });

  it('writes all of a huge block, to a peer that is slow to read', async () => {
    const size = 20_000_000;
    await using one = await serveOne(({ wfile }) => wfile.write(Buffer.alloc(size, 'x')));
    expect(await one.peer.read(size)).toHaveLength(size);
    expect(await one.result).toBe(size);
  });

  it('collects with a wbufsize, until that many bytes are there or flush() is called', async () => {
    await using one = await serveOne(
      async ({ wfile, connection }) => {
        const sent: number[] = [];
        expect(await wfile.write('12345')).toBe(5);
        sent.push(connection.bytesWritten);
        await wfile.write('67890');
        sent.push(connection.bytesWritten);
        await wfile.write('abc');
        sent.push(connection.bytesWritten);
        await wfile.flush();
        await wfile.flush();
        sent.push(connection.bytesWritten);
        return sent;
      },
      { wbufsize: 8 },
    );
    expect(await one.peer.readAll()).toBe('1234567890abc');
    expect(await one.result).toEqual([0, 10, 10, 13]);
  });

  it('keeps a copy of what it collects', async () => {
    await using one = await serveOne(
      async ({ wfile }) => {
        const buffer = Buffer.from('before');
        await wfile.write(buffer);
        buffer.fill('x');
      },
      { wbufsize: -1 },
    );
    expect(await one.peer.readAll()).toBe('before');
  });

  it('sends what it has collected when the handler finishes, also after an error', async () => {
    await using one = await serveOne(
      async ({ wfile }) => {
        await wfile.write('almost done');
        throw new RangeError('handle');
      },
      { wbufsize: -1 },
    );
    expect(await one.peer.readAll()).toBe('almost done');
    await expect(one.result).rejects.toThrow(RangeError);
  });

  it('does not mind when the peer has gone before the rest is sent', async () => {
    const written = moment();
    const go = moment();
    await using one = await serveOne(
      async ({ wfile, connection }) => {
        await wfile.write('never read');
        written.happen();
        await go;
        await connection.recv(1).catch(() => undefined);
      },
      { wbufsize: -1 },
    );
    using events = new RecordedEvents(one.server);
    await written;
    one.peer.reset();
    go.happen();
    await events.stopped(1);
    expect(events.requestErrors).toEqual([]);
  });

  it('throws when this side has ended the stream', async () => {
    await using one = await serveOne(async ({ wfile, connection }) => {
      connection.shutdown(1);
      await wfile.write('too late');
    });
    await expect(one.result).rejects.toThrow(BrokenPipeError);
  });
});

describe('the settings of a StreamRequestHandler', () => {
  it('has a timeout for each receive; the connection survives it', async () => {
    const clock = new ManualClock();
    const waiting = moment();
    class Patient extends StreamRequestHandler {
      override timeout = 300;
      override async handle() {
        const reading = this.rfile.readline();
        waiting.happen();
        await expect(reading).rejects.toThrow(TimeoutError);
        await this.wfile.write('too slow');
      }
    }
    await using running = new RunningServer(await TCPServer.listen(['127.0.0.1', 0], Patient, { clock }));
    using peer = await running.connect();
    await waiting;
    clock.advance(300);
    expect(await peer.readAll()).toBe('too slow');
  });

  it('turns off the delay of small writes if told so', async () => {
    for (const disableNagleAlgorithm of [true, false]) {
      const asked: unknown[] = [];
      class Watching extends StreamRequestHandler {
        override disableNagleAlgorithm = disableNagleAlgorithm;
        override setup() {
          this.request.setNoDelay = (isOn) => void asked.push(isOn);
          return super.setup();
        }
      }
      await using running = new RunningServer(await TCPServer.listen(['127.0.0.1', 0], Watching));
      using peer = await running.connect();
      await peer.ending();
      expect(asked).toEqual(disableNagleAlgorithm ? [true] : []);
    }
  });
});

describe.each(strategies)('a StreamRequestHandler when its server drains: %s', (strategy) => {
  const Server = serverClass(strategy);

  /** An echo that says good-bye. */
  class Polite extends Echo {
    override async goodbye() {
      await this.wfile.write('bye\n');
    }
  }

  it('says good-bye and ends between two lines', async () => {
    await using running = new RunningServer(
      await Server.listen(['127.0.0.1', 0], Polite, { clock: new ManualClock() }),
    );
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.send('hello\n');
    await peer.read(6);
    expect(await running.server.shutdown()).toMatchObject({ finished: 1, cut: [] });
    expect(await peer.readAll()).toBe('bye\n');
    expect(events.reasons).toEqual(['finished']);
  });

  it('finishes a line of which a part has come, then says good-bye', async () => {
    await using running = new RunningServer(
      await Server.listen(['127.0.0.1', 0], Polite, { clock: new ManualClock() }),
    );
    using peer = await running.connect();
    await peer.send('hello\nhal');
    await peer.read(6);
    const report = running.server.shutdown();
    await peer.send('f a line\nnot any more\n');
    expect(await peer.readAll()).toBe('half a line\nbye\n');
    expect(await report).toMatchObject({ finished: 1, cut: [] });
  });

  it('finishes what it does, then says good-bye', async () => {
    const entered = moment();
    const go = moment();
    class Slow extends Polite {
      override async handle() {
        for await (const line of this.rfile) {
          entered.happen();
          await go;
          await this.wfile.write(line);
        }
      }
    }
    await using running = new RunningServer(await Server.listen(['127.0.0.1', 0], Slow, { clock: new ManualClock() }));
    using peer = await running.connect();
    await peer.send('hello\n');
    await entered;
    const report = running.server.shutdown();
    go.happen();
    expect(await peer.readAll()).toBe('hello\nbye\n');
    expect(await report).toMatchObject({ finished: 1 });
  });

  it('is not disturbed while its setup() runs', async () => {
    const entered = moment();
    const go = moment();
    class SlowSetup extends Polite {
      override async setup() {
        entered.happen();
        await go;
        await super.setup();
      }
    }
    await using running = new RunningServer(
      await Server.listen(['127.0.0.1', 0], SlowSetup, { clock: new ManualClock() }),
    );
    using peer = await running.connect();
    await entered;
    const report = running.server.shutdown();
    go.happen();
    expect(await peer.readAll()).toBe('bye\n');
    expect(await report).toMatchObject({ finished: 1 });
  });
});
