import { existsSync } from 'node:fs';

import { AF_UNIX } from '@socketserver/socket';
import { DatagramPeer, Peer, RunningServer, SocketFolder, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  AddressInUseError,
  BaseRequestHandler,
  DatagramRequestHandler,
  DatagramSocket,
  TCPServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
  serverClass,
  strategies,
} from '../src';
import { Echo } from './handlers';

expectNoLeaks();

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

// What Python's `UnixStreamServer` does.
describe.each(strategies)('paths as in Python: %s', (strategy) => {
  const Server = serverClass(strategy, 'unix');

  it('the server is one for TCP, of another family', () => {
    const server = new Server(folder.path(), Echo);
    expect(server).toBeInstanceOf(UnixStreamServer);
    expect(server).toBeInstanceOf(TCPServer);
    expect(server).toMatchObject({ addressFamily: AF_UNIX, socketType: 1 });
  });

  it('serverAddress is the path, and a client has no address', async () => {
    const seen = moment<Address>();
    class Looking extends BaseRequestHandler {
      override handle() {
        seen.happen(this.clientAddress);
      }
    }
    const path = folder.path();
    await using running = new RunningServer(await Server.listen(path, Looking));
    expect([running.address, running.server.socket.getsockname()]).toEqual([path, path]);
    using peer = await running.connect();
    expect(await seen).toBe('');
    expect(await peer.ending()).toBe('end');
  });

  it('the path stays when the server closes, and cannot be bound again', async () => {
    const path = folder.path();
    const server = await Server.listen(path, Echo);
    await server.serverClose();
    expect(existsSync(path)).toBe(true);
    await expect(Peer.connect(path)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(Server.listen(path, Echo)).rejects.toThrow(AddressInUseError);
  });

  it('allowReuseAddress takes the path of a server that is gone, and no other', async () => {
    class Reusing extends Server {
      override allowReuseAddress = true;
    }
    const path = folder.path();
    await (await Server.listen(path, Echo)).serverClose();
    await using running = new RunningServer(await Reusing.listen(path, Echo));
    await expect(Reusing.listen(path, Echo)).rejects.toThrow(AddressInUseError);
    using peer = await running.connect();
    await peer.send('still there\n');
    expect(await peer.end().readAll()).toBe('still there\n');
  });

  it('allowReusePort means nothing', async () => {
    class Sharing extends Server {
      override allowReusePort = true;
    }
    const path = folder.path();
    await using _server = await Sharing.listen(path, Echo);
    await expect(Sharing.listen(path, Echo)).rejects.toThrow(AddressInUseError);
  });
});

// What Python's `UnixDatagramServer` does. Needs the optional package `unix-dgram`.
(DatagramPeer.hasUnix ? describe : describe.skip).each(strategies)('Unix datagrams as in Python: %s', (strategy) => {
  const Server = serverClass(strategy, 'unix-datagram');

  class Echo extends DatagramRequestHandler {
    override async handle() {
      await this.wfile.write(`${this.clientAddress as string}: ${String(this.packet)}`);
    }
  }

  it('the server is one for UDP, of another family', () => {
    const server = new Server(folder.path(), Echo);
    expect(server).toBeInstanceOf(UnixDatagramServer);
    expect(server).toBeInstanceOf(UDPServer);
    expect(server).toMatchObject({ addressFamily: AF_UNIX, socketType: 2, maxPacketSize: 8192 });
  });

  it('a datagram comes from the path of its sender, and is answered there', async () => {
    const path = folder.path();
    await using running = new RunningServer(await Server.listen(path, Echo));
    expect([running.address, running.server.socket.getsockname()]).toEqual([path, path]);
    using peer = await DatagramPeer.connect(path);
    await peer.send('hello');
    expect(String(await peer.read())).toBe(`${peer.address as string}: hello`);
  });

  it('the path stays when the server closes, and cannot be bound again', async () => {
    const path = folder.path();
    const server = await Server.listen(path, Echo);
    await server.serverClose();
    expect(existsSync(path)).toBe(true);
    await expect(Server.listen(path, Echo)).rejects.toThrow(AddressInUseError);
  });

  it('a client without a path has no address, and cannot be answered', async () => {
    const failed = moment<unknown[]>();
    class Quiet extends Server {
      override handleError(...[error, , clientAddress]: Parameters<UDPServer['handleError']>) {
        failed.happen([clientAddress, error]);
      }
    }
    const path = folder.path();
    await using _running = new RunningServer(await Quiet.listen(path, Echo));
    await using client = new DatagramSocket(AF_UNIX);
    await client.sendto('hello', path);
    expect(await failed).toEqual(['', expect.objectContaining({ code: 'EDESTADDRREQ' })]);
  });
});
