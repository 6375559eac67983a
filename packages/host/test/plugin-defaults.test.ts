import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { BlockList, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  BaseRequestHandler,
  inject,
  injectable,
  MessageHandler,
  SETTINGS,
  StreamRequestHandler,
} from '@socketserver/core';
import { lines } from '@socketserver/framing';
import { z } from 'zod';
import { type AnyPlugin, definePlugin } from '../src/plugin';
import { readyLine, runPlugin, type RunningPlugin, type RunOptions } from '../src/run-plugin';
import { written } from './written';

class Echo extends StreamRequestHandler {
  override async handle() {
    for await (const line of this.rfile) await this.wfile.write(line);
  }
}

@injectable()
class Busy extends BaseRequestHandler {
  constructor(@inject(SETTINGS) private readonly settings: { excuse: string }) {
    super();
  }
  override async handle() {
    await this.request.sendall(`${this.settings.excuse}\n`);
  }
}

let running: RunningPlugin | undefined;
let folder: string;
const stderr = new PassThrough();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-defaults-'));
});

afterEach(async () => {
  running?.abort();
  await running?.shutdown();
  rmSync(folder, { recursive: true });
});

async function run(plugin: AnyPlugin, options: RunOptions = {}): Promise<RunningPlugin> {
  return (running = await runPlugin(plugin, { stdout: new PassThrough(), stderr, ...options }));
}

/** What a client reads that says one line and then ends its stream. */
async function exchange({ address }: RunningPlugin, line: string): Promise<string> {
  const socket = typeof address === 'string' ? connect(address) : connect(address[1], address[0]);
  socket.end(line);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('the defaults of a plugin', () => {
  it('may name a path', async () => {
    const address = join(folder, 'app.sock');
    const started = await run(definePlugin({ name: 'echo', handler: Echo, defaults: { address } }));
    expect(readyLine(started)).toBe(`listening on unix:${address} (async)`);
    expect(await exchange(started, 'one\n')).toBe('one\n');
  });

  it('give way to a port', async () => {
    const address = join(folder, 'app.sock');
    const started = await run(definePlugin({ name: 'echo', handler: Echo, defaults: { address } }), { port: 0 });
    expect(started.url).toBe(`tcp://127.0.0.1:${started.address[1]}`);
  });

  it('keep control characters of a path out of the ready line', async () => {
    const started = await run(definePlugin({ name: 'echo', handler: Echo }), { unix: join(folder, 'a\nb') });
    expect(started.url).toBe(`unix:${folder}/a\\x0ab`);
  });

  it('may have a handler of their own for clients that are too many, with services injected', async () => {
    const plugin = definePlugin({
      name: 'echo',
      handler: Echo,
      settings: z.object({ excuse: z.string().default('come back later') }),
      defaults: { maxConnections: 1, overflow: Busy },
    });
    const started = await run(plugin);
    const first = connect(Number(started.address[1]), '127.0.0.1');
    first.write('one\n');
    await once(first, 'data');
    expect(await exchange(started, '')).toBe('come back later\n');
    first.destroy();
  });

  it('may refuse addresses, unless a program says otherwise', async () => {
    const deny = new BlockList();
    deny.addSubnet('127.0.0.0', 8);
    const plugin = definePlugin({ name: 'echo', handler: Echo, defaults: { deny } });
    const refused = await run(plugin);
    await exchange(refused, '').catch(() => '');
    await refused.shutdown();
    expect(written(stderr)).toContain('"reason":"refused"');
    expect(await exchange(await run(plugin, { deny: '10.0.0.0/8' }), 'one\n')).toBe('one\n');
  });

  it('say for a handler of messages whether it serves streams or datagrams', async () => {
    class Shout extends MessageHandler<string> {
      override readonly codec = lines();
      override onMessage(line: string) {
        return this.send(line.toUpperCase());
      }
    }
    const datagrams = await run(definePlugin({ name: 'shout', transport: 'udp', handler: Shout }));
    expect(datagrams.url).toBe(`udp://127.0.0.1:${datagrams.address[1]}`);
    await datagrams.shutdown();
    expect(await exchange(await run(definePlugin({ name: 'shout', handler: Shout })), 'one\n')).toBe('ONE\n');
  });
});
