import { RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import { type Address, AsyncMixIn, BaseRequestHandler, TCPServer } from '../src';
import { Echo, holding } from './handlers';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

describe('AsyncMixIn', () => {
  it('serves clients beside each other', async () => {
    let entered = 0;
    const all = moment();
    class Meeting extends BaseRequestHandler {
      override async handle() {
        if ((entered += 1) === 50) all.happen();
        await all;
        await this.request.sendall('met');
      }
    }
    class Server extends AsyncMixIn(TCPServer) {}
    await using running = new RunningServer(await Server.listen(anywhere, Meeting));
    const peers = await Promise.all(Array.from({ length: 50 }, () => running.connect()));
    expect(await Promise.all(peers.map((peer) => peer.readAll()))).toEqual(peers.map(() => 'met'));
    for (const peer of peers) peer[Symbol.dispose]();
  });

  it('can be mixed into a server of someone’s own, whose fields and hooks it keeps', async () => {
    class Picky extends TCPServer {
      override requestQueueSize = 7;
      override verifyRequest() {
        return this.activeConnections <= 1;
      }
    }
    class Server extends AsyncMixIn(Picky) {}
    const { Holding, entered, release } = holding();
    const server = await Server.listen(anywhere, Holding);
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    expect(server.requestQueueSize).toBe(7);
    expect(server.concurrent).toBe(true);
    using first = await running.connect();
    await entered;
    using second = await running.connect();
    expect(await second.ending()).toBe('end');
    await events.stopped(1);
    expect(events.reasons).toEqual(['refused']);
    release.happen();
    expect(await first.readAll()).toBe('released');
  });

  it('has one place that each request passes through from beginning to end', async () => {
    const log: string[] = [];
    class Server extends AsyncMixIn(TCPServer) {
      override async processRequestTask(
        ...args: Parameters<InstanceType<ReturnType<typeof AsyncMixIn>>['processRequestTask']>
      ) {
        log.push('begin');
        await super.processRequestTask(...args);
        log.push('end');
      }
    }
    await using running = new RunningServer(await Server.listen(anywhere, Echo));
    using peer = await running.connect();
    await peer.end().ending();
    await new Promise(setImmediate);
    expect(log).toEqual(['begin', 'end']);
  });
});
