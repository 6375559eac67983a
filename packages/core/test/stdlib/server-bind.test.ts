import { RunningServer, expectNoLeaks } from '@socketserver/testing';

import { type Address, BaseRequestHandler, type ServerOptions, serverClass, strategies } from '@socketserver/core';
import { AF_INET6 } from '@socketserver/socket';
import { HTTPHandler } from './http-handler';
import { runProgram } from './run-program';

expectNoLeaks();

class WhereAmI extends HTTPHandler {
  declare server: HTTPHandler['server'] & { readonly serverName: string; readonly serverPort: number };
  override doGET() {
    return this.respond(200, `${this.server.serverName}:${this.server.serverPort}\n`);
  }
}

class TellAddress extends BaseRequestHandler {
  override handle() {
    return this.request.sendall(JSON.stringify(this.clientAddress));
  }
}

describe.each(strategies)('serverBind() of a derived class (%s)', (strategy) => {
  const Server = serverClass(strategy, 'tcp');

  // `Lib/http/server.py`, `HTTPServer.server_bind`; without its look-up of the name, which can take minutes.
  class HTTPServer extends Server {
    serverName = '';
    serverPort = 0;

    override async serverBind() {
      await super.serverBind();
      const [host, port] = this.serverAddress as [string, number];
      this.serverName = host;
      this.serverPort = port;
    }
  }

  it('derives the name and the port from the address that was bound, for its handlers to use', async () => {
    await using running = new RunningServer(await HTTPServer.listen(['127.0.0.1', 0], WhereAmI));
    const { serverName, serverPort, socket } = running.server;
    expect([serverName, serverPort]).toEqual(socket.getsockname());
    const { stdout } = await runProgram('curl', ['-sS', '--max-time', '10', `http://127.0.0.1:${serverPort}/`]);
    expect(stdout).toBe(`127.0.0.1:${serverPort}\n`);
  });

  it('can choose another address', async () => {
    class Elsewhere extends Server {
      override async serverBind() {
        this.serverAddress = ['127.0.0.1', 0];
        await super.serverBind();
      }
    }
    await using running = new RunningServer(await Elsewhere.listen(['192.0.2.1', 1], TellAddress));
    expect(running.address).toEqual(['127.0.0.1', expect.any(Number)]);
    using peer = await running.connect();
    expect(JSON.parse(await peer.readAll())).toEqual(peer.address);
  });

  // `python -m http.server` clears IPV6_V6ONLY in its server_bind(). Here that is an option, which its constructor sets.
  it('serves IPv4 and IPv6 on one socket', async () => {
    class DualStackServer extends HTTPServer {
      override addressFamily = AF_INET6;
      constructor(address: Address, handler: ConstructorParameters<typeof Server>[1], options?: ServerOptions) {
        super(address, handler, { ...options, dualStack: true });
      }
    }
    await using running = new RunningServer(await DualStackServer.listen(['::', 0], WhereAmI));
    const { serverPort } = running.server;
    for (const host of ['127.0.0.1', '[::1]']) {
      const { stdout } = await runProgram('curl', ['-sS', '--max-time', '10', `http://${host}:${serverPort}/`]);
      expect(stdout).toBe(`:::${serverPort}\n`);
    }
  });
});
