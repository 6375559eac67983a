import { existsSync } from 'node:fs';

import { Peer, SocketFolder, expectNoLeaks } from '@socketserver/testing';

import { serverClass, workerStrategies } from '../src';
import { ask, line } from './asking';
import { Serving } from './serving';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const handlers = require('./fixtures/cpython-handlers.js') as Record<
  'Staying' | 'Looking' | 'Patient' | 'Collecting' | 'Fatal',
  never
>;

expectNoLeaks();

const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

// What Python's handlers do, in threads and forks as well as without.
describe.each(workerStrategies)('handlers as in Python, in workers: %s', (strategy) => {
  async function serve(handler: never) {
    return new Serving(await serverClass(strategy).listen(['127.0.0.1', 0], handler, { workers: 1 }));
  }

  it('a handler has its request, its client and its server from setup() on, and Python’s settings', async () => {
    await using test = await serve(handlers.Looking);
    using peer = await test.connect();
    const settings = [-1, 0, null, false, true];
    expect(JSON.parse(await line(peer))).toEqual([peer.address, test.server.serverAddress, peer.address, settings]);
  });

  it('the timeout of a handler is for each operation, and the connection survives it', async () => {
    await using test = await serve(handlers.Patient);
    test.server.timeout = 7;
    using peer = await test.connect();
    expect(await line(peer)).toBe('TimeoutError');
    expect(await ask(peer, 'here I am')).toBe('here I am');
    expect(await peer.ending()).toBe('end');
  });

  it('what a handler has collected is sent when it finishes, also after an error', async () => {
    await using test = await serve(handlers.Collecting);
    using peer = await test.connect();
    await peer.send('go\n');
    expect(await peer.readAll()).toBe('one two 8');
    await test.events.stopped(1);
    expect(test.errors).toMatchObject([{ message: 'after writing' }]);
  });

  it('a client that has ended its own direction still gets its answer', async () => {
    await using test = await serve(handlers.Staying);
    using peer = await test.connect();
    expect(await line(peer)).toMatch(/^in /);
    expect(await peer.end().readAll()).toBe('out\n');
  });

  it('a FatalError ends its own request, and neither its worker nor the server', async () => {
    await using test = await serve(handlers.Fatal);
    const places: string[] = [];
    for (let count = 1; count <= 2; count += 1) {
      using peer = await test.connect();
      places.push(await peer.readAll());
      await test.events.stopped(count);
    }
    expect(places[0]).toBe(places[1]);
    expect(test.errors).toEqual([]);
    expect(test.events.stops).toMatchObject([{ error: { code: 'ERR_FATAL' } }, { error: { code: 'ERR_FATAL' } }]);
  });

  it('a path is the server’s address, its clients have none, and it stays when the server closes', async () => {
    const path = folder.path();
    await using test = new Serving(await serverClass(strategy, 'unix').listen(path, handlers.Looking, { workers: 1 }));
    expect([test.server.serverAddress, test.server.socket.getsockname()]).toEqual([path, path]);
    using peer = await test.connect();
    const [client, server] = JSON.parse(await line(peer)) as unknown[];
    expect([client, server]).toEqual(['', path]);
    await test.server.serverClose();
    expect(existsSync(path)).toBe(true);
    await expect(Peer.connect(path)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
