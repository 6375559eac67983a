/** Plugins that a program runs, with handlers in threads or processes. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Logger, Output, type Strategy, workerStrategies } from '@socketserver/core';
import { until } from '@socketserver/testing';
import { definePlugin, type AnyPlugin } from '../src/plugin';
import { runPlugin, type RunningPlugin, type RunOptions } from '../src/run-plugin';
import { fixtures } from './spawned-command';
import { z } from 'zod';

const file = join(fixtures, 'places.js');
const places = jest.requireActual<AnyPlugin>(file);
const scopes = jest.requireActual<AnyPlugin>(join(fixtures, 'scopes.js'));

let running: RunningPlugin | undefined;

afterEach(async () => {
  running?.abort();
  await running?.shutdown();
  running = undefined;
});

class Kept extends Output {
  text = '';
  override write(text: string): void {
    this.text += text;
  }
}

class KeptLog extends Logger {
  readonly lines: (readonly [string, object, string])[] = [];
  override debug = (...line: [object, string]) => void this.lines.push(['debug', ...line]);
  override info = (...line: [object, string]) => void this.lines.push(['info', ...line]);
  override warn = (...line: [object, string]) => void this.lines.push(['warn', ...line]);
  override error = (...line: [object, string]) => void this.lines.push(['error', ...line]);
}

async function run(plugin: AnyPlugin, strategy: Strategy, options: RunOptions = {}) {
  const [output, logger] = [new Kept(), new KeptLog()];
  running = await runPlugin(plugin, { strategy, output, logger, ...options });
  return { running, output, logger };
}

/** Says a word, and reads the answer to the end. */
async function say({ address }: RunningPlugin, word: string): Promise<string> {
  const socket = connect(Number(address[1]), '127.0.0.1').setEncoding('utf8');
  let reply = '';
  socket.on('data', (text: string) => (reply += text)).end(`${word}\n`);
  await once(socket, 'close');
  return reply;
}

describe.each(workerStrategies)('runPlugin(), %s', (strategy) => {
  it.each([
    ['the file that it is given', places, { file }],
    ["the plugin's module, a path", definePlugin({ ...places, module: file }), {}],
    ["the plugin's module, a URL", definePlugin({ ...places, module: pathToFileURL(file).href }), {}],
  ])('loads in its workers %s', async (_what, plugin, options) => {
    const { running } = await run(plugin, strategy, { workers: 1, ...options });
    expect(await say(running, 'one')).toMatch(/^Welcome as of (\S+), number 1, at \1\n$/);
  });

  it('refuses a plugin of which nobody says where it is, with the line to add', async () => {
    const failed = run(places, strategy);
    await expect(failed).rejects.toMatchObject({ code: 'PLUGIN_INVALID', plugin: 'places' });
    await expect(failed).rejects.toThrow(/^[^\n]*module: __filename[^\n]*import\.meta\.url[^\n]*$/);
  });

  it("has as many workers as the plugin's defaults say, or one for each processor", async () => {
    // Two for a machine with any number of processors but two.
    const few = availableParallelism() === 2 ? 3 : 2;
    for (const [plugin, count] of [
      [definePlugin({ ...places, defaults: { workers: few } }), few],
      [places, availableParallelism()],
    ] as const) {
      const { running } = await run(plugin, strategy, { file });
      const replies = await askAtOnce(running, count + 1);
      expect(new Set(replies.map((reply) => / at (\S+)$/.exec(reply)?.[1])).size).toBe(count);
      await running.shutdown();
    }
  });

  it("hands what a worker prints and logs to the program's own services", async () => {
    const { running, output, logger } = await run(places, strategy, { file, workers: 1 });
    await say(running, 'one');
    await running.shutdown();
    expect(output.text).toMatch(/^start at .*\none\nend\nstop\n$/);
    const [line] = logger.lines.filter(([, , message]) => message === 'a line');
    expect(line).toMatchObject(['info', { text: 'one', error: { type: 'RangeError', code: 'E_TEXT' } }, 'a line']);
  });

  it.each([
    ['a function', () => () => 1, 'settings\\.made is a function'],
    [
      'an instance of a class, deep in them',
      () => ({ list: [new URL('http://x/')] }),
      'made\\.list\\.0 is of class URL',
    ],
  ])('refuses settings that would not arrive in a worker: %s', async (_what, make, message) => {
    const settings = z.object({
      made: z
        .string()
        .default('x')
        .transform(make as () => unknown),
    });
    const failed = run(definePlugin({ ...places, settings: settings as never }), strategy, { file });
    await expect(failed).rejects.toMatchObject({ code: 'PLUGIN_INVALID', plugin: 'places' });
    await expect(failed).rejects.toThrow(new RegExp(`${message}, which cannot be sent .*configure\\(\\)$`));
  });

  it('sends all settings to its workers that are plain data', async () => {
    const made = { at: new Date(1), map: new Map([['a', [/b/]]]), none: null, bare: Object.create(null) as object };
    const settings = z.object({
      greeting: z.string().default('Hello'),
      made: z
        .string()
        .default('x')
        .transform(() => made),
    });
    const { running } = await run(definePlugin({ ...places, settings: settings as never }), strategy, {
      file,
      workers: 1,
    });
    expect(await say(running, 'one')).toMatch(/^Hello as of/);
  });

  it('makes what configure() registers once for each worker, and ends what belongs to a connection with it', async () => {
    const { running, output, logger } = await run(scopes, strategy, { workers: 2 });
    await askAtOnce(running, 6);
    expect(await say(running, 'throw')).toBe('');
    await running.shutdown();
    const printed = output.text.split('\n');
    expect(printed.filter((text) => text === 'a place')).toHaveLength(2);
    expect(printed.filter((text) => text === 'a visit is over')).toHaveLength(7);
    expect(logger.lines.filter(([level]) => level === 'error')).toHaveLength(1);
  });

  it('configures the worker in the place of one that has died, and logs what has happened', async () => {
    const { running, output, logger } = await run(scopes, strategy, { workers: 1 });
    // It may be reset.
    await say(running, 'exit').catch(() => undefined);
    // Until that is known, others are sent where it was.
    await until(() => logger.lines.some(([, , message]) => message.startsWith('a worker failed')));
    expect(await say(running, 'hello')).toBe('hello\n');
    expect(output.text).toBe('a place\na place\na visit is over\n');
    const failures = logger.lines.filter(([level]) => level === 'error');
    expect(failures).toContainEqual([
      'error',
      expect.objectContaining({ retryMs: 100 }),
      expect.stringContaining('worker'),
    ]);
  });

  it("resolves shared services in the server's process for start() and stop()", async () => {
    const { token } = places.shared![0]!;
    const counts: number[] = [];
    const next = async (container: RunningPlugin['container']) =>
      counts.push(await (container.resolve(token) as { next(): Promise<number> }).next());
    const plugin = definePlugin({
      ...places,
      start: ({ container }) => void next(container),
      stop: ({ container }) => void next(container),
    });
    const { running } = await run(plugin, strategy, { file, workers: 1 });
    expect(await say(running, 'one')).toContain('number 2,');
    await running.shutdown();
    expect(counts).toEqual([1, 3]);
  });
});

/** The answers to clients that are there at the same time, one after the other. */
async function askAtOnce({ address }: RunningPlugin, count: number): Promise<string[]> {
  const sockets = Array.from({ length: count }, () => connect(Number(address[1]), '127.0.0.1'));
  const replies: string[] = [];
  for (const socket of sockets) {
    socket.write('x\n');
    const [reply] = (await once(createInterface({ input: socket }), 'line')) as [string];
    replies.push(reply);
  }
  for (const socket of sockets) socket.destroy();
  return replies;
}
