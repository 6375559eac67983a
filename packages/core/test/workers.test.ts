import { Peer, expectNoLeaks, until } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  HandlerError,
  ForkingTCPServer,
  ForkingUnixStreamServer,
  ThreadingTCPServer,
  ThreadingUnixStreamServer,
  WorkerDiedError,
} from '../src';
import { Serving } from './serving';
import { temporaryFolder } from './temporary-folder';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const handlers = require('./fixtures/workers.js') as Record<'Echo' | 'Obeying' | 'Counting' | 'Inheriting', never> & {
  hidden(): never;
};

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

async function line(peer: Peer): Promise<string> {
  for (let text = ''; ;) {
    const byte = String(await peer.read(1));
    if (byte === '\n' || byte === '') return text;
    text += byte;
  }
}

async function ask(peer: Peer, order: string): Promise<string> {
  await peer.send(`${order}\n`);
  return line(peer);
}

describe.each([
  ['ThreadingMixIn', ThreadingTCPServer, ThreadingUnixStreamServer],
  ['ForkingMixIn', ForkingTCPServer, ForkingUnixStreamServer],
] as const)('%s', (strategy, TCPServer, UnixStreamServer) => {
  const isForking = strategy === 'ForkingMixIn';

  async function serve(handler: never, options = {}): Promise<Serving<ThreadingTCPServer | ForkingTCPServer>> {
    return new Serving(
      await (TCPServer as typeof ThreadingTCPServer).listen(anywhere, handler, { workers: 2, ...options }),
    );
  }

  it('runs handlers elsewhere, and shares the connections out', async () => {
    await using test = await serve(handlers.Echo);
    const places = new Set<string>();
    const peers: Peer[] = [];
    for (let count = 0; count < 6; count += 1) {
      const peer = await test.connect();
      peers.push(peer);
      const [thread, pid] = (await line(peer)).split(' ').map(Number);
      expect(pid === process.pid).toBe(!isForking);
      expect(thread === 0).toBe(isForking);
      places.add(`${pid} ${thread}`);
      await peer.send('hello\n');
      expect(await line(peer)).toBe('hello');
    }
    expect(places.size).toBe(2);
    expect(test.server.activeConnections).toBe(6);
    for (const peer of peers) peer.end();
    await test.events.stopped(6);
    expect(test.events.reasons).toEqual(Array(6).fill('peer-closed'));
    expect(test.server.activeConnections).toBe(0);
  });

  it('serves Unix sockets', async () => {
    using folder = temporaryFolder();
    const server = await (UnixStreamServer as typeof ThreadingUnixStreamServer).listen(
      folder.file('socket'),
      handlers.Echo,
      { workers: 1 },
    );
    await using test = new Serving(server);
    using peer = await test.connect();
    expect(await line(peer)).toMatch(/^\d+ \d+$/);
    await peer.send('hello\n');
    expect(await line(peer)).toBe('hello');
  });

  it('loses nothing of what was sent before the worker had it', async () => {
    await using test = await serve(handlers.Counting);
    using peer = await test.connect();
    await peer.send(Buffer.alloc(8_388_608));
    expect(await peer.end().readAll()).toBe('8388608');
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ bytesRead: 8_388_608, bytesWritten: 7, reason: 'peer-closed' }]);
  });

  it('tells a handler who its client is, and what its server', async () => {
    await using test = await serve(handlers.Obeying);
    using peer = await test.connect();
    expect(JSON.parse(await ask(peer, 'address'))).toEqual([peer.address, test.server.serverAddress, peer.address]);
  });

  it('lets a handler that computes hold up nobody in another worker', async () => {
    await using test = await serve(handlers.Obeying);
    using first = await test.connect();
    const one = await ask(first, 'where');
    using second = await test.connect();
    expect(await ask(second, 'where')).not.toBe(one);
    await first.send('loop\n');
    for (let round = 0; round < 10; round += 1) await ask(second, 'where');
    test.server.abort();
    await first.ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toContain('shutdown');
  });

  it('gives errors to handleError() in this process, with class, code, fields, cause and stack', async () => {
    await using test = await serve(handlers.Obeying);
    using peer = await test.connect();
    await peer.send('fail much\n');
    expect(await peer.readAll()).toBe('');
    await test.events.stopped(1);
    const [error] = test.errors as [RangeError & Record<string, unknown>];
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ name: 'RangeError', message: 'much', code: 'ERR_OWN', detail: { turma: 101 } });
    expect(error.stack).toContain('workers.js');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(test.events.reasons).toEqual(['error']);
  });

  it.each([
    ['exit 3', /exit code 3/],
    ['uncaught', isForking ? /exit code 1/ : /nobody catches this/],
  ])('ends only the requests of a worker that dies by %s, and replaces it', async (order, reason) => {
    await using test = await serve(handlers.Obeying);
    using victim = await test.connect();
    const thread = await ask(victim, 'where');
    using other = await test.connect();
    expect(await ask(other, 'where')).not.toBe(thread);
    await victim.send(`${order}\n`);
    await victim.ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['worker-died']);
    expect(test.errors).toEqual([expect.any(WorkerDiedError)]);
    expect((test.errors[0] as Error).message).toMatch(reason);
    await ask(other, 'where');
    // The one in its place.
    const threads = new Set<string>();
    while (threads.size < 2) {
      using peer = await test.connect();
      threads.add(await ask(peer, 'where'));
    }
    expect(threads.has(thread)).toBe(false);
  });

  it('lets all handlers share services of the server, which answer from its own process', async () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
    const { Counting, services } = require('./fixtures/workers-counter.js') as { Counting: never; services: never };
    await using test = await serve(Counting, { shared: services });
    using first = await test.connect();
    using second = await test.connect();
    expect(await ask(first, 'a 1')).toBe('1 0');
    expect(await ask(second, 'a 2')).toBe('3 0');
    expect(await ask(first, 'b 1')).toBe('1 0');
    expect(await ask(second, 'a 0.5')).toBe('true ERR_BY cannot add 0.5');
    const adding = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? first : second).send('a 1\n'));
    await Promise.all(adding);
    const counts: number[] = [];
    for (const peer of [first, second])
      for (let n = 0; n < 50; n += 1) counts.push(Number((await line(peer)).split(' ')[0]));
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 4));
  });

  it('drains: handlers between two messages say good-bye, others are waited for', async () => {
    await using test = await serve(handlers.Obeying);
    using idle = await test.connect();
    using busy = await test.connect();
    await ask(idle, 'where');
    await ask(busy, 'where');
    expect(await ask(busy, 'compute 200')).toBe('working');
    const closed = test.server.shutdown();
    expect(await idle.readAll()).toBe('goodbye\n');
    expect(await line(busy)).toBe('done');
    expect(await closed).toMatchObject({ finished: 2, cut: [] });
  });

  it('cuts handlers that do not end in time', async () => {
    await using test = await serve(handlers.Obeying, { drainTimeout: 50 });
    using peer = await test.connect();
    await ask(peer, 'where');
    expect(await ask(peer, 'hang')).toBe('hanging');
    const report = await test.server.shutdown();
    expect(report.cut).toHaveLength(1);
    expect(test.events.reasons).toEqual(['shutdown']);
  });

  it('can be shut down by a handler, which is not waited for', async () => {
    await using test = await serve(handlers.Obeying);
    using peer = await test.connect();
    using other = await test.connect();
    await ask(other, 'where');
    expect(await ask(peer, 'shutdown')).toBe('finished 1');
    await peer.end().readAll();
  });

  it('serves again after it was shut down', async () => {
    await using test = await serve(handlers.Echo);
    await test.server.shutdown();
    await test.running.done;
    const serving = test.server.serveForever();
    using peer = await Peer.connect(test.server.serverAddress);
    await line(peer);
    await peer.send('again\n');
    expect(await line(peer)).toBe('again');
    peer.end();
    await until(() => test.server.activeConnections === 0);
    await test.server.shutdown();
    await serving;
  });

  it('handles one request after it was shut down', async () => {
    await using test = await serve(handlers.Echo);
    await test.server.shutdown();
    await test.running.done;
    const handled = test.server.handleRequest();
    using peer = await Peer.connect(test.server.serverAddress);
    await line(peer);
    await peer.send('again\n');
    expect(await line(peer)).toBe('again');
    peer.end();
    await handled;
  });

  it('forgets handlers that do not end when they are cut, and tells nobody of them', async () => {
    await using test = await serve(handlers.Obeying, { drainTimeout: 20, workers: 1 });
    using peer = await test.connect();
    await ask(peer, 'where');
    expect(await ask(peer, 'hang')).toBe('hanging');
    await test.server.shutdown();
    await test.running.done;
    const serving = test.server.serveForever();
    using next = await Peer.connect(test.server.serverAddress);
    await ask(next, 'where');
    expect(test.server.activeConnections).toBe(1);
    next.end();
    await test.server.shutdown();
    await serving;
    expect(test.errors).toEqual([]);
  });

  it('keeps deadlines in the workers', async () => {
    await using test = await serve(handlers.Obeying, { deadlines: { idle: 50 } });
    using peer = await test.connect();
    await ask(peer, 'where');
    await peer.ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['deadline:idle']);
  });

  it('counts connections for the whole server', async () => {
    await using test = await serve(handlers.Echo, { maxConnections: 2, overflow: 'reject' });
    using first = await test.connect();
    using second = await test.connect();
    await Promise.all([line(first), line(second)]);
    using third = await test.connect();
    await third.ending();
    expect(test.events.reasons).toEqual(['limit']);
  });

  it.each([
    ['says no file', BaseRequestHandler as never, /static override module = __filename/],
    ['has inherited its file', handlers.Inheriting, /Inheriting.*static override module = __filename/],
    ['is not exported', handlers.hidden(), /does not export Hidden.*export class Hidden/],
    ['is a token', 'token' as never, /is a token/],
  ])('refuses to listen with a handler that %s', async (_what, handler, message) => {
    const listening = (TCPServer as typeof ThreadingTCPServer).listen(anywhere, handler, { workers: 1 });
    await expect(listening).rejects.toThrow(HandlerError);
    await expect(listening).rejects.toThrow(message);
  });

  it('refuses to listen when the file fails in a worker, with its error', async () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
    const { Failing } = require('./fixtures/workers-failing.js') as { Failing: never };
    const listening = (TCPServer as typeof ThreadingTCPServer).listen(anywhere, Failing, { workers: 2 });
    await expect(listening).rejects.toThrow(RangeError);
    await expect(listening).rejects.toThrow('this file fails in a worker');
  });

  it('leaves handlers alone when it is closed, if it is told so', async () => {
    const test = await serve(handlers.Obeying, { drainTimeout: 200 });
    test.server.blockOnClose = false;
    using peer = await test.connect();
    await ask(peer, 'where');
    expect(await ask(peer, 'compute 100')).toBe('working');
    await test.server.serverClose();
    expect(test.server.activeConnections).toBe(1);
    expect(await line(peer)).toBe('done');
    await test.events.stopped(1);
    // This one waits for the workers, so that they have ended with the test.
    test.server.blockOnClose = true;
    await test[Symbol.asyncDispose]();
  });
});
