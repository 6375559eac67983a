import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket as NetSocket } from 'node:net';
import { PassThrough } from 'node:stream';
import {
  inject,
  injectable,
  type InjectionToken,
  MessageHandler,
  SETTINGS,
  shared,
  StreamRequestHandler,
} from '@socketserver/core';
import { lines } from '@socketserver/framing';
import { z } from 'zod';
import { type AnyPlugin, definePlugin } from '../src/plugin';
import { readyLine, runPlugin, type RunningPlugin, type RunOptions } from '../src/run-plugin';
import { written } from './written';

abstract class Counter {
  abstract next(): Promise<number>;
}

@injectable()
class MemoryCounter extends Counter {
  #count = 0;
  override async next() {
    return ++this.#count;
  }
}

@injectable()
class Numbering extends MessageHandler<string> {
  override readonly codec = lines();
  constructor(
    private readonly counter: Counter,
    @inject(SETTINGS) private readonly settings: { prefix: string },
  ) {
    super();
  }
  override async onMessage() {
    await this.send(`${this.settings.prefix}${await this.counter.next()}`);
  }
}

class Echo extends StreamRequestHandler {
  override async handle() {
    for await (const line of this.rfile) await this.wfile.write(line);
  }
}

const numbering = definePlugin({
  name: 'numbering',
  handler: Numbering,
  settings: z.object({ prefix: z.string().default('#') }),
  shared: [shared(Counter, MemoryCounter)],
});

let running: RunningPlugin[] = [];
let sockets: NetSocket[] = [];

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const plugin of running) plugin.abort();
  await Promise.all(running.map((plugin) => plugin.shutdown().catch(() => {})));
  running = [];
  sockets = [];
});

async function run(plugin: AnyPlugin, options: RunOptions = {}) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const started = await runPlugin(plugin, { stdout, stderr, ...options });
  running.push(started);
  return { started, printed: () => written(stdout), logged: () => written(stderr), stdout };
}

async function dial({ address }: RunningPlugin): Promise<NetSocket> {
  const socket = connect(Number(address[1]), '127.0.0.1').setEncoding('utf8');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: NetSocket, text: string): Promise<string> {
  socket.write(text);
  const [reply] = (await once(socket, 'data')) as [string];
  return reply;
}

describe('runPlugin()', () => {
  it('serves with injected services and settings', async () => {
    const { started } = await run(numbering, { settings: { prefix: 'n' } });
    const first = await dial(started);
    const second = await dial(started);
    expect(await ask(first, 'x\n')).toBe('n1\n');
    expect(await ask(second, 'x\n')).toBe('n2\n');
  });

  it('keeps the services and settings of two runs apart', async () => {
    const [a, b] = [await run(numbering, { settings: { prefix: 'a' } }), await run(numbering)];
    expect(await ask(await dial(a.started), 'x\n')).toBe('a1\n');
    expect(await ask(await dial(b.started), 'x\n')).toBe('#1\n');
  });

  it('gives the ready line, with the real port', async () => {
    const { started } = await run(numbering, { strategy: 'selecting' });
    expect(readyLine(started)).toBe(`listening on tcp://127.0.0.1:${started.address[1]} (selecting)`);
    expect(started.address[1]).not.toBe(0);
  });

  it('takes options as text or as values, and the environment only when it is given', async () => {
    const env = { SOCKETSERVER_STRATEGY: 'sequential' };
    expect((await run(numbering, { port: '0' })).started.strategy).toBe('async');
    expect((await run(numbering, { port: 0, env })).started.strategy).toBe('sequential');
  });

  it('calls configure, start and stop in order, with everything in the context', async () => {
    const calls: string[] = [];
    const plugin = definePlugin({
      name: 'calls',
      handler: Echo,
      settings: z.object({ a: z.number().default(1) }),
      shared: [shared(Counter, MemoryCounter)],
      configure: (container, settings) => {
        container.register('word', { useValue: 'hello' });
        calls.push(`configure ${settings.a}`);
      },
      async start({ container, settings, server, strategy, output }) {
        const count = await container.resolve(Counter as InjectionToken<Counter>).next();
        calls.push(`start ${settings.a} ${container.resolve<string>('word')} ${count} ${strategy}`);
        output.write(`port ${server.serverAddress[1]}\n`);
      },
      stop({ output }) {
        calls.push('stop');
        output.write('bye\n');
      },
    });
    const { started, printed } = await run(plugin);
    expect(calls).toEqual(['configure 1', 'start 1 hello 1 async']);
    await started.shutdown();
    expect(calls.at(-1)).toBe('stop');
    expect(printed()).toBe(`port ${started.address[1]}\nbye\n`);
  });

  it('reports the drain, whoever began it', async () => {
    class Quit extends StreamRequestHandler {
      override async handle() {
        await this.rfile.readline();
        void this.server.shutdown();
        await this.wfile.write('bye\n');
      }
    }
    const { started } = await run(definePlugin({ name: 'quit', handler: Quit }));
    expect(await ask(await dial(started), 'x\n')).toBe('bye\n');
    expect(await started.closed).toMatchObject({ finished: 1, cut: [] });
  });

  it('cuts at abort(), and says whom', async () => {
    class Stuck extends StreamRequestHandler {
      override async handle() {
        await this.wfile.write('working\n');
        await new Promise(() => {});
      }
    }
    const { started, logged } = await run(definePlugin({ name: 'stuck', handler: Stuck }));
    const socket = await dial(started);
    socket.on('error', () => {});
    await once(socket, 'data');
    const closed = started.shutdown();
    started.abort();
    const report = await closed;
    expect(report.cut).toHaveLength(1);
    expect(report.cut[0]!.clientAddress[1]).toBe(socket.localPort);
    expect(logged()).toContain(`127.0.0.1:${socket.localPort}`);
  });

  it('leaves nothing open when start fails', async () => {
    let port = 0;
    const plugin = definePlugin({
      name: 'unlucky',
      handler: Echo,
      start({ server }) {
        port = Number(server.serverAddress[1]);
        throw new RangeError('no disk');
      },
    });
    await expect(run(plugin)).rejects.toMatchObject({ code: 'PLUGIN_HOOK_FAILED', hook: 'start' });
    const next = createServer().listen(port, '127.0.0.1');
    await once(next, 'listening');
    next.close();
  });

  it('tells a busy port from a service that cannot be made', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    await expect(run(numbering, { port })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      address: ['127.0.0.1', port],
    });
    busy.close();
    @injectable()
    class Broken extends Counter {
      constructor() {
        super();
        throw new RangeError('no disk');
      }
      override async next() {
        return 0;
      }
    }
    const plugin = definePlugin({ name: 'broken', handler: Echo, shared: [shared(Counter, Broken)] });
    await expect(run(plugin)).rejects.toMatchObject({ code: 'PLUGIN_INVALID', plugin: 'broken' });
  });

  it('goes on when idle work fails', async () => {
    let calls = 0;
    let again: () => void = () => {};
    const twice = new Promise<void>((resolve) => (again = resolve));
    const plugin = definePlugin({
      name: 'idler',
      handler: Echo,
      defaults: { strategy: 'selecting', pollInterval: 1 },
      idle() {
        if (++calls === 2) again();
        throw new RangeError('no disk');
      },
    });
    const { started, logged } = await run(plugin);
    await twice;
    expect(await ask(await dial(started), 'x\n')).toBe('x\n');
    expect(logged()).toContain('idle() failed');
  });

  it('ends when nobody reads its output any more', async () => {
    const { started, stdout } = await run(numbering);
    stdout.destroy();
    expect(await started.closed).toMatchObject({ cut: [] });
  });

  it('ends at once when nobody reads its output from the start', async () => {
    const stdout = new PassThrough();
    const plugin = definePlugin({ name: 'early', handler: Echo, start: () => void stdout.destroy() });
    const { started } = await run(plugin, { stdout });
    expect(await started.closed).toMatchObject({ cut: [] });
  });

  it('closes a silent connection at its deadline and logs why', async () => {
    const { started, logged } = await run(definePlugin({ name: 'echo', handler: Echo }), { idleTimeout: 1 });
    await once(
      (await dial(started)).on('error', () => {}),
      'close',
    );
    await started.shutdown();
    expect(logged()).toContain('"reason":"deadline:idle"');
  });

  it('logs readable lines on a terminal', async () => {
    const stderr = Object.assign(new PassThrough(), { isTTY: true });
    const { started } = await run(numbering, { stderr, env: { NO_COLOR: '1' } });
    await started.shutdown();
    expect(written(stderr)).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: stopped \{.*\}\n$/);
  });
});
