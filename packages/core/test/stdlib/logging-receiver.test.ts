import { Peer, RecordedEvents, expectNoLeaks, until } from '@socketserver/testing';

import { ManualClock, StreamRequestHandler, serverClass, strategies } from '@socketserver/core';
import { runPython } from './run-program';

expectNoLeaks();

interface LogRecord {
  readonly name: string;
  readonly level: string;
  readonly message: string;
}

const MAX_RECORD = 1024 * 1024;

// `logging.config.listen` and the receiver of Python's logging cookbook.
describe.each(strategies)('a receiver of log records with a loop of its own (%s)', (strategy) => {
  class LogReceiver extends serverClass(strategy, 'tcp') {
    override timeout = 1000;
    // Python's is `abort`, which is a method here.
    isStopped = false;
    readonly records: LogRecord[] = [];

    async serveUntilStopped() {
      while (!this.isStopped) await this.handleRequest();
      await this.serverClose();
    }
  }

  class LogHandler extends StreamRequestHandler {
    declare server: LogReceiver;

    override async handle() {
      for (;;) {
        const head = await this.rfile.read(4);
        if (head.length < 4) return;
        const length = head.readUInt32BE();
        if (length > MAX_RECORD) return;
        const payload = await this.rfile.read(length);
        if (payload.length < length) return;
        this.server.records.push(JSON.parse(payload.toString()) as LogRecord);
      }
    }
  }

  it("takes the records of Python's SocketHandler, until its flag is set", async () => {
    const clock = new ManualClock();
    await using receiver = await LogReceiver.listen(['127.0.0.1', 0], LogHandler, { clock });
    using events = new RecordedEvents(receiver);
    let isOver = false;
    const served = receiver.serveUntilStopped().then(() => (isOver = true));
    const port = receiver.serverAddress[1];
    await Promise.all(['kitchen', 'garden'].map((name) => runPython('logging_client.py', [port, name])));
    await events.stopped(2);
    for (const name of ['kitchen', 'garden']) {
      expect(receiver.records.filter((record) => record.name === name)).toEqual([
        { name, level: 'INFO', message: 'started' },
        { name, level: 'WARNING', message: 'temperature 40.2' },
        { name, level: 'ERROR', message: 'x'.repeat(100_000) },
      ]);
    }
    expect(events.reasons).toEqual(['peer-closed', 'peer-closed']);
    receiver.isStopped = true;
    await until(() => {
      clock.advance(receiver.timeout);
      return isOver;
    });
    await served;
    expect(receiver.fileno()).toBe(-1);
  });

  it('looks at its flag whenever nobody came for a second', async () => {
    const clock = new ManualClock();
    class Counting extends LogReceiver {
      timeouts = 0;
      override handleTimeout() {
        this.timeouts += 1;
        this.isStopped = this.timeouts === 3;
      }
    }
    await using receiver = await Counting.listen(['127.0.0.1', 0], LogHandler, { clock });
    const served = receiver.serveUntilStopped();
    for (let second = 1; second <= 3; second += 1) {
      clock.advance(999);
      expect(receiver.timeouts).toBe(second - 1);
      clock.advance(1);
      await until(() => receiver.timeouts === second);
    }
    await served;
    expect(clock.now()).toBe(3000);
  });

  it('drops a client that announces more than a record can be', async () => {
    await using receiver = await LogReceiver.listen(['127.0.0.1', 0], LogHandler);
    using events = new RecordedEvents(receiver);
    using peer = await Peer.connect(receiver.serverAddress);
    await peer.send(Buffer.from('ffffffff', 'hex'));
    await receiver.handleRequest();
    expect(await peer.ending()).toBe('end');
    await events.stopped(1);
    expect(receiver.records).toEqual([]);
  });
});
