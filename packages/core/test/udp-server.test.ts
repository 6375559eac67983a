import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { RecordedEvents, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  AsyncUDPServer,
  BaseRequestHandler,
  BaseServer,
  type DatagramRequest,
  DatagramRequestHandler,
  DatagramSocket,
  type InetAddress,
  ManualClock,
  SelectingUDPServer,
  StreamRequestHandler,
  TCPServer,
  UDPServer,
  serverClass,
  strategies,
} from '../src';
import { Serving, UdpPeer, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** Sends every datagram back. */
class EchoPacket extends BaseRequestHandler<DatagramRequest> {
  override async handle() {
    const [packet, socket] = this.request;
    await socket.sendto(packet, this.clientAddress);
  }
}

describe('UDPServer', () => {
  it('has Python’s settings as fields, which a subclass can change', () => {
    expect(new UDPServer(anywhere, EchoPacket)).toMatchObject({
      addressFamily: 2,
      socketType: 2,
      maxPacketSize: 8192,
      allowReuseAddress: false,
      allowReusePort: false,
      timeout: null,
      concurrent: false,
    });
    expect(new UDPServer(['::1', 0], EchoPacket).addressFamily).toBe(10);
  });

  it('is a BaseServer, and differs from Python in that it is no TCPServer', () => {
    const server = new UDPServer(anywhere, EchoPacket);
    expect(server).toBeInstanceOf(BaseServer);
    expect(server).not.toBeInstanceOf(TCPServer);
    expect(serverClass('sequential', 'udp')).toBe(UDPServer);
    expect(serverClass('async', 'udp')).toBe(AsyncUDPServer);
    expect(serverClass('selecting', 'udp')).toBe(SelectingUDPServer);
  });

  it.each(['/tmp/socket', '', ['127.0.0.1'], ['127.0.0.1', -1], ['127.0.0.1', 65_536], ['127.0.0.1', 1.5], null])(
    'refuses the address %p',
    (address) => {
      expect(() => new UDPServer(address as Address, EchoPacket)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION', option: 'address' }) as Error,
      );
    },
  );

  it('refuses a handler that reads a stream, and says which one to extend', async () => {
    class Stream extends StreamRequestHandler {}
    await expect(UDPServer.listen(anywhere, Stream as never)).rejects.toMatchObject({
      code: 'ERR_HANDLER',
      message: 'Stream reads a stream; for datagrams extend DatagramRequestHandler',
    });
  });
});

describe.each(strategies)('a UDP server: %s', (strategy) => {
  const Server = serverClass(strategy, 'udp');

  it('has the real port, a descriptor, and its own address in its socket', async () => {
    await using server = await Server.listen(anywhere, EchoPacket);
    expect(server.serverAddress).toEqual(['127.0.0.1', expect.any(Number)]);
    expect((server.serverAddress as InetAddress)[1]).toBeGreaterThan(0);
    expect(server.socket.getsockname()).toEqual(server.serverAddress);
    expect(server.fileno()).toBe(server.socket.fileno());
    expect(server.fileno()).toBeGreaterThan(2);
  });

  it('fails to bind where another one is, and leaves nothing open', async () => {
    await using server = await Server.listen(anywhere, EchoPacket);
    await expect(Server.listen(server.serverAddress, EchoPacket)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('gives its handlers each datagram, the server’s socket, and who has sent it', async () => {
    const seen: unknown[] = [];
    class Looking extends BaseRequestHandler<DatagramRequest> {
      override handle() {
        const [packet, socket] = this.request;
        seen.push([String(packet), socket === test.server.socket, this.clientAddress]);
      }
    }
    await using test = new Serving(await Server.listen(anywhere, Looking));
    using one = await UdpPeer.to(test.server.serverAddress);
    using two = await UdpPeer.to(test.server.serverAddress);
    await one.send('1');
    await test.events.stopped(1);
    await two.send('2');
    await test.events.stopped(2);
    expect(seen).toEqual([
      ['1', true, one.address],
      ['2', true, two.address],
    ]);
    expect(test.server.socket).toBeInstanceOf(DatagramSocket);
  });

  it('takes an empty datagram for a request, and one of exactly maxPacketSize whole', async () => {
    await using test = new Serving(await Server.listen(anywhere, EchoPacket));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('');
    expect(await peer.receive()).toBe('');
    await peer.send('x'.repeat(8192));
    expect(await peer.receive()).toBe('x'.repeat(8192));
    await test.events.stopped(2);
    expect(test.events.stops).toMatchObject([{ bytesRead: 0 }, { bytesRead: 8192 }]);
  });

  it('loses what of a datagram is beyond maxPacketSize, and no more', async () => {
    class Small extends Server {
      override maxPacketSize = 10;
    }
    await using test = new Serving(await Small.listen(anywhere, EchoPacket));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('0123456789lost');
    await peer.send('next');
    expect([await peer.receive(), await peer.receive()]).toEqual(['0123456789', 'next']);
  });

  it('answers over IPv6, and IPv4 clients on a dual-stack address', async () => {
    await using six = new Serving(await Server.listen(['::1', 0], EchoPacket));
    using peer = await UdpPeer.to(six.server.serverAddress);
    await peer.send('six');
    expect(await peer.receive()).toBe('six');

    await using dual = new Serving(await Server.listen(['::ffff:127.0.0.1', 0], EchoPacket, { dualStack: true }));
    using four = await UdpPeer.to(['127.0.0.1', (dual.server.serverAddress as InetAddress)[1]]);
    await four.send('four');
    expect(await four.receive()).toBe('four');
    expect(dual.events.starts).toMatchObject([{ clientAddress: ['::ffff:127.0.0.1', four.address[1]] }]);
  });

  it('does not serve a datagram that verifyRequest() refuses, and serves the next one', async () => {
    await using test = new Serving(await Server.listen(anywhere, EchoPacket));
    test.server.verifyRequest = ([packet]) => String(packet) !== 'bad';
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('bad');
    await peer.send('good');
    expect(await peer.receive()).toBe('good');
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['refused', 'finished']);
  });

  it('goes on after a handler has thrown: its socket stays open', async () => {
    class Failing extends EchoPacket {
      override handle() {
        if (String(this.request[0]) === 'throw') throw new RangeError('handle');
        return super.handle();
      }
    }
    await using test = new Serving(await Server.listen(anywhere, Failing));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('throw');
    await peer.send('hello');
    expect(await peer.receive()).toBe('hello');
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['error', 'finished']);
    expect(test.errors).toMatchObject([{ message: 'handle' }]);
  });

  it('tells handleError() of an answer that cannot be sent, and goes on', async () => {
    class TooLong extends EchoPacket {
      override async handle() {
        const [packet, socket] = this.request;
        await socket.sendto(Buffer.alloc(packet.length === 0 ? 70_000 : 1), this.clientAddress);
      }
    }
    await using test = new Serving(await Server.listen(anywhere, TooLong));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('');
    await test.events.stopped(1);
    expect(test.errors).toMatchObject([{ code: 'EMSGSIZE' }]);
    await peer.send('x');
    expect(await peer.receive()).toBe('\0');
  });

  it('handles one datagram with handleRequest(), and calls handleTimeout() without one', async () => {
    const clock = new ManualClock();
    await using server = await Server.listen(anywhere, EchoPacket, { clock });
    using events = new RecordedEvents(server);
    using peer = await UdpPeer.to(server.serverAddress);
    for (const text of ['1', '2']) await peer.send(text);
    await server.handleRequest();
    expect(await peer.receive()).toBe('1');
    expect(events.starts).toHaveLength(1);
    await server.handleRequest();
    expect(await peer.receive()).toBe('2');
    server.timeout = 300;
    server.handleTimeout = () => 'nobody';
    const waiting = server.handleRequest();
    clock.advance(300);
    expect(await waiting).toBe('nobody');
    server.timeout = 0;
    expect(await server.handleRequest()).toBe('nobody');
  });

  it('serves again after shutdown(), what came meanwhile included', async () => {
    await using server = await Server.listen(anywhere, EchoPacket);
    const done = server.serveForever();
    await server.shutdown();
    await done;
    using peer = await UdpPeer.to(server.serverAddress);
    await peer.send('meanwhile');
    await settle();
    await using _test = new Serving(server);
    expect(await peer.receive()).toBe('meanwhile');
  });

  it('answers a client of Python', async () => {
    const lines = moment<string>();
    class EchoLine extends DatagramRequestHandler {
      override async handle() {
        const line = await this.rfile.readline();
        lines.happen(String(line));
        await this.wfile.write(line);
      }
    }
    await using test = new Serving(await Server.listen(anywhere, EchoLine));
    const [, port] = test.server.serverAddress as InetAddress;
    const client = join(__dirname, 'fixtures', 'echo_client.py');
    const { stdout } = await promisify(execFile)('python3', [client, 'udp', String(port)], { timeout: 15_000 });
    expect(stdout).toBe('hello world\n');
    expect(await lines).toBe('hello world\n');
  });
});
