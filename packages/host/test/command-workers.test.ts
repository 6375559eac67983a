/** Plugins whose handlers run in threads or processes, as the built command serves them. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runCommand, SpawnedCommand } from './spawned-command';

const strategies = ['threading', 'forking'];
const sockets: Socket[] = [];

class Client {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    sockets.push(socket);
  }

  static async connect(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    const client = new Client(socket);
    await once(socket, 'connect');
    return client;
  }

  async ask(text: string): Promise<string> {
    this.#socket.write(`${text}\n`);
    return this.line();
  }

  async line(): Promise<string> {
    return (await this.#lines.next()).value as string;
  }

  async end(): Promise<void> {
    this.#socket.end();
    await once(this.#socket, 'close');
  }
}

/** What places.js answers. */
async function askPlaces(client: Client, text: string) {
  const reply = await client.ask(text);
  const [, greeting, configuredAt, number, place] = /^(.*) as of (.*), number (\d+), at (.*)$/.exec(reply) ?? [reply];
  return { greeting, configuredAt, number: Number(number), place };
}

function serve(plugin: string, strategy: string, flags: string[] = [], env?: NodeJS.ProcessEnv): SpawnedCommand {
  return new SpawnedCommand(['serve', plugin, '--strategy', strategy, ...flags], env);
}

/** The lines of the log with this message. */
function logged(command: SpawnedCommand, message: string): Record<string, unknown>[] {
  const lines = command.text.stderr.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message);
}

afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

describe.each(strategies)('socketserver serve, %s', (strategy) => {
  it('configures every worker with the settings, and shares one service among them', async () => {
    await using command = serve('./places.js', strategy, ['--workers', '2', '--set', 'greeting=Hello']);
    const port = await command.port();
    const home = (await command.saw(/^start at (.*)$/m))[1];
    // Each new client goes where there are the fewest.
    const [first, second] = [await Client.connect(port), await Client.connect(port)];
    const replies = [await askPlaces(first, 'a'), await askPlaces(second, 'b'), await askPlaces(first, 'c')];
    expect(replies.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(replies.map(({ greeting }) => greeting)).toEqual(['Hello', 'Hello', 'Hello']);
    for (const { configuredAt, place } of replies) expect(configuredAt).toBe(place);
    expect(new Set([home, ...replies.map(({ place }) => place)]).size).toBe(3);
  });

  it.each([
    ['the flag', ['--workers', '1'], { SOCKETSERVER_WORKERS: '2' }],
    ['the environment', ['--config', 'two-workers.json'], { SOCKETSERVER_WORKERS: '1' }],
    ['the file', ['--config', 'one-worker.json'], {}],
  ])('has as many workers as %s says', async (_where, flags, env) => {
    await using command = serve('./places.js', strategy, flags, env);
    const port = await command.port();
    const clients = await Promise.all([1, 2, 3].map(() => Client.connect(port)));
    const places = new Set<string | undefined>();
    for (const client of clients) places.add((await askPlaces(client, 'x')).place);
    expect(places.size).toBe(1);
  });

  it('brings what a worker prints and logs to its own streams, in order and to the last word', async () => {
    await using command = serve('./places.js', strategy, ['--workers', '1']);
    const client = await Client.connect(await command.port());
    const words = Array.from({ length: 50 }, (_, number) => `word ${number}`);
    for (const word of words) await client.ask(word);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    const [, ready, ...printed] = command.text.stdout.split('\n');
    expect(ready).toMatch(new RegExp(`^listening on .* \\(${strategy}\\)$`));
    expect(printed).toEqual([...words, 'end', 'stop', '']);
    expect(logged(command, 'a line').map(({ text }) => text)).toEqual(words);
  });

  it('keeps the class and the code of an error that a worker logs, and leaves out what is no data', async () => {
    await using command = serve('./places.js', strategy, ['--workers', '1']);
    await (await Client.connect(await command.port())).ask('one');
    await command.saw(/"a line"\}\n/, 'stderr');
    const [line] = logged(command, 'a line');
    expect(line).toMatchObject({ text: 'one', error: { type: 'RangeError', message: 'one', code: 'E_TEXT' } });
    expect(line!.error).toHaveProperty('stack', expect.stringContaining('places.js'));
    expect(line).not.toHaveProperty('later');
  });

  it('lets no peer write to the log by way of a worker', async () => {
    await using command = serve('./places.js', strategy, ['--workers', '1']);
    const client = await Client.connect(await command.port());
    await client.ask('\u001b[2J\u009b\u202e');
    const [line] = await command.saw(/^.*"a line"\}$/m, 'stderr');
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(line)).toMatchObject({ text: '\u001b[2J\u009b\u202e' });
  });

  it('logs a handler that fails in a worker as one of its own', async () => {
    await using command = serve('./failing.js', strategy, ['--workers', '1']);
    const port = await command.port();
    expect(await (await Client.connect(port)).ask('\u001b[2J\u009b')).toBeUndefined();
    const [line] = await command.saw(/^.*the handler failed.*$/m, 'stderr');
    expect(JSON.parse(line)).toMatchObject({ level: 50, id: 1, error: { type: 'RangeError' } });
    expect(line).toContain('failing.js');
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(command.text.stderr).not.toContain('Exception');
  });

  it('lets a running request finish at SIGTERM', async () => {
    await using command = serve('./worker.js', strategy, ['--workers', '2']);
    const client = await Client.connect(await command.port());
    expect(await client.ask('finish')).toBe('working');
    command.child.kill('SIGTERM');
    expect(await client.line()).toBe('done');
    expect(await command.ended).toBe(0);
    expect(command.text.stderr).toMatch(/"finished":1,"msg":"stopped"/);
  });

  it('cuts what still runs in a worker at a second signal', async () => {
    await using command = serve('./worker.js', strategy, ['--workers', '1']);
    const client = await Client.connect(await command.port());
    expect(await client.ask('hang')).toBe('working');
    sockets[0]!.on('error', () => {});
    command.child.kill('SIGINT');
    await command.saw(/"msg":"draining/, 'stderr');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(143);
    expect(command.text.stderr).toMatch(/"cut":1/);
  });

  it('never calls idle(): only selecting does', async () => {
    // A selecting server would have called it a thousand times meanwhile.
    await using command = serve('./places.js', strategy, ['--workers', '1', '--poll-interval', '1']);
    await (await Client.connect(await command.port())).ask('one');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.text.stdout).not.toContain('idle');
  });

  it('serves an ES module, and at a path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'socketserver-workers-'));
    const path = join(folder, 's');
    try {
      await using command = serve('./echo-esm.mjs', strategy, ['--workers', '1', '--unix', path]);
      await command.saw(new RegExp(`^listening on unix:${path} \\(${strategy}\\)\\n`));
      const socket = connect(path).setEncoding('utf8');
      sockets.push(socket);
      socket.write('one\n');
      expect(await once(socket, 'data')).toEqual(['one\n']);
      command.child.kill('SIGTERM');
      expect(await command.ended).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [
      'module',
      /^error: plugin "\.?[^"]*only-in-server\.js" could not be loaded from [^\n]*: no database here[^\n]*\n$/,
    ],
    ['configuration', /^error: plugin "only-in-server": configure\(\) failed: no password here\n$/],
  ])('says in one line what only its workers miss: the %s', async (missing, text) => {
    const flags = ['serve', './only-in-server.js', '--strategy', strategy, '--workers', '2'];
    const { code, stdout, stderr } = await runCommand(flags, { MISSING: missing });
    expect(stderr).toMatch(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each(['x', '-1', '1.5', '1025'])('refuses --workers %s', async (workers) => {
    const { code, stderr } = await runCommand(['serve', './echo.js', '--strategy', strategy, '--workers', workers]);
    expect(stderr).toBe(`error: --workers ${workers}: expected a whole number from 0 to 1024\n`);
    expect(code).toBe(2);
  });
});
