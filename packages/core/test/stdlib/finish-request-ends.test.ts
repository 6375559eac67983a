import { Peer, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  ManualClock,
  type Socket,
  StreamRequestHandler,
  serverClass,
  strategies,
} from '@socketserver/core';

expectNoLeaks();

class Echo extends StreamRequestHandler {
  override async handle() {
    for await (const line of this.rfile) await this.wfile.write(line);
  }
}

describe.each(strategies)('a handler that a finishRequest() of one’s own has made (%s)', (strategy) => {
  function making(Handler: new () => StreamRequestHandler) {
    const made = moment();
    class Making extends serverClass(strategy, 'tcp') {
      override finishRequest(request: Socket, clientAddress: Address) {
        const handler = Object.assign(new Handler(), { request, clientAddress, server: this });
        made.happen();
        return handler.run();
      }
    }
    return { Making, made };
  }

  it('is told when the server drains', async () => {
    const { Making, made } = making(Echo);
    const server = await Making.listen(['127.0.0.1', 0], Echo, { clock: new ManualClock() });
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await made;
    expect((await running.server.shutdown()).finished).toBe(1);
    expect(await peer.ending()).toBe('end');
  });

  it('can await the shutdown of its server', async () => {
    class ShutDown extends StreamRequestHandler {
      override async handle() {
        await this.server.shutdown();
        await this.wfile.write('down\n');
      }
    }
    const { Making } = making(ShutDown);
    const server = await Making.listen(['127.0.0.1', 0], ShutDown, { clock: new ManualClock() });
    await using running = new RunningServer(server);
    using peer = await Peer.connect(running.address);
    expect(await peer.readAll()).toBe('down\n');
  });
});
