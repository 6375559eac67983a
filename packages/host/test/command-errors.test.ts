import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { runCommand, SpawnedCommand } from './spawned-command';

// The command as it was built: what a user sees when something is wrong.
describe('socketserver, with bad input', () => {
  it.each([
    [
      'an unknown plugin',
      ['serve', 'nothing'],
      /^error: plugin "nothing" was not found from .*\(tried @socketserver\/nothing, /,
    ],
    [
      'a plugin that throws',
      ['serve', './throws.js'],
      /^error: plugin ".\/throws\.js" could not be loaded .*: no database here \(at /,
    ],
    [
      'a plugin with a syntax error',
      ['serve', './syntax-error.js'],
      /^error: .*'twice' has already been declared \(at .*syntax-error\.js:3\)/,
    ],
    [
      'a module that is no plugin',
      ['serve', './no-default.js'],
      /^error: .* has no default export made by definePlugin\(\)/,
    ],
    [
      'a plugin that never loads',
      ['serve', './never-loads.mjs', '--load-timeout', '50'],
      /^error: .*did not finish loading within 50 ms/,
    ],
    ['another copy of core', ['serve', './other-copy.js'], /^error: .*two copies of @socketserver\/core/],
    [
      'a plugin whose start fails',
      ['serve', './start-fails.js'],
      /^error: plugin "start-fails": start\(\) failed: the disk is full/,
    ],
    [
      'a plugin whose start hangs',
      ['serve', './start-hangs.js', '--load-timeout', '50'],
      /^error: .*did not finish start\(\) within 50 ms/,
    ],
    [
      'an unknown strategy',
      ['serve', './echo.js', '--strategy', 'quantum'],
      /^error: --strategy quantum: expected one of .*selecting/,
    ],
    [
      'a strategy that cannot serve',
      ['serve', './chat.js', '--strategy', 'sequential'],
      /^error: --strategy sequential: plugin "chat" serves several/,
    ],
    [
      'a bad port',
      ['serve', './echo.js', '--port', '70000'],
      /^error: --port 70000: expected a whole number from 0 to 65535/,
    ],
    [
      'a path beside a port',
      ['serve', './echo.js', '--unix', '/tmp/x', '--port', '1'],
      /^error: --unix \/tmp\/x: not together with --port 1; give a path, or a host and a port$/m,
    ],
    [
      'a bad range',
      ['check', './echo.js', '--deny', '::1', '--deny', '10.0.0.0/40'],
      /^error: --deny ::1,10\.0\.0\.0\/40: expected addresses and ranges .*; got "10\.0\.0\.0\/40"$/m,
    ],
    [
      'a handler of streams for datagrams',
      ['check', './stream-over-udp.js'],
      /^error: .*plugin "stream-over-udp": its handler reads a stream; for transport "udp" extend DatagramRequestHandler/,
    ],
    [
      'an unknown flag',
      ['serve', './echo.js', '--prot', '1'],
      /^error: unknown option '--prot' \(Did you mean --port\?\)/,
    ],
    ['a missing plugin', ['serve'], /^error: missing required argument 'plugin'/],
    ['a bad setting', ['serve', './greeter.js', '--set', 'limits.names=0'], /^error: --set limits\.names=0: too small/],
    [
      'an unknown setting',
      ['check', './greeter.js', '--set', 'greting=Hi'],
      /^error: --set greting: unknown setting; known are greeting, /,
    ],
    [
      'a missing file',
      ['serve', './echo.js', '--config', 'absent.json'],
      /^error: --config absent\.json: there is no such file/,
    ],
    [
      'a name that nobody knows',
      ['serve', './echo.js', '--host', 'no.such.host.invalid'],
      /^error: --host no\.such\.host\.invalid: /,
    ],
    [
      'a name that nobody knows, for datagrams',
      ['serve', './upper.js', '--host', 'no.such.host.invalid'],
      /^error: --host no\.such\.host\.invalid: /,
    ],
    [
      'a foreign address for datagrams',
      ['serve', './upper.js', '--host', '192.0.2.1'],
      /^error: --host 192\.0\.2\.1: this machine has no address/,
    ],
    [
      'a foreign address',
      ['serve', './echo.js', '--host', '192.0.2.1'],
      /^error: --host 192\.0\.2\.1: this machine has no address/,
    ],
  ])('prints one line and ends with 2: %s', async (_what, args, message) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('names the option and the next step when the port is busy', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    try {
      const flag = await runCommand(['serve', './echo.js', '--port', String(port)]);
      expect(flag).toEqual({
        code: 2,
        stdout: '',
        stderr: `error: --port ${port}: the address 127.0.0.1:${port} is in use; choose another with --port\n`,
      });
      const variable = await runCommand(['serve', './echo.js'], { SOCKETSERVER_PORT: String(port) });
      expect(variable.stderr).toMatch(`error: SOCKETSERVER_PORT=${port}: the address`);
    } finally {
      busy.close();
    }
  });

  it('ends with 1 when the plugin fails while it stops', async () => {
    await using command = new SpawnedCommand(['serve', './stop-fails.js']);
    await command.port();
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(1);
    expect(command.text.stderr).toContain('error: plugin "stop-fails": stop() failed: the disk is full\n');
  });
});
