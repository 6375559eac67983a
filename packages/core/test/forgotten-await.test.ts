import { lines } from '@socketserver/framing';
import { RecordedEvents, RunningServer, expectNoLeaks, until } from '@socketserver/testing';

import {
  BaseRequestHandler,
  MessageHandler,
  type RequestHandlerClass,
  type Socket,
  StreamRequestHandler,
  serverClass,
  strategies,
} from '../src';

expectNoLeaks();

/** What would end the process, if this were not a test. */
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => process.on('unhandledRejection', note));
afterAll(() => process.off('unhandledRejection', note));
afterEach(() => expect(unhandled.splice(0)).toEqual([]));

const block = Buffer.alloc(60_000);

class Writes extends StreamRequestHandler {
  override async handle() {
    for await (const _line of this.rfile) for (let n = 0; n < 200; n += 1) void this.wfile.write(block);
  }
}

class Sends extends BaseRequestHandler {
  override async handle() {
    for (;;) {
      const data = await this.request.recv(100);
      if (data.length === 0) return;
      for (let n = 0; n < 200; n += 1) void this.request.sendall(block);
    }
  }
}

class Messages extends MessageHandler<string> {
  override readonly codec = lines();
  override onMessage() {
    for (let n = 0; n < 2000; n += 1) void this.send('x'.repeat(6000));
  }
}

class Twice extends BaseRequestHandler {
  override async handle() {
    const first = this.request.recv(10);
    void this.request.recv(10);
    await first;
  }
}

class Receives extends BaseRequestHandler {
  override async handle() {
    void this.request.recvExactly(1000);
    await new Promise(setImmediate);
    this.request.close();
    void this.request.recv(1);
  }
}

class ReceivesAndLeaves extends BaseRequestHandler {
  override handle() {
    void this.request.recv(1000);
  }
}

class ReadsAndLeaves extends StreamRequestHandler {
  override handle() {
    void this.rfile.readline();
    void this.rfile.read(1000);
  }
}

const forgetful = [Writes, Sends, Messages, Twice, Receives, ReceivesAndLeaves, ReadsAndLeaves];

describe.each(strategies)('a handler that forgets to await (%s)', (strategy) => {
  it.each(forgetful)('costs its own connection, not the process: %p', async (Handler: RequestHandlerClass<Socket>) => {
    const server = await serverClass(strategy).listen(['127.0.0.1', 0], Handler);
    server.handleError = () => undefined;
    using events = new RecordedEvents(server);
    await using running = new RunningServer(server);
    for (let client = 0; client < 3; client += 1) {
      using peer = await running.connect();
      await peer.send('hi\n');
      await events.started(client + 1);
      peer.reset();
      await events.stopped(client + 1);
    }
    // A rejection counts as unhandled one turn of the event loop after it happened.
    await new Promise(setImmediate);
  });

  it('and writes when the connection is over, hurts nobody', async () => {
    let late: Promise<number> | undefined;
    class Late extends StreamRequestHandler {
      override handle() {
        setImmediate(() => {
          late = this.wfile.write('late');
        });
      }
    }
    const server = await serverClass(strategy).listen(['127.0.0.1', 0], Late);
    await using running = new RunningServer(server);
    using _peer = await running.connect();
    await until(() => late !== undefined);
    await new Promise(setImmediate);
    await expect(late).rejects.toMatchObject({ code: 'EBADF' });
  });
});
