import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ManualClock } from '@socketserver/socket';
import { Peer, Program, endPrograms, expectNoLeaks, until } from '@socketserver/testing';

import { type Address, ForkingTCPServer } from '../src';
import { Serving } from './serving';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const { Echo, Obeying } = require('./fixtures/workers.js') as { Echo: never; Obeying: never };

expectNoLeaks();
afterEach(endPrograms);

const anywhere: Address = ['127.0.0.1', 0];

class SmallServer extends ForkingTCPServer {
  override maxChildren = 3;
  override requestsPerWorker = 1;
}

async function ask(peer: Peer, order: string): Promise<string> {
  await peer.send(`${order}\n`);
  return line(peer);
}

async function line(peer: Peer): Promise<string> {
  for (let text = ''; ;) {
    const byte = String(await peer.read(1));
    if (byte === '\n' || byte === '') return text;
    text += byte;
  }
}

/** Whether a process runs: one that has ended and that nobody has asked for is none. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('ForkingMixIn', () => {
  it('starts more children when all are busy, up to maxChildren; who comes then waits', async () => {
    await using test = new Serving(await SmallServer.listen(anywhere, Obeying, { workers: 1 }));
    expect(test.server.activeChildren.size).toBe(1);
    const places = new Set<string>();
    const peers: Peer[] = [];
    for (let count = 0; count < 3; count += 1) {
      const peer = await test.connect();
      peers.push(peer);
      places.add(await ask(peer, 'where'));
    }
    expect(places.size).toBe(3);
    expect(test.server.activeChildren.size).toBe(3);
    using waiting = await test.connect();
    const answered = ask(waiting, 'where');
    const isFirst = await Promise.race([answered, ask(peers[1]!, 'where').then(() => 'still waiting')]);
    expect(isFirst).toBe('still waiting');
    peers[0]!.end();
    expect(places.has(await answered)).toBe(true);
    expect(test.server.activeChildren.size).toBe(3);
    for (const peer of peers) peer[Symbol.dispose]();
  });

  it('serves a burst of clients that stay, though a child adopts only so many at a time', async () => {
    class OneChild extends ForkingTCPServer {
      override maxChildren = 1;
      override requestsPerWorker = 1000;
    }
    await using test = new Serving(await OneChild.listen(anywhere, Echo, { workers: 1 }));
    const peers = await Promise.all(Array.from({ length: 200 }, () => test.connect()));
    for (const peer of peers) expect(await line(peer)).toMatch(/^0 \d+$/);
    expect(test.server.activeConnections).toBe(200);
    for (const peer of peers) peer[Symbol.dispose]();
  });

  it('lets children go that are more than the first ones, when they have had nothing to do for 10 seconds', async () => {
    const clock = new ManualClock();
    await using test = new Serving(await SmallServer.listen(anywhere, Obeying, { workers: 1, clock }));
    const { server } = test;
    using staying = await test.connect();
    const place = await ask(staying, 'where');
    for (const count of [1, 2]) {
      using peer = await test.connect();
      await ask(peer, 'where');
      expect(server.activeChildren.size).toBe(2);
      peer.end();
      await test.events.stopped(count);
    }
    clock.advance(9_999);
    await server.collectChildren({ blocking: true });
    expect(server.activeChildren.size).toBe(2);
    clock.advance(1);
    await server.collectChildren({ blocking: true });
    expect([...server.activeChildren]).toEqual([Number(place.split('/')[0])]);
    expect(await ask(staying, 'where')).toBe(place);
    using next = await test.connect();
    expect(await ask(next, 'where')).not.toBe(place);
  });

  it('collects children by serviceActions(), handleTimeout() and serverClose(), as in Python', async () => {
    const calls: string[] = [];
    class Collecting extends ForkingTCPServer {
      override collectChildren(options?: { readonly blocking?: boolean }) {
        calls.push(`${options?.blocking ?? false}`);
        return super.collectChildren(options);
      }
      override handleTimeout() {
        const collected = super.handleTimeout();
        return `${calls.length} ${String(collected)}`;
      }
    }
    const server = await Collecting.listen(anywhere, Echo, { workers: 1 });
    expect(server.timeout).toBe(300_000);
    server.timeout = 1;
    expect(await server.handleRequest()).toBe('1 undefined');
    const serving = server.serveForever({ pollInterval: 1 });
    await until(() => calls.length > 2);
    await server.shutdown();
    await serving;
    calls.length = 0;
    await server.serverClose();
    expect(calls).toEqual(['true']);
  });

  it('has no child left when it is closed', async () => {
    const test = new Serving(await ForkingTCPServer.listen(anywhere, Obeying, { workers: 2 }));
    const children = [...test.server.activeChildren];
    expect(children.map(isRunning)).toEqual([true, true]);
    await test[Symbol.asyncDispose]();
    expect(test.server.activeChildren.size).toBe(0);
    expect(children.map(isRunning)).toEqual([false, false]);
  });

  it('leaves other children of the process alone', async () => {
    const other = new Program('sleep', ['60']);
    await once(other.process, 'spawn');
    const test = new Serving(await ForkingTCPServer.listen(anywhere, Obeying, { workers: 1 }));
    using peer = await test.connect();
    await ask(peer, 'where');
    await test[Symbol.asyncDispose]();
    expect(isRunning(other.process.pid!)).toBe(true);
    expect(test.server.activeChildren.has(other.process.pid!)).toBe(false);
  });

  it('has children that do not mind Ctrl-C, and drain with their parent', async () => {
    await using test = new Serving(await ForkingTCPServer.listen(anywhere, Obeying, { workers: 1 }));
    using peer = await test.connect();
    const [pid] = (await ask(peer, 'where')).split('/').map(Number);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(pid!, signal);
    expect(await ask(peer, 'where')).toBe(`${pid}/0`);
    await test.server.shutdown();
    expect(await peer.readAll()).toBe('goodbye\n');
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('has children that do not outlive their parent, however busy they are (Linux: prctl)', async () => {
    const server = new Program(process.execPath, [join(__dirname, 'fixtures/workers-busy.js')]);
    const [, port] = await server.prints(/^porta (\d+)$/m);
    const [, list = ''] = await server.prints(/^children (.*)$/m);
    const children = list.split(' ').map(Number);
    using peer = await Peer.connect(['127.0.0.1', Number(port)]);
    expect(children).toContain(Number(await line(peer)));
    expect(await server.end('SIGKILL')).toBe('SIGKILL');
    await until(() => !children.some(isRunning));
    await peer.ending();
  });
});
