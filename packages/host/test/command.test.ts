import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtures, runCommand, SpawnedCommand } from './spawned-command';

const sockets: Socket[] = [];

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [reply] = (await once(socket, 'data')) as [string];
  return reply;
}

afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

// The command as it was built.
describe('socketserver serve', () => {
  it.each(['async', 'selecting', 'sequential'])('lets a running request finish at SIGTERM: %s', async (strategy) => {
    await using command = new SpawnedCommand(['serve', './worker.js', '--strategy', strategy]);
    const socket = await dial(await command.port());
    expect(await ask(socket, 'finish\n')).toBe('working\n');
    command.child.kill('SIGTERM');
    expect(await once(socket, 'data')).toEqual(['done\n']);
    expect(await command.ended).toBe(0);
    expect(command.text.stdout).toMatch(
      new RegExp(`^listening on tcp://127\\.0\\.0\\.1:[1-9]\\d* \\(${strategy}\\)\\n$`),
    );
    expect(command.text.stderr).toMatch(/"finished":1,"msg":"stopped"/);
  });

  it.each(['./echo.js', './echo-esm.mjs'])('serves %s, and ends idle connections at SIGINT', async (plugin) => {
    await using command = new SpawnedCommand(['serve', plugin]);
    const socket = await dial(await command.port());
    expect(await ask(socket, 'one\n')).toBe('one\n');
    const ended = once(socket, 'end');
    command.child.kill('SIGINT');
    await ended;
    expect(await command.ended).toBe(0);
  });

  it('cuts what still runs at a second signal', async () => {
    await using command = new SpawnedCommand(['serve', './worker.js']);
    const socket = await dial(await command.port());
    expect(await ask(socket, 'hang\n')).toBe('working\n');
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    command.child.kill('SIGINT');
    await command.saw(/"msg":"draining/, 'stderr');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(143);
    await closed;
  });

  it('cuts what still runs when the time to drain is over', async () => {
    await using command = new SpawnedCommand(['serve', './worker.js', '--drain-timeout', '1']);
    const socket = await dial(await command.port());
    expect(await ask(socket, 'hang\n')).toBe('working\n');
    socket.on('error', () => {});
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(command.text.stderr).toMatch(/"level":40.*"cut":1.*some were cut/);
  });

  it('refuses new clients while it drains', async () => {
    await using command = new SpawnedCommand(['serve', './worker.js']);
    const port = await command.port();
    const running = await dial(port);
    expect(await ask(running, 'hang\n')).toBe('working\n');
    running.on('error', () => {});
    command.child.kill('SIGINT');
    await command.saw(/"msg":"draining/, 'stderr');
    await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('prints the address of IPv6 in brackets', async () => {
    await using command = new SpawnedCommand(['serve', './echo.js', '--host', '::1']);
    await command.saw(/^listening on tcp:\/\/\[::1\]:[1-9]\d* \(async\)\n/);
  });

  it('gives the plugin its settings, from flags before environment before file', async () => {
    const env = { SOCKETSERVER_SET_GREETING: 'Hello', SOCKETSERVER_CONFIG: 'greeter.json' };
    await using command = new SpawnedCommand(['serve', './greeter.js', '--set', 'limits.names=7'], env);
    const socket = await dial(await command.port());
    expect((await once(socket, 'data')) as [string]).toEqual(['Hello 7\n']);
    await command.saw(/\(sequential\)$/m);
  });

  it('starts, does idle work and stops the plugin', async () => {
    await using command = new SpawnedCommand(['serve', './printer.js', '--poll-interval', '5']);
    await command.saw(/^start\nlistening on .* \(selecting\)\nidle\n/);
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.text.stdout).toMatch(/\nstop\n$/);
  });

  it('ends quietly when nobody reads its output any more', async () => {
    await using command = new SpawnedCommand(['serve', './printer.js', '--poll-interval', '60000']);
    const socket = await dial(await command.port());
    command.child.stdout.destroy();
    expect(await ask(socket, 'hello\n')).toBe('printed\n');
    socket.end();
    expect(await command.ended).toBe(0);
    expect(command.text.stderr).not.toMatch(/EPIPE|error/i);
  });

  it('logs a handler that fails, without letting the peer write to the log', async () => {
    await using command = new SpawnedCommand(['serve', './failing.js']);
    const socket = await dial(await command.port());
    socket.write('\u001b[2J\u009b\n');
    await once(socket.resume(), 'close');
    const [line] = await command.saw(/^.*the handler failed.*$/m, 'stderr');
    expect(JSON.parse(line)).toMatchObject({ level: 50, id: 1, error: { type: 'RangeError' } });
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(command.text.stderr).not.toContain('Traceback');
    expect(command.text.stderr).not.toContain('Exception');
  });

  it('logs nothing when it is told to be silent', async () => {
    await using command = new SpawnedCommand(['serve', './failing.js', '--log-level', 'silent']);
    const socket = await dial(await command.port());
    socket.write('x\n');
    await once(socket.resume(), 'close');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.text.stderr).toBe('');
  });
});

describe('socketserver check', () => {
  it('prints what it would serve, and ends', async () => {
    const { code, stdout, stderr } = await runCommand([
      'check',
      './greeter.js',
      '--port',
      '5001',
      '--set',
      'apiToken=x',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^plugin +greeter$/m);
    expect(stdout).toMatch(/^port +5001 {2}\(flag\)$/m);
    expect(stdout).toMatch(/^strategy +sequential$/m);
    expect(stdout).toMatch(/^settings\.greeting +"Welcome"$/m);
    expect(stdout).toMatch(/^settings\.apiToken +\(hidden\)$/m);
    expect(stdout).toMatch(/\nok\n$/);
  });

  it('warns of another copy of tsyringe, whose decorators would do nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'socketserver-copies-'));
    try {
      mkdirSync(join(folder, 'node_modules/tsyringe'), { recursive: true });
      writeFileSync(join(folder, 'node_modules/tsyringe/index.js'), '');
      symlinkSync(join(__dirname, '../..'), join(folder, 'node_modules/@socketserver'));
      copyFileSync(join(fixtures, 'echo.js'), join(folder, 'echo.js'));
      const { code, stdout } = await runCommand(['check', join(folder, 'echo.js')]);
      expect(stdout).toMatch(/^warning +plugin ".*echo\.js" sees another copy of tsyringe \(/m);
      expect(code).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('loads a module that awaits at its top level', async () => {
    const { code, stdout } = await runCommand(['check', './top-level-await.mjs']);
    expect(stdout).toMatch(/^plugin +top-level-await$/m);
    expect(code).toBe(0);
  });
});

describe('socketserver list', () => {
  it('prints what can be found, and ends with 0', async () => {
    const { code, stderr } = await runCommand(['list']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('socketserver --help', () => {
  it('ends quietly when nobody reads it', async () => {
    await using command = new SpawnedCommand(['serve', '--help']);
    command.child.stdout.destroy();
    expect(await command.ended).toBe(0);
    expect(command.text.stderr).toBe('');
  });

  it('shows every flag with its default and its variable', async () => {
    const { code, stdout } = await runCommand(['serve', '--help']);
    expect(code).toBe(0);
    const text = stdout.replace(/\s+/g, ' ');
    for (const [flag, more] of [
      ['--host <host>', "(default: the plugin's, else 127.0.0.1; env: SOCKETSERVER_HOST)"],
      ['--port <n>', "(default: the plugin's, else 0; env: SOCKETSERVER_PORT)"],
      [
        '--strategy <name>',
        "sequential, async, selecting, threading, forking (default: the plugin's, else async; env: SOCKETSERVER_STRATEGY)",
      ],
      ['--workers <n>', "(default: the plugin's, else 0; env: SOCKETSERVER_WORKERS)"],
      ['--unix <path>', "(default: the plugin's, else none; env: SOCKETSERVER_UNIX)"],
      ['--max-connections <n>', "(default: the plugin's, else 0; env: SOCKETSERVER_MAX_CONNECTIONS)"],
      ['--max-connections-per-address <n>', 'env: SOCKETSERVER_MAX_CONNECTIONS_PER_ADDRESS)'],
      ['--overflow <policy>', "(default: the plugin's, else queue; env: SOCKETSERVER_OVERFLOW)"],
      ['--allow <list>', 'env: SOCKETSERVER_ALLOW)'],
      ['--deny <list>', 'env: SOCKETSERVER_DENY)'],
      ['--handshake-timeout <ms>', 'env: SOCKETSERVER_HANDSHAKE_TIMEOUT)'],
      ['--first-byte-timeout <ms>', 'env: SOCKETSERVER_FIRST_BYTE_TIMEOUT)'],
      ['--send-timeout <ms>', 'env: SOCKETSERVER_SEND_TIMEOUT)'],
      ['--lifetime <ms>', 'env: SOCKETSERVER_LIFETIME)'],
      ['--poll-interval <ms>', 'env: SOCKETSERVER_POLL_INTERVAL)'],
      ['--drain-timeout <ms>', "(default: the plugin's, else 15000; env: SOCKETSERVER_DRAIN_TIMEOUT)"],
      ['--idle-timeout <ms>', 'env: SOCKETSERVER_IDLE_TIMEOUT)'],
      ['--message-timeout <ms>', 'env: SOCKETSERVER_MESSAGE_TIMEOUT)'],
      ['--handler-timeout <ms>', 'env: SOCKETSERVER_HANDLER_TIMEOUT)'],
      ['--load-timeout <ms>', '(default: 10000; env: SOCKETSERVER_LOAD_TIMEOUT)'],
      ['--log-level <level>', '(default: info; env: SOCKETSERVER_LOG_LEVEL)'],
      ['--config <file>', '(default: none; env: SOCKETSERVER_CONFIG)'],
      ['--set <key=value>', 'env: SOCKETSERVER_SET_<KEY>)'],
    ]) {
      expect(text).toContain(flag);
      expect(text).toContain(more);
    }
    expect(text).not.toContain('(default: [])');
  });

  it('lists the commands and prints the version', async () => {
    const { stdout } = await runCommand(['--help']);
    for (const name of ['serve', 'check', 'list']) expect(stdout).toMatch(new RegExp(`^ +${name}\\b`, 'm'));
    expect(await runCommand(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });
});
