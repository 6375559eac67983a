import { once } from 'node:events';
import * as net from 'node:net';

import { expectNoLeaks } from '@socketserver/testing';

import { type Address, Socket, SocketError, StreamRequestHandler, serverClass, strategies } from '@socketserver/core';

expectNoLeaks();

class Echo extends StreamRequestHandler {
  override async handle() {
    for await (const line of this.rfile) await this.wfile.write(line);
  }
}

describe.each(strategies)('an inverted server in serveForever() (%s)', (strategy) => {
  class RPCServer extends serverClass(strategy, 'tcp') {
    #isTaken = false;
    override async serverBind() {}
    override async serverActivate() {
      this.socket = new Socket(this.addressFamily);
      await this.socket.connect(this.serverAddress);
    }
    override getRequest(): [Socket, Address] {
      if (this.#isTaken) throw new SocketError('getRequest: the one request is taken', 'EAGAIN');
      this.#isTaken = true;
      return [this.socket, this.serverAddress];
    }
  }

  async function connected() {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const accepted = once(listener, 'connection') as Promise<[net.Socket]>;
    const server = await RPCServer.listen(['127.0.0.1', (listener.address() as net.AddressInfo).port], Echo);
    const [caller] = await accepted;
    listener.close();
    return { server, caller };
  }

  it('serves, and ends when its one connection has ended', async () => {
    const { server, caller } = await connected();
    const serving = server.serveForever();
    const ended = serving.then(
      () => 'ended',
      () => 'ended',
    );
    caller.write('hello\n');
    expect(String((await once(caller, 'data'))[0])).toBe('hello\n');
    caller.end();
    expect(await ended).toBe('ended');
    caller.destroy();
    await server.serverClose();
  });

  it('can be shut down while its connection is silent', async () => {
    const { server, caller } = await connected();
    const serving = server.serveForever();
    await server.shutdown();
    await serving;
    await server.serverClose();
    caller.destroy();
  });
});

it('lets a synchronous serverBind() and serverActivate() compile', () => {
  class Inverted extends serverClass('sequential', 'tcp') {
    override serverBind() {}
    override serverActivate() {}
  }
  expect(Inverted.prototype.serverBind()).toBeUndefined();
});
