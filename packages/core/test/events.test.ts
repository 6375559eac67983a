import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { lines } from '@socketserver/framing';
import { type Peer, RecordedEvents, RunningServer, expectNoLeaks } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  ManualClock,
  MessageHandler,
  type RequestHandlerClass,
  type Socket,
  SocketError,
  channels,
  serverClass,
  strategies,
} from '../src';
import { Echo } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

class Lines extends MessageHandler<string> {
  override readonly codec = lines({ maxLength: 10 });
  override onMessage() {}
}
class Receiving extends BaseRequestHandler {
  override async handle() {
    while ((await this.request.recv(100)).length > 0);
  }
}
class Swallowing extends Receiving {
  override handle() {
    return super.handle().catch(() => undefined);
  }
}
class Throwing extends BaseRequestHandler {
  override handle(): never {
    throw new RangeError('handle');
  }
}
class ThrowingSocketError extends BaseRequestHandler {
  override handle(): never {
    throw new SocketError('recv: no', 'EPROTO');
  }
}

describe('channels', () => {
  it('have the documented names', () => {
    expect(channels).toEqual({
      serverStart: 'socketserver:server:start',
      serverStop: 'socketserver:server:stop',
      serverError: 'socketserver:server:error',
      connectionStart: 'socketserver:connection:start',
      connectionStop: 'socketserver:connection:stop',
      requestError: 'socketserver:request:error',
      workerStart: 'socketserver:worker:start',
      workerStop: 'socketserver:worker:stop',
      workerError: 'socketserver:worker:error',
    });
  });
});

describe.each(strategies)('the events of a connection: %s', (strategy) => {
  const Server = serverClass(strategy);

  it.each<[reason: string, Handler: RequestHandlerClass<Socket>, end: (peer: Peer) => unknown, error: unknown]>([
    ['finished', BaseRequestHandler, () => undefined, undefined],
    ['peer-closed', Receiving, (peer) => peer.end(), undefined],
    ['reset', Receiving, (peer) => peer.reset(), { code: 'ECONNRESET' }],
    ['reset', Swallowing, (peer) => peer.reset(), undefined],
    ['error', Throwing, () => undefined, { message: 'handle' }],
    ['error', ThrowingSocketError, () => undefined, { code: 'EPROTO' }],
    ['protocol-error', Lines, (peer) => peer.send('x'.repeat(20)), { code: 'ERR_MESSAGE_TOO_LONG' }],
  ])('are one start and one stop with the reason %s', async (reason, Handler, end, error) => {
    const server = await Server.listen(anywhere, Handler);
    server.handleError = () => undefined;
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await running.connect();
    const clientAddress = peer.address;
    await events.started(1);
    await end(peer);
    await events.stopped(1);
    await server.serverClose();
    await running.done;
    expect(events.starts).toEqual([{ server, id: 1, clientAddress }]);
    expect(events.stops).toEqual([
      {
        server,
        id: 1,
        clientAddress,
        reason,
        error: error === undefined ? undefined : (expect.objectContaining(error) as unknown),
        durationMs: expect.any(Number) as number,
        bytesRead: expect.any(Number) as number,
        bytesWritten: 0,
      },
    ]);
  });

  it('are one start and one stop for a request that is refused', async () => {
    const server = await Server.listen(anywhere, Echo);
    server.verifyRequest = () => false;
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await running.connect();
    await peer.ending();
    await events.stopped(1);
    expect(events.starts).toHaveLength(1);
    expect(events.stops).toMatchObject([{ reason: 'refused', bytesRead: 0, bytesWritten: 0 }]);
  });

  it('tell how long it took and how many bytes went each way', async () => {
    const clock = new ManualClock();
    const server = await Server.listen(anywhere, Echo, { clock });
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await running.connect();
    await peer.send('hello\n');
    await peer.read(6);
    clock.advance(1234);
    await peer.send('!');
    await peer.end().ending();
    await events.stopped(1);
    expect(events.stops).toMatchObject([{ durationMs: 1234, bytesRead: 7, bytesWritten: 7 }]);
  });

  it('count connections from 1, and name the one whose handler threw', async () => {
    let count = 0;
    class ThrowingOnce extends BaseRequestHandler {
      override handle() {
        if ((count += 1) === 2) throw new RangeError('second');
      }
    }
    const server = await Server.listen(anywhere, ThrowingOnce);
    server.handleError = () => undefined;
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    const addresses: Address[] = [];
    for (let id = 1; id <= 3; id += 1) {
      using peer = await running.connect();
      addresses.push(peer.address);
      await peer.ending();
      await events.stopped(id);
    }
    expect(events.stops.map(({ id, reason }) => `${id} ${reason}`)).toEqual(['1 finished', '2 error', '3 finished']);
    expect(events.requestErrors).toEqual([
      { server, id: 2, clientAddress: addresses[1], error: expect.objectContaining({ message: 'second' }) as unknown },
    ]);
  });

  it('have the peer’s address still when it resets the connection at once', async () => {
    await using running = new RunningServer(await Server.listen(anywhere, Receiving));
    running.server.handleError = () => undefined;
    using events = new RecordedEvents(running.server);
    for (let count = 0; count < 20; count += 1) (await running.connect()).reset();
    using last = await running.connect();
    await last.end().ending();
    await running.server.serverClose();
    await running.done;
    // Some may have gone before they were accepted: those were never requests.
    expect(events.stops).toHaveLength(events.starts.length);
    for (const { clientAddress } of events.starts) expect(clientAddress).toEqual(['127.0.0.1', expect.any(Number)]);
    expect(events.serverErrors).toEqual([]);
  });
});

describe('a channel', () => {
  it('is not told of anything while nobody listens, and a listener comes and goes as it likes', async () => {
    await using running = new RunningServer(await serverClass('async').listen(anywhere, Echo));
    const stops: unknown[] = [];
    const listener = (event: unknown): void => void stops.push(event);
    using first = await running.connect();
    await first.end().ending();
    subscribe(channels.connectionStop, listener);
    using second = await running.connect();
    await second.end().ending();
    unsubscribe(channels.connectionStop, listener);
    using third = await running.connect();
    await third.end().ending();
    expect(stops).toMatchObject([{ id: 2 }]);
  });
});
