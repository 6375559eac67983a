import { RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import { ManualClock, SelectingTCPServer, type Socket, StreamRequestHandler } from '../src';

expectNoLeaks();

it('gives a receive the bytes that have come, though its turn comes after its timeout', async () => {
  const clock = new ManualClock();
  const got = moment<string>();
  const waiting = moment<Socket>();
  class Timed extends StreamRequestHandler {
    override timeout = 1000;
    override async handle() {
      waiting.happen(this.request);
      got.happen(await this.rfile.readline().then(String, String));
    }
  }
  const server = await SelectingTCPServer.listen(['127.0.0.1', 0], Timed, { clock });
  await using running = new RunningServer(server);
  using peer = await running.connect();
  const socket = await waiting;
  // In the same event in which they come, before the turn: what a handler that computes for long does to another.
  const isReceiving = new Promise<void>((resolve) =>
    socket.watch(() => {
      if (socket.buffered === 0) return;
      clock.advance(1000);
      resolve();
    }),
  );
  await peer.send('hello\n');
  await isReceiving;
  expect(await got).toBe('hello\n');
});
