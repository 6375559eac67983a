import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SpawnedCommand } from './spawned-command';

const sockets: Socket[] = [];

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [reply] = (await once(socket, 'data')) as [string];
  return reply;
}

/** The log line of the first connection that ended for this reason. */
async function endOf(command: SpawnedCommand, reason: string): Promise<{ level: number; reason: string }> {
  const [line] = await command.saw(new RegExp(`^.*"reason":"${reason}".*$`, 'm'), 'stderr');
  return JSON.parse(line) as { level: number; reason: string };
}

afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

// The command as it was built.
describe('socketserver serve, with limits', () => {
  it.each([
    ['--max-connections', '1', '--overflow', 'reject'],
    ['--max-connections-per-address', '1'],
  ])('turns away who is one too many: %s', async (...flags) => {
    await using command = new SpawnedCommand(['serve', './echo.js', ...flags]);
    const port = await command.port();
    const first = dial(port);
    expect(await ask(first, 'one\n')).toBe('one\n');
    await once(dial(port), 'close');
    expect(await endOf(command, 'limit')).toMatchObject({ level: 30 });
    expect(await ask(first, 'two\n')).toBe('two\n');
  });

  it('lets who is one too many wait', async () => {
    await using command = new SpawnedCommand(['serve', './echo.js'], { SOCKETSERVER_MAX_CONNECTIONS: '1' });
    const port = await command.port();
    const first = dial(port);
    expect(await ask(first, 'one\n')).toBe('one\n');
    const second = dial(port);
    const reply = ask(second, 'two\n');
    await once(second, 'connect');
    expect(await ask(first, 'three\n')).toBe('three\n');
    first.end();
    expect(await reply).toBe('two\n');
  });

  it.each([
    [['--deny', '10.0.0.0/8', '--deny', '127.0.0.1']],
    [['--allow', '10.0.0.0/8,::1']],
    [['--allow', '127.0.0.0/8', '--deny', '127.0.0.1']],
  ])('refuses who is not welcome: %j', async (flags) => {
    await using command = new SpawnedCommand(['serve', './echo.js', ...flags]);
    await once(dial(await command.port()).resume(), 'close');
    expect(await endOf(command, 'refused')).toMatchObject({ level: 30 });
  });

  it('serves who is welcome', async () => {
    await using command = new SpawnedCommand(['serve', './echo.js', '--allow', '127.0.0.0/8', '--deny', '10.0.0.0/8']);
    expect(await ask(dial(await command.port()), 'one\n')).toBe('one\n');
  });

  it.each([
    ['--first-byte-timeout', 'deadline:firstByte'],
    ['--idle-timeout', 'deadline:idle'],
    ['--lifetime', 'deadline:lifetime'],
  ])('ends a silent connection by %s, and logs why', async (flag, reason) => {
    await using command = new SpawnedCommand(['serve', './echo.js', flag, '1']);
    await once(dial(await command.port()).resume(), 'close');
    expect(await endOf(command, reason)).toMatchObject({ level: 30 });
  });

  it('ends a connection whose peer does not read by --send-timeout', async () => {
    await using command = new SpawnedCommand(['serve', './flood.js', '--send-timeout', '100']);
    await once(dial(await command.port()), 'connect');
    expect(await endOf(command, 'deadline:drain')).toMatchObject({ level: 30 });
  });
});
