/** What Python's `ForkingMixIn` means by its settings and its methods. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  type Peer,
  Program,
  describeWithPython,
  endPrograms,
  expectNoLeaks,
  settled,
  until,
} from '@socketserver/testing';

import {
  type Address,
  ForkingMixIn,
  type ForkingServer,
  ForkingTCPServer,
  ForkingUDPServer,
  ForkingUnixDatagramServer,
  ForkingUnixStreamServer,
  ManualClock,
  type Socket,
  TCPServer,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from '../src';
import { ask, line } from './asking';
import { Serving } from './serving';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Staying } = require('./fixtures/cpython-handlers.js') as { Staying: never };

expectNoLeaks();
afterEach(endPrograms);

const anywhere: Address = ['127.0.0.1', 0];

/** Which process a handler that is in says it is. */
const pidOf = async (peer: Peer): Promise<number> => Number(/^in (\d+)\//.exec(await line(peer))?.[1]);

/** Notes what collects children, and what that is told. */
class Collecting extends ForkingTCPServer {
  readonly calls: string[] = [];

  override collectChildren(options: Parameters<ForkingServer['collectChildren']>[0] = {}) {
    this.calls.push(`collectChildren${options.blocking === true ? ', blocking' : ''}`);
    return super.collectChildren(options);
  }
  override serviceActions() {
    this.calls.push('serviceActions');
    return super.serviceActions();
  }
  override handleTimeout() {
    this.calls.push('handleTimeout');
    return super.handleTimeout();
  }
  override serverClose() {
    this.calls.push('serverClose');
    return super.serverClose();
  }
}

describe('ForkingMixIn as in Python', () => {
  it('is mixed into four servers', () => {
    const path = '/nowhere/socket';
    expect(new ForkingTCPServer(anywhere, Staying)).toBeInstanceOf(TCPServer);
    expect(new ForkingUDPServer(anywhere, Staying)).toBeInstanceOf(UDPServer);
    expect(new ForkingUnixStreamServer(path, Staying)).toBeInstanceOf(UnixStreamServer);
    expect(new ForkingUnixDatagramServer(path, Staying)).toBeInstanceOf(UnixDatagramServer);
  });

  it('comes first, so that its processRequest() and its timeout count', async () => {
    const calls: string[] = [];
    class Own extends TCPServer {
      override timeout: number | null = 5;
      override async processRequest(request: Socket, clientAddress: Address) {
        calls.push('processRequest of the server');
        await super.processRequest(request, clientAddress);
      }
    }
    class Mixed extends ForkingMixIn(Own) {}
    await using test = new Serving(await Mixed.listen(anywhere, Staying, { workers: 1 }));
    expect(test.server.timeout).toBe(300_000);
    using peer = await test.connect();
    expect(test.server.activeChildren.has(await pidOf(peer))).toBe(true);
    expect(await ask(peer, 'go')).toBe('out');
    expect(calls).toEqual([]);
  });

  it('has a timeout of 300 seconds, for handleRequest() alone', async () => {
    const clock = new ManualClock();
    let timeouts = 0;
    class Waiting extends ForkingTCPServer {
      override handleTimeout() {
        timeouts += 1;
        return super.handleTimeout();
      }
    }
    await using server = await Waiting.listen(anywhere, Staying, { workers: 1, clock });
    const handled = server.handleRequest();
    clock.advance(299_999);
    await settled();
    expect(timeouts).toBe(0);
    clock.advance(1);
    await handled;
    expect(timeouts).toBe(1);
    const serving = server.serveForever();
    clock.advance(600_000);
    await server.shutdown();
    await serving;
    expect(timeouts).toBe(1);
  });

  it('calls collectChildren() in every turn of serveForever()', async () => {
    const clock = new ManualClock();
    await using server = await Collecting.listen(anywhere, Staying, { workers: 1, clock });
    const serving = server.serveForever({ pollInterval: 100 });
    clock.advance(100);
    await until(() => server.calls.length === 2);
    expect(server.calls).toEqual(['serviceActions', 'collectChildren']);
    await server.shutdown();
    await serving;
  });

  it('does not wait for children in serverClose() when `blockOnClose` is false', async () => {
    const server = await Collecting.listen(anywhere, Staying, { workers: 1 });
    server.blockOnClose = false;
    await using test = new Serving(server);
    using peer = await test.connect();
    const child = await pidOf(peer);
    await server.serverClose();
    expect(server.calls.slice(-2)).toEqual(['serverClose', 'collectChildren']);
    expect([...server.activeChildren]).toEqual([child]);
    expect(await ask(peer, 'go')).toBe('out');
    await test.running.done;
    await until(() => server.activeChildren.size === 0);
  });

  it('gives all requests to the same children, which stay', async () => {
    await using test = new Serving(await ForkingTCPServer.listen(anywhere, Staying, { workers: 1 }));
    const [child] = test.server.activeChildren;
    for (let count = 1; count <= 3; count += 1) {
      using peer = await test.connect();
      expect(await pidOf(peer)).toBe(child);
      expect(await ask(peer, 'go')).toBe('out');
      await test.events.stopped(count);
    }
    expect([...test.server.activeChildren]).toEqual([child]);
  });

  it('collects the children that it has no more use for, and no others', async () => {
    class Small extends ForkingTCPServer {
      override maxChildren = 3;
      override requestsPerWorker = 1;
    }
    const clock = new ManualClock();
    const other = new Program('sleep', ['60']);
    await once(other.process, 'spawn');
    await using test = new Serving(await Small.listen(anywhere, Staying, { workers: 1, clock }));
    const { server } = test;
    const peers: Peer[] = [];
    for (let count = 1; count <= 3; count += 1) {
      const peer = await test.connect();
      peers.push(peer);
      expect(server.activeChildren.has(await pidOf(peer))).toBe(true);
      expect(server.activeChildren.size).toBe(count);
    }
    for (const peer of peers.slice(1)) expect(await ask(peer, 'go')).toBe('out');
    await test.events.stopped(2);
    clock.advance(9_999);
    await server.collectChildren({ blocking: true });
    expect(server.activeChildren.size).toBe(3);
    clock.advance(1);
    await server.collectChildren({ blocking: true });
    expect(server.activeChildren.size).toBe(1);
    expect(await ask(peers[0]!, 'go')).toBe('out');
    expect(other.process.exitCode).toBeNull();
    for (const peer of peers) peer[Symbol.dispose]();
  });

  it('neither ends nor closes a connection while its child serves it', async () => {
    const calls: string[] = [];
    class Noting extends ForkingTCPServer {
      override shutdownRequest(request: Socket) {
        calls.push('shutdownRequest');
        return super.shutdownRequest(request);
      }
      override closeRequest(request: Socket) {
        calls.push('closeRequest');
        return super.closeRequest(request);
      }
    }
    await using test = new Serving(await Noting.listen(anywhere, Staying, { workers: 1 }));
    using peer = await test.connect();
    await pidOf(peer);
    expect(calls).toEqual([]);
    let hasEnded = false;
    peer.socket.once('end', () => (hasEnded = true));
    // The child has it, the parent has closed its own descriptor.
    await settled();
    expect(hasEnded).toBe(false);
    await peer.send('go\n');
    expect(await peer.end().readAll()).toBe('out\n');
    await test.events.stopped(1);
    expect(calls).toEqual(['shutdownRequest', 'closeRequest']);
  });

  describeWithPython('beside live CPython', () => {
    interface Live {
      readonly collects: readonly string[];
      readonly settings: Record<string, unknown>;
    }
    let live: Live;

    beforeAll(async () => {
      const program = [join(__dirname, 'fixtures/cpython_order.py'), 'ForkingTCPServer'];
      live = JSON.parse((await promisify(execFile)('python3', program)).stdout) as Live;
    });

    it('has its settings; activeChildren is a set from the start', () => {
      const { timeout, blockOnClose, maxChildren, activeChildren } = new ForkingTCPServer(anywhere, Staying);
      expect(live.settings).toEqual({
        timeout: timeout! / 1000,
        block_on_close: blockOnClose,
        max_children: maxChildren,
        active_children: null,
      });
      expect(activeChildren).toEqual(new Set());
    });

    it('collects children where it does: in handleTimeout(), serviceActions() and serverClose()', async () => {
      const server = await Collecting.listen(anywhere, Staying, { workers: 1 });
      server.timeout = 0;
      await server.handleRequest();
      await server.serviceActions();
      await server.serverClose();
      const camelCase = (name: string): string =>
        name.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
      expect(server.calls.map((call) => call.replace(', blocking', ''))).toEqual(live.collects.map(camelCase));
      expect(server.calls.at(-1)).toBe('collectChildren, blocking');
    });
  });
});
