import { Peer, expectNoLeaks, moment } from '@socketserver/testing';

import { type Address, serverClass, strategies } from '@socketserver/core';
import { select } from '@socketserver/socket';
import { Pages } from './pages';
import { runProgram } from './run-program';

expectNoLeaks();

// `Lib/pydoc.py`, `_start_server`: a documentation server that says when it is ready, and has a loop of its own.
describe.each(strategies)('serverActivate() as a ready callback (%s)', (strategy) => {
  class DocServer extends serverClass(strategy, 'tcp') {
    callback: ((server: DocServer) => void) | null = null;
    quit = false;

    override async serverActivate() {
      await super.serverActivate();
      this.callback?.(this);
    }

    async serveUntilQuit() {
      while (!this.quit) {
        const [readable] = await select([this.socket], [], [], 20);
        if (readable.length > 0 && !this.quit) await this.handleRequest();
      }
      await this.serverClose();
    }
  }

  it('is called when clients can connect, with the real port, and not before', async () => {
    const ready = moment<Address>();
    await using server = new DocServer(['127.0.0.1', 0], Pages);
    let calls = 0;
    server.callback = ({ serverAddress }) => {
      calls += 1;
      ready.happen(serverAddress);
    };
    await server.serverBind();
    expect(calls).toBe(0);
    await server.serverActivate();
    expect(calls).toBe(1);
    using peer = await Peer.connect(await ready);
    expect(peer.socket.remotePort).toBe(server.serverAddress[1]);
  });

  it('serves from a loop around select() and handleRequest() until it is told to quit', async () => {
    class QuittingPages extends Pages {
      declare server: DocServer;
      override doGET() {
        if (this.path === '/quit') this.server.quit = true;
        return super.doGET();
      }
    }
    const server = await DocServer.listen(['127.0.0.1', 0], QuittingPages);
    const served = server.serveUntilQuit();
    const url = `http://127.0.0.1:${server.serverAddress[1]}`;
    for (const path of ['/hello', '/numbers', '/quit']) {
      await runProgram('curl', ['-sS', '--max-time', '10', `${url}${path}`]);
    }
    await served;
    expect(server.fileno()).toBe(-1);
  });
});
