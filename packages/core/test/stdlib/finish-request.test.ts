import { RunningServer, expectNoLeaks } from '@socketserver/testing';

import { type Address, type Socket, TCPServer, serverClass, strategies } from '@socketserver/core';
import { HTTPHandler } from './http-handler';
import { runProgram } from './run-program';

expectNoLeaks();

/** Takes what it serves as an argument, as `SimpleHTTPRequestHandler` takes `directory=`. No container knows it. */
class DirectoryHandler extends HTTPHandler {
  constructor(
    request: Socket,
    clientAddress: Address,
    server: TCPServer,
    readonly directory: ReadonlyMap<string, string>,
  ) {
    super();
    Object.assign(this, { request, clientAddress, server });
  }

  override async doGET() {
    const file = this.directory.get(this.path);
    return file === undefined ? this.sendError(404, 'no such file') : this.respond(200, file);
  }
}

// `Lib/http/server.py`: what `python -m http.server` does to pass its directory on.
describe.each(strategies)('finishRequest() of a derived class (%s)', (strategy) => {
  it('gives its handlers arguments', async () => {
    const directory = new Map([['/index.html', '<p>hello</p>']]);
    const made: DirectoryHandler[] = [];
    class DirectoryServer extends serverClass(strategy, 'tcp') {
      override finishRequest(request: Socket, clientAddress: Address) {
        const handler = new DirectoryHandler(request, clientAddress, this, directory);
        made.push(handler);
        return handler.run();
      }
    }
    const server = await DirectoryServer.listen(['127.0.0.1', 0], DirectoryHandler);
    await using running = new RunningServer(server);
    const [host, port] = running.address as [string, number];
    const url = `http://${host}:${port}`;
    const { stdout } = await runProgram('curl', ['-sS', '--max-time', '10', `${url}/index.html`, `${url}/other`]);
    expect(stdout).toBe('<p>hello</p>no such file\n');
    expect(made).toEqual([
      expect.objectContaining({ directory, server, clientAddress: ['127.0.0.1', expect.any(Number)] }),
    ]);
  });

  it('needs no class of handlers at all', async () => {
    class Daytime extends serverClass(strategy, 'tcp') {
      override async finishRequest(request: Socket) {
        await request.sendall('a quarter past nine\n');
      }
    }
    // As Python's "any callable works": here whatever finishRequest() does.
    const server = await Daytime.listen(['127.0.0.1', 0], DirectoryHandler);
    await using running = new RunningServer(server);
    using peer = await running.connect();
    expect(await peer.readAll()).toBe('a quarter past nine\n');
  });
});
