import { readdirSync } from 'node:fs';

import {
  type BaseServer,
  type RequestHandlerClass,
  type Socket,
  serverClass,
  workerStrategies,
} from '@socketserver/core';

import { Peer, RunningServer, descriptors, expectNoLeaks, until } from '../src';
import { LineEcho } from '../src/contract-handlers';

const SHORT = 500;
const AT_ONCE = 50;
const WORKERS = 2;

expectNoLeaks('test');

/** How many descriptors the server's process has, its threads included, and each of its children, where the system tells. */
function open(server: BaseServer): number[] {
  if (process.platform !== 'linux') return [];
  const { activeChildren = new Set<number>() } = server as { activeChildren?: ReadonlySet<number> };
  const ofChildren = [...activeChildren].map((pid) => readdirSync(`/proc/${pid}/fd`).length);
  return [descriptors().length, ...ofChildren];
}

/** Asks, is answered and leaves. */
async function visit(server: BaseServer): Promise<string> {
  using peer = await Peer.connect(server.serverAddress);
  await peer.send('hello\n');
  return await peer.end().readAll();
}

/** How many of so many clients, `AT_ONCE` at a time, were answered rightly. */
async function visits(server: BaseServer, count: number): Promise<number> {
  let started = 0;
  let right = 0;
  const one = async (): Promise<void> => {
    while (started++ < count) if ((await visit(server)) === 'hello\n') right += 1;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return right;
}

describe.each(workerStrategies)('soak: %s', (strategy) => {
  it('serves 500 short connections, 50 at once, and nothing is left of them, here or in the workers', async () => {
    const handler = LineEcho as RequestHandlerClass<Socket>;
    const listening = serverClass(strategy, 'tcp').listen(['127.0.0.1', 0], handler, { workers: WORKERS });
    await using running = new RunningServer(await listening);
    const { server } = running;
    // What Node opens with the first connections of a process is there before anything is counted.
    expect(await visits(server, AT_ONCE)).toBe(AT_ONCE);
    await until(() => server.activeConnections === 0);
    const before = open(server);
    expect(await visits(server, SHORT)).toBe(SHORT);
    await until(() => server.activeConnections === 0);
    // A worker closes its end of a connection a moment after it has told of the end.
    await until(() => open(server).every((count, index) => count <= before[index]!));
    expect(await server.shutdown()).toMatchObject({ finished: 0, cut: [] });
  }, 30_000);
});
