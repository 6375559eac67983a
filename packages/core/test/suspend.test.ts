import { Peer, RecordedEvents, expectNoLeaks } from '@socketserver/testing';

import { type Address, ManualClock, serverClass, strategies } from '../src';
import { Echo, holding } from './handlers';
import { Serving, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

async function expectEcho(peer: Peer) {
  await peer.send('hello\n');
  expect(await peer.end().readAll()).toBe('hello\n');
}

describe.each(strategies)('suspend() and resume(): %s', (strategy) => {
  const Server = serverClass(strategy);

  it('leave new clients in the backlog with all that they send, and serve every one of them afterwards', async () => {
    await using test = new Serving(await Server.listen(anywhere, Echo));
    using served = await test.connect();
    await expectEcho(served);
    test.server.suspend();
    expect(test.server.isSuspended).toBe(true);
    const waiting = await Promise.all(Array.from({ length: 20 }, () => test.connect()));
    for (const [index, peer] of waiting.entries()) {
      await peer.send(`${index}\n`);
      peer.end();
    }
    await settle();
    expect(test.events.starts).toHaveLength(1);
    // Without a gate they wait accepted.
    const { socket } = test.server;
    expect(socket.readable).toBe(!socket.gate.hasGate);
    test.server.resume();
    expect(test.server.isSuspended).toBe(false);
    expect(await Promise.all(waiting.map((peer) => peer.readAll()))).toEqual(waiting.map((_, index) => `${index}\n`));
    await test.events.stopped(21);
    for (const peer of waiting) peer[Symbol.dispose]();
  });

  it('leave as many of them there as requestQueueSize says', async () => {
    await using test = new Serving(await Server.listen(anywhere, Echo));
    using served = await test.connect();
    await expectEcho(served);
    test.server.suspend();
    // More than Node's own 511.
    const waiting = await Promise.all(Array.from({ length: 700 }, () => test.connect()));
    for (const peer of waiting) peer.end();
    test.server.resume();
    await test.events.stopped(701);
    for (const peer of waiting) peer[Symbol.dispose]();
  });

  it('let a request that runs go on', async () => {
    await using test = new Serving(await Server.listen(anywhere, Echo));
    using peer = await test.connect();
    await peer.send('one\n');
    await peer.read(4);
    test.server.suspend();
    for (const text of ['two\n', 'three\n']) {
      await peer.send(text);
      expect(String(await peer.read(text.length))).toBe(text);
    }
    expect(await peer.end().ending()).toBe('end');
  });

  it('are idempotent', async () => {
    await using test = new Serving(await Server.listen(anywhere, Echo));
    test.server.resume();
    test.server.suspend();
    test.server.suspend();
    test.server.resume();
    test.server.resume();
    using peer = await test.connect();
    await expectEcho(peer);
    test.server.suspend();
    using next = await test.connect();
    await settle();
    expect(test.events.starts).toHaveLength(1);
    test.server.resume();
    await expectEcho(next);
  });

  it('work before the server serves, and before it is bound', async () => {
    const server = new Server(anywhere, Echo);
    server.suspend();
    await server.serverBind();
    await server.serverActivate();
    await using test = new Serving(server);
    using peer = await test.connect();
    await settle();
    expect(test.events.starts).toEqual([]);
    server.resume();
    await expectEcho(peer);
  });

  it('outlast the end of serving: the server is still suspended when it serves again', async () => {
    await using server = await Server.listen(anywhere, Echo);
    server.suspend();
    const done = server.serveForever();
    await server.shutdown();
    await done;
    await using test = new Serving(server);
    using peer = await test.connect();
    await settle();
    expect(test.events.starts).toEqual([]);
    server.resume();
    await expectEcho(peer);
  });

  it('can be shut down while suspended, and drain what runs', async () => {
    const clock = new ManualClock();
    const { Holding, entered, release } = holding();
    await using test = new Serving(await Server.listen(anywhere, Holding, { clock }));
    using peer = await test.connect();
    await entered;
    test.server.suspend();
    const report = test.server.shutdown();
    release.happen();
    expect(await report).toEqual({ durationMs: 0, finished: 1, cut: [] });
    await test.running.done;
    expect(await peer.readAll()).toBe('released');
  });

  it('make handleRequest() time out, although a client waits', async () => {
    const clock = new ManualClock();
    await using server = await Server.listen(anywhere, Echo, { clock });
    using events = new RecordedEvents(server);
    server.timeout = 300;
    server.handleTimeout = () => 'nobody';
    server.suspend();
    using peer = await Peer.connect(server.serverAddress);
    const handled = server.handleRequest();
    await settle();
    clock.advance(300);
    expect(await handled).toBe('nobody');
    server.timeout = 0;
    expect(await server.handleRequest()).toBe('nobody');
    expect(events.starts).toEqual([]);
    server.timeout = null;
    const served = server.handleRequest();
    await settle();
    server.resume();
    await expectEcho(peer);
    await served;
    await events.stopped(1);
  });
});
