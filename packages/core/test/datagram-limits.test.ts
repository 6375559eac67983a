import { expectNoLeaks, moment, until } from '@socketserver/testing';

import { type Address, DatagramRequestHandler, serverClass, strategies } from '../src';
import { Serving, UdpPeer, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** Handlers that answer when the test lets them. */
function answering() {
  const release = moment();
  class Answering extends DatagramRequestHandler {
    override async handle() {
      await release;
      await this.wfile.write(this.packet);
    }
  }
  return { Answering, release };
}

describe.each(['async', 'selecting'] as const)('limits of datagrams: %s', (strategy) => {
  const Server = serverClass(strategy, 'udp');

  it('are 1024 at a time unless told otherwise; more wait in the queue', async () => {
    const { Answering, release } = answering();
    await using test = new Serving(await Server.listen(anywhere, Answering));
    using peer = await UdpPeer.to(test.server.serverAddress);
    // In parts that the kernel's buffer holds.
    for (let sent = 0; sent < 1024; sent += 64) {
      for (let count = 0; count < 64; count += 1) await peer.send('x');
      await test.events.started(sent + 64);
    }
    for (let count = 0; count < 10; count += 1) await peer.send('late');
    await settle();
    expect(test.server.activeConnections).toBe(1024);
    expect(test.events.starts).toHaveLength(1024);
    release.happen();
    await test.events.stopped(1034);
    expect(new Set(test.events.reasons)).toEqual(new Set(['finished']));
  });

  it('let datagrams wait in their order with a queue', async () => {
    const { Answering, release } = answering();
    await using test = new Serving(await Server.listen(anywhere, Answering, { maxConnections: 1 }));
    using peer = await UdpPeer.to(test.server.serverAddress);
    for (const text of ['1', '2', '3']) await peer.send(text);
    await test.events.started(1);
    await settle();
    expect(test.events.starts).toHaveLength(1);
    release.happen();
    expect([await peer.receive(), await peer.receive(), await peer.receive()]).toEqual(['1', '2', '3']);
  });

  it('drop datagrams that are too many without one, with the reason limit', async () => {
    const { Answering, release } = answering();
    const options = { maxConnections: 1, overflow: 'reject' } as const;
    await using test = new Serving(await Server.listen(anywhere, Answering, options));
    using peer = await UdpPeer.to(test.server.serverAddress);
    for (const text of ['1', '22', '333']) await peer.send(text);
    await test.events.stopped(2);
    expect(test.events.stops).toMatchObject([
      { id: 2, reason: 'limit', bytesRead: 2 },
      { id: 3, reason: 'limit', bytesRead: 3 },
    ]);
    release.happen();
    expect(await peer.receive()).toBe('1');
    await test.events.stopped(3);
  });

  it('let a handler answer those that are too many', async () => {
    const { Answering, release } = answering();
    class Busy extends DatagramRequestHandler {
      override async handle() {
        await this.wfile.write('busy');
      }
    }
    await using test = new Serving(await Server.listen(anywhere, Answering, { maxConnections: 1, overflow: Busy }));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('1');
    await test.events.started(1);
    await peer.send('2');
    expect(await peer.receive()).toBe('busy');
    release.happen();
    expect(await peer.receive()).toBe('1');
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['limit', 'finished']);
  });

  it('count the datagrams of each host', async () => {
    const { Answering, release } = answering();
    await using test = new Serving(await Server.listen(anywhere, Answering, { maxConnectionsPerAddress: 1 }));
    using one = await UdpPeer.to(test.server.serverAddress);
    using two = await UdpPeer.to(test.server.serverAddress);
    await one.send('1');
    await test.events.started(1);
    await two.send('2');
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'limit', clientAddress: two.address }]);
    release.happen();
    await test.events.stopped(2);
    await two.send('3');
    expect(await two.receive()).toBe('3');
  });
});

describe.each(strategies)('datagrams while a server is suspended: %s', (strategy) => {
  it('wait in the queue, and are served in their order afterwards', async () => {
    const { Answering, release } = answering();
    release.happen();
    await using test = new Serving(await serverClass(strategy, 'udp').listen(anywhere, Answering));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('before');
    expect(await peer.receive()).toBe('before');
    test.server.suspend();
    for (const text of ['1', '2', '3']) await peer.send(text);
    await settle();
    expect(test.events.starts).toHaveLength(1);
    test.server.resume();
    expect([await peer.receive(), await peer.receive(), await peer.receive()]).toEqual(['1', '2', '3']);
    await until(() => test.server.activeConnections === 0);
  });
});
