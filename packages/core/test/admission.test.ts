import { BlockList } from 'node:net';

import { expectNoLeaks } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  type InetAddress,
  type ServerOptions,
  UnixStreamServer,
  serverClass,
  strategies,
} from '../src';
import { Echo } from './handlers';
import { Serving, Staying, UdpPeer, connectFrom } from './serving';
import { temporaryFolder } from './temporary-folder';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** A list with one network in it. */
function list(network: string, prefix: number, family: 'ipv4' | 'ipv6' = 'ipv4'): BlockList {
  const addresses = new BlockList();
  addresses.addSubnet(network, prefix, family);
  return addresses;
}
const loopback = list('127.0.0.0', 8);
const elsewhere = list('10.0.0.0', 8);

describe.each(['async', 'selecting'] as const)('maxConnectionsPerAddress: %s', (strategy) => {
  const Server = serverClass(strategy);

  it.each(['queue', 'reject'] as const)(
    'closes what one host has too many, and serves others: %s',
    async (overflow) => {
      const server = await Server.listen(anywhere, Staying, { maxConnectionsPerAddress: 2, overflow });
      await using test = new Serving(server);
      using first = await test.connect();
      using second = await test.connect();
      await first.read(2);
      await second.read(2);
      using third = await test.connect();
      expect(await third.readAll()).toBe('');
      await test.events.stopped(1);
      expect(test.events.stops).toMatchObject([{ reason: 'limit', clientAddress: third.address }]);

      const other = await connectFrom('127.0.0.2', server.serverAddress as InetAddress);
      expect(
        String(
          await other
            .iterator({ destroyOnReturn: false })
            .next()
            .then(({ value }) => value as Buffer),
        ),
      ).toBe('in');
      other.destroy();
      await test.events.stopped(2);

      first.end();
      await test.events.stopped(3);
      using next = await test.connect();
      expect(String(await next.read(2))).toBe('in');
    },
  );

  it('tells them by the overflow handler', async () => {
    class Busy extends BaseRequestHandler {
      override handle() {
        return this.request.sendall('busy');
      }
    }
    const options = { maxConnectionsPerAddress: 1, overflow: Busy };
    await using test = new Serving(await Server.listen(anywhere, Staying, options));
    using first = await test.connect();
    await first.read(2);
    using second = await test.connect();
    expect(await second.readAll()).toBe('busy');
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['limit']);
  });

  it('takes an IPv4 client of a dual-stack listener for its own host', async () => {
    const options = { maxConnectionsPerAddress: 1, dualStack: true };
    await using test = new Serving(await Server.listen(['::ffff:127.0.0.1', 0], Staying, options));
    const at: InetAddress = ['127.0.0.1', (test.server.serverAddress as InetAddress)[1]];
    const first = await connectFrom('127.0.0.1', at);
    const second = await connectFrom('127.0.0.1', at);
    const { localPort } = second;
    const third = await connectFrom('127.0.0.2', at);
    await test.events.started(3);
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'limit', clientAddress: ['::ffff:127.0.0.1', localPort] }]);
    expect(test.server.activeConnections).toBe(2);
    for (const socket of [first, second, third]) socket.destroy();
    await test.events.stopped(3);
  });
});

describe.each(strategies)('the lists allow and deny: %s', (strategy) => {
  const Server = serverClass(strategy);

  it.each<[what: string, options: ServerOptions]>([
    ['allow has it', { allow: loopback }],
    ['deny does not have it', { deny: elsewhere }],
    ['allow has it, and deny does not', { allow: loopback, deny: elsewhere }],
  ])('let a client in if %s', async (_what, options) => {
    await using test = new Serving(await Server.listen(anywhere, Echo, options));
    using peer = await test.connect();
    await peer.send('hello\n');
    expect(await peer.end().readAll()).toBe('hello\n');
  });

  it.each<[what: string, options: ServerOptions]>([
    ['allow does not have it', { allow: elsewhere }],
    ['allow is empty', { allow: new BlockList() }],
    ['deny has it', { deny: loopback }],
    ['deny has it, also when allow does', { allow: loopback, deny: list('127.0.0.1', 32) }],
  ])('refuse a client before it is verified if %s', async (_what, options) => {
    await using test = new Serving(await Server.listen(anywhere, Echo, options));
    const verifyRequest = jest.spyOn(test.server, 'verifyRequest');
    using peer = await test.connect();
    expect(await peer.readAll()).toBe('');
    await test.events.stopped(1);
    expect(test.events.starts).toHaveLength(1);
    expect(test.events.stops).toMatchObject([{ reason: 'refused', clientAddress: peer.address }]);
    expect(verifyRequest).not.toHaveBeenCalled();
    expect(test.errors).toEqual([]);
  });

  it.each<[what: string, options: ServerOptions, reason: string]>([
    ['its IPv4 address is denied', { deny: loopback }, 'refused'],
    ['its IPv4 address is allowed', { allow: loopback }, 'peer-closed'],
    ['IPv6 addresses alone are allowed', { allow: list('::1', 128, 'ipv6') }, 'refused'],
  ])('see an IPv4 client of a dual-stack listener: %s', async (_what, options, reason) => {
    await using test = new Serving(await Server.listen(['::ffff:127.0.0.1', 0], Echo, { ...options, dualStack: true }));
    const [, port] = test.server.serverAddress as InetAddress;
    const socket = await connectFrom('127.0.0.1', ['127.0.0.1', port]);
    const { localPort } = socket;
    socket.end();
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason, clientAddress: ['::ffff:127.0.0.1', localPort] }]);
    socket.destroy();
  });

  it('refuse datagrams: no handler is made, and nothing is sent', async () => {
    const handler = jest.fn();
    class Handler extends BaseRequestHandler<never> {
      override handle() {
        handler();
      }
    }
    const deny = list('127.0.0.1', 32);
    await using test = new Serving(await serverClass(strategy, 'udp').listen(anywhere, Handler, { deny }));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('hello');
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'refused', clientAddress: peer.address, bytesRead: 5 }]);
    expect(handler).not.toHaveBeenCalled();
  });
});

it('lists do not concern clients of Unix sockets, who have no address', async () => {
  using folder = temporaryFolder();
  const options = { allow: elsewhere, deny: loopback, maxConnectionsPerAddress: 1 };
  await using test = new Serving(await UnixStreamServer.listen(folder.file('socket'), Echo, options));
  using peer = await test.connect();
  await peer.send('hello\n');
  expect(await peer.end().readAll()).toBe('hello\n');
});
