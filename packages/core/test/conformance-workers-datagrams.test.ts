import { DatagramPeer, SocketFolder, expectNoLeaks } from '@socketserver/testing';

import { type Address, BaseServer, StreamRequestHandler, type UDPServer, serverClass, workerStrategies } from '../src';
import { Serving } from './serving';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the same file that workers load
const handlers = require('./fixtures/cpython-handlers.js') as Record<'Packet' | 'Hanging', never>;

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
const folder = new SocketFolder();
afterAll(() => folder[Symbol.dispose]());

const hooks = [
  'getRequest',
  'verifyRequest',
  'processRequest',
  'processRequestTask',
  'finishRequest',
  'shutdownRequest',
  'closeRequest',
] as const;

// What Python's `UDPServer` and `DatagramRequestHandler` do, with threads and forks as well as without.
describe.each(workerStrategies)('datagrams as in Python, in workers: %s', (strategy) => {
  const Server = serverClass(strategy, 'udp');

  async function serve(handler: never = handlers.Packet, options = {}, Class: typeof UDPServer = Server) {
    const test = new Serving(await Class.listen(anywhere, handler, { workers: 1, ...options }));
    const peer = await DatagramPeer.connect(test.server.serverAddress);
    return {
      test,
      peer,
      server: test.server,
      /** Sends a datagram, and gives the one that comes. */
      ask: async (text: string): Promise<string> => {
        await peer.send(text);
        return String(await peer.read());
      },
      async [Symbol.asyncDispose]() {
        peer[Symbol.dispose]();
        await test[Symbol.asyncDispose]();
      },
    };
  }

  it('the settings are those of Python', () => {
    const server = new Server(anywhere, handlers.Packet);
    expect(server).toMatchObject({
      addressFamily: 2,
      socketType: 2,
      maxPacketSize: 8192,
      allowReuseAddress: false,
      allowReusePort: false,
      timeout: strategy === 'forking' ? 300_000 : null,
    });
    expect(server).toBeInstanceOf(BaseServer);
    expect(server).toBeInstanceOf(serverClass('sequential', 'udp'));
  });

  it('a datagram is cut at maxPacketSize, silently', async () => {
    class Short extends Server {
      override maxPacketSize = 5;
    }
    await using site = await serve(handlers.Packet, {}, Short);
    expect(await site.ask('hello world')).toBe('hello');
    expect(await site.ask('next')).toBe('next');
    expect([...site.test.events.serverErrors, ...site.test.events.requestErrors]).toEqual([]);
  });

  it('an empty datagram is a request', async () => {
    await using site = await serve();
    expect(await site.ask('')).toBe('');
  });

  it('a handler for streams is refused by serverActivate()', async () => {
    class Reading extends StreamRequestHandler {
      static override module = __filename;
    }
    await expect(Server.listen(anywhere, Reading as never)).rejects.toMatchObject({ code: 'ERR_HANDLER' });
  });

  it('a DatagramRequestHandler has packet, socket, rfile and wfile', async () => {
    await using site = await serve();
    const seen = JSON.parse(await site.ask('look\ntwo')) as unknown[];
    expect(seen).toEqual(['look\ntwo', ['look\n', 'two', ''], true, 0, site.peer.address]);
  });

  it('what is written is one datagram, and what was written before an error is sent', async () => {
    await using site = await serve();
    expect(await site.ask('parts')).toBe('one two three');
    expect(await site.ask('fail')).toBe('so far');
    await site.test.events.stopped(2);
    expect(site.test.errors).toMatchObject([{ message: 'after writing' }]);
    expect(site.peer.pending).toBe(0);
  });

  it('nothing is sent when nothing was written, and an empty datagram when that was', async () => {
    await using site = await serve();
    for (const [index, asked] of ['nothing', 'empty', 'text'].entries()) {
      await site.peer.send(asked);
      await site.test.events.stopped(index + 1);
    }
    expect([String(await site.peer.read()), String(await site.peer.read())]).toEqual(['', 'text']);
  });

  it('the order of calls is that of a stream, and the socket stays open', async () => {
    const calls: string[] = [];
    class Noting extends Server {}
    for (const name of hooks) {
      Object.defineProperty(Noting.prototype, name, {
        value(this: UDPServer, ...args: unknown[]) {
          calls.push(name);
          return (Server.prototype as unknown as Record<string, (...args: unknown[]) => unknown>)[name]?.apply(
            this,
            args,
          );
        },
      });
    }
    await using site = await serve(handlers.Packet, {}, Noting);
    for (let count = 1; count <= 2; count += 1) {
      expect(await site.ask('hello')).toBe('hello');
      await site.test.events.stopped(count);
      expect(calls.splice(0)).toEqual(hooks);
      expect(site.server.fileno()).toBeGreaterThan(0);
    }
  });

  it('requests that run when the server closes can still answer', async () => {
    await using site = await serve();
    expect(await site.ask('last')).toBe('in');
    const closing = site.server.serverClose();
    expect(String(await site.peer.read())).toBe('last words');
    await closing;
    expect(site.server.fileno()).toBe(-1);
  });

  it('one that does not end in time is cut, and answers no more', async () => {
    await using site = await serve(handlers.Hanging, { drainTimeout: 0 });
    expect(await site.ask('?')).toBe('in');
    await site.server.serverClose();
    expect(site.test.events.reasons).toEqual(['shutdown']);
    expect(site.peer.pending).toBe(0);
  });

  const isMissing = !DatagramPeer.hasUnix;
  const because = isMissing ? ' (skipped: the optional package unix-dgram cannot be loaded)' : '';
  (isMissing ? it.skip : it)(
    `a datagram comes from the path of its sender, and is answered there${because}`,
    async () => {
      const path = folder.path();
      const server = await serverClass(strategy, 'unix-datagram').listen(path, handlers.Packet, { workers: 1 });
      await using _test = new Serving(server);
      using peer = await DatagramPeer.connect(path);
      await peer.send('look');
      expect(JSON.parse(String(await peer.read()))).toContain(peer.address);
      expect([server.serverAddress, server.socket.getsockname()]).toEqual([path, path]);
    },
  );
});
