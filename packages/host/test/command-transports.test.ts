import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fixtures, runCommand, SpawnedCommand } from './spawned-command';

const run = promisify(execFile);
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socketserver-transports-'));
  path = join(folder, 'app.sock');
});

afterEach(() => rmSync(folder, { recursive: true }));

async function askByPython(transport: string, where: string, line: string): Promise<string> {
  const { stdout } = await run('python3', [join(fixtures, 'ask.py'), transport, where, line], { timeout: 20_000 });
  return stdout;
}

async function askAtPath(line: string): Promise<string> {
  const socket = connect(path).setEncoding('utf8');
  try {
    socket.write(line);
    const [reply] = (await once(socket, 'data')) as [string];
    return reply;
  } finally {
    socket.destroy();
  }
}

const strategies = ['sequential', 'async', 'selecting', 'threading', 'forking'];

/** `unix-dgram` is optional, and compiled for one version of Node. */
const hasUnixDatagrams = ((): boolean => {
  try {
    jest.requireActual('unix-dgram');
    return true;
  } catch {
    return false;
  }
})();
const atPaths = hasUnixDatagrams ? ['./echo.js', './upper.js'] : ['./echo.js'];
const skipped = hasUnixDatagrams ? '' : ' (skipped: the optional package unix-dgram cannot be loaded)';

// The command as it was built.
describe('socketserver serve, for datagrams', () => {
  it.each(strategies)('answers node:dgram and Python: %s', async (strategy) => {
    await using command = new SpawnedCommand(['serve', './upper.js', '--strategy', strategy]);
    await command.saw(new RegExp(`^listening on udp://127\\.0\\.0\\.1:[1-9]\\d* \\(${strategy}\\)\\n`));
    const port = await command.port();
    const client = createSocket('udp4');
    client.send('one', port, '127.0.0.1');
    const [reply] = (await once(client, 'message')) as [Buffer];
    client.close();
    expect(reply.toString()).toBe('ONE');
    expect(await askByPython('udp', `127.0.0.1:${port}`, 'two')).toBe('TWO\n');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
    expect(command.text.stderr).toMatch(/"msg":"stopped"/);
  });

  it('names the option when the port is busy', async () => {
    const busy = createSocket('udp4').bind(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address();
    const { code, stderr } = await runCommand(['serve', './upper.js', '--port', String(port)]);
    busy.close();
    expect(stderr).toBe(`error: --port ${port}: the address 127.0.0.1:${port} is in use; choose another with --port\n`);
    expect(code).toBe(2);
  });

  (hasUnixDatagrams ? it : it.skip).each(strategies)(`answers at a path: %s${skipped}`, async (strategy) => {
    await using command = new SpawnedCommand(['serve', './upper.js', '--unix', path, '--strategy', strategy]);
    await command.saw(new RegExp(`^listening on unix:${path} \\(${strategy}\\)\\n`));
    expect(await askByPython('unix-datagram', path, 'one')).toBe('ONE\n');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });
});

describe('socketserver serve, at a path', () => {
  it.each(strategies)('serves node:net and Python: %s', async (strategy) => {
    await using command = new SpawnedCommand(['serve', './echo.js', '--strategy', strategy], {
      SOCKETSERVER_UNIX: path,
    });
    await command.saw(new RegExp(`^listening on unix:${path} \\(${strategy}\\)\\n`));
    expect(await askAtPath('one\n')).toBe('one\n');
    expect(await askByPython('unix', path, 'two')).toBe('two\n');
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(0);
  });

  it.each(atPaths)('takes over the path of a server that was killed: %s', async (plugin) => {
    await using first = new SpawnedCommand(['serve', plugin, '--unix', path]);
    await first.saw(/^listening on unix:/);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(lstatSync(path).isSocket()).toBe(true);
    await using second = new SpawnedCommand(['serve', plugin, '--unix', path]);
    await second.saw(/^listening on unix:/);
  });

  it.each(atPaths)('leaves the path to a server that uses it: %s', async (plugin) => {
    await using first = new SpawnedCommand(['serve', plugin, '--unix', path]);
    await first.saw(/^listening on unix:/);
    expect(await runCommand(['serve', plugin, '--unix', path])).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: --unix ${path}: a server listens there already; choose another path with --unix\n`,
    });
    const reply = await askByPython(plugin === './echo.js' ? 'unix' : 'unix-datagram', path, 'STILL HERE');
    expect(reply).toBe('STILL HERE\n');
  });

  it('prefers a port on the command line to a path of the environment', async () => {
    await using command = new SpawnedCommand(['serve', './echo.js', '--port', '0'], { SOCKETSERVER_UNIX: path });
    expect(await command.port()).toBeGreaterThan(0);
  });

  it('is shown by check in the place of host and port', async () => {
    const { stdout, code } = await runCommand(['check', './upper.js', '--unix', path, '--deny', '10.0.0.0/8']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^transport +unix-datagram$/m);
    expect(stdout).toMatch(new RegExp(`^unix +${path} {2}\\(flag\\)$`, 'm'));
    expect(stdout).toMatch(/^deny +10\.0\.0\.0\/8 {2}\(flag\)$/m);
    expect(stdout).toMatch(/^allow +all$/m);
    expect(stdout).not.toMatch(/^(host|port)\b/m);
  });
});

describe('socketserver serve, at a path that cannot be had', () => {
  it.each(atPaths)('says in one line why: %s', async (plugin) => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'not a socket');
    const long = join(folder, 'x'.repeat(120));
    for (const [unix, why] of [
      [file, 'a file that is no socket is there; choose another path with --unix'],
      [
        join(folder, 'absent/app.sock'),
        `there is no folder ${join(folder, 'absent')}; make it, or choose another with --unix`,
      ],
      [join(file, 'app.sock'), `there is no folder ${file}; make it, or choose another with --unix`],
      [long, `the path is too long for a socket (${long.length} bytes); choose a shorter one with --unix`],
    ] as const) {
      const { code, stderr } = await runCommand(['serve', plugin, '--unix', unix]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: `error: --unix ${unix}: ${why}\n` });
    }
  });

  it('says so when the folder may not be written', async () => {
    // Root may write everywhere but here.
    const closed = process.getuid?.() === 0 ? '/proc/sys' : join(folder, 'closed');
    if (closed !== '/proc/sys') {
      mkdirSync(closed);
      chmodSync(closed, 0o500);
    }
    const unix = join(closed, 'app.sock');
    const { code, stderr } = await runCommand(['serve', './echo.js', '--unix', unix]);
    expect(stderr).toBe(
      `error: --unix ${unix}: no permission to make a socket in ${closed}; choose another folder with --unix\n`,
    );
    expect(code).toBe(2);
  });

  it('names the variable or the file that the path came from', async () => {
    const server = createServer().listen(path);
    await once(server, 'listening');
    const config = join(folder, 'my.json');
    writeFileSync(config, JSON.stringify({ unix: path }));
    const fromEnv = await runCommand(['serve', './echo.js'], { SOCKETSERVER_UNIX: path });
    const fromFile = await runCommand(['serve', './echo.js', '--config', config]);
    server.close();
    expect(fromEnv.stderr).toBe(
      `error: SOCKETSERVER_UNIX=${path}: a server listens there already; choose another path with --unix\n`,
    );
    expect(fromFile.stderr).toMatch(`error: "unix": "${path}" in ${config}: a server listens there already; `);
  });
});
