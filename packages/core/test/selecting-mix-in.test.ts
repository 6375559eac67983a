import { type Peer, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import { type Address, BaseRequestHandler, ManualClock, SelectingTCPServer, StreamRequestHandler } from '../src';
import { Echo } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** A selecting server that counts its turns, and lets a test wait for the end of one. */
class CountingServer extends SelectingTCPServer {
  turn = 0;
  idles = 0;
  #turned = moment();

  /** Resolves at the end of a turn that began after this call. */
  nextTurn(): Promise<void> {
    return (this.#turned = moment());
  }

  override serviceActions() {
    this.turn += 1;
    this.#turned.happen();
  }

  override handleIdle() {
    this.idles += 1;
  }
}

/** Sends without end, as fast as the kernel takes it, until the socket is closed. */
function flood(peer: Peer): void {
  const block = Buffer.alloc(65_536, 'x');
  const write = (): void => {
    while (!peer.socket.destroyed && peer.socket.write(block));
  };
  peer.socket.on('drain', write);
  write();
}

describe('SelectingMixIn', () => {
  it('lets each socket do at most one step in a turn, so that one that floods starves nobody', async () => {
    const steps: string[] = [];
    class Stepping extends BaseRequestHandler {
      declare server: CountingServer;
      override async handle() {
        const port = String(this.clientAddress[1]);
        for (;;) {
          const chunk = await this.request.recv(65_536);
          if (chunk.length === 0) return;
          steps.push(`${this.server.turn}: ${port}`);
          if (chunk.length === 1) await this.request.sendall(chunk);
        }
      }
    }
    await using running = new RunningServer(await CountingServer.listen(anywhere, Stepping));
    using flooder = await running.connect();
    flood(flooder);
    // They end only if they are served while the flood goes on.
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        using whisperer = await running.connect();
        for (let count = 0; count < 20; count += 1) {
          await whisperer.send('?');
          await whisperer.read(1);
        }
      }),
    );
    expect(new Set(steps).size).toBe(steps.length);
    const floodSteps = steps.filter((step) => step.endsWith(String(flooder.address[1])));
    expect(floodSteps.length).toBeGreaterThan(10);
  });

  it('calls serviceActions() when the steps of a turn are done', async () => {
    const log: string[] = [];
    class Logging extends BaseRequestHandler {
      override async handle() {
        for (;;) {
          const chunk = await this.request.recv(100);
          if (chunk.length === 0) return;
          await Promise.resolve();
          log.push('step');
          await this.request.sendall(chunk);
        }
      }
    }
    const server = await CountingServer.listen(anywhere, Logging, { clock: new ManualClock() });
    await using running = new RunningServer(server);
    using peer = await running.connect();
    const roundTrip = async (): Promise<void> => {
      const turned = server.nextTurn();
      await peer.send('x');
      await Promise.all([peer.read(1), turned]);
    };
    await roundTrip();
    await new Promise(setImmediate);
    log.length = 0;
    server.serviceActions = () => {
      log.push('serviceActions');
      CountingServer.prototype.serviceActions.call(server);
    };
    await roundTrip();
    expect(log).toEqual(['step', 'serviceActions']);
  });

  it('calls handleIdle() when nothing was ready for pollInterval, and not otherwise', async () => {
    const clock = new ManualClock();
    const server = await CountingServer.listen(anywhere, Echo, { clock });
    await using running = new RunningServer(server, { pollInterval: 500 });
    using peer = await running.connect();
    const roundTrip = async (): Promise<void> => {
      const turned = server.nextTurn();
      await peer.send('hello\n');
      await peer.read(6);
      await turned;
      // The loop is asleep again.
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    };
    await roundTrip();
    clock.advance(400);
    await roundTrip();
    clock.advance(400);
    expect(server.idles).toBe(0);

    const idle = server.nextTurn();
    clock.advance(100);
    await idle;
    await new Promise(setImmediate);
    expect(server.idles).toBe(1);

    await roundTrip();
    expect(server.idles).toBe(1);
  });

  it('waits for a handleIdle() that is asynchronous', async () => {
    const clock = new ManualClock();
    const begun = moment();
    const go = moment();
    let isOver = false;
    class Slow extends SelectingTCPServer {
      override async handleIdle() {
        begun.happen();
        await go;
        isOver = true;
      }
    }
    const server = await Slow.listen(anywhere, Echo, { clock });
    await using running = new RunningServer(server, { pollInterval: 500 });
    clock.advance(500);
    await begun;
    using peer = await running.connect();
    await peer.send('hello\n');
    go.happen();
    await peer.read(6);
    expect(isOver).toBe(true);
  });

  it('ends with what handleIdle() throws', async () => {
    const clock = new ManualClock();
    const failure = new RangeError('handleIdle');
    class Failing extends SelectingTCPServer {
      override handleIdle() {
        throw failure;
      }
    }
    await using running = new RunningServer(await Failing.listen(anywhere, Echo, { clock }));
    clock.advance(500);
    await expect(running.done).rejects.toBe(failure);
  });

  it('lets handlers read all that is there when it drains', async () => {
    const size = 1_000_000;
    const counted = moment<number>();
    const begun = moment();
    class Counting extends StreamRequestHandler {
      override async handle() {
        let count = (await this.rfile.read(1)).length;
        begun.happen();
        for (let part = await this.rfile.read(100); part.length > 0; part = await this.rfile.read(100)) {
          count += part.length;
        }
        counted.happen(count);
      }
    }
    await using running = new RunningServer(await SelectingTCPServer.listen(anywhere, Counting));
    using peer = await running.connect();
    const sent = peer.send(Buffer.alloc(size));
    await begun;
    const report = running.server.shutdown();
    await sent;
    peer.end();
    expect(await counted).toBe(size);
    expect(await report).toMatchObject({ finished: 1, cut: [] });
  });
});
