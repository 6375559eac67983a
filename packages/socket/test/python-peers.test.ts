import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Address,
  AF_UNIX,
  ConnectionResetError,
  DatagramSocket,
  SHUT_WR,
  Socket,
  createConnection,
} from '@socketserver/socket';
import { bound, families, freeAddress } from './datagrams';
import { folder } from './folder';
import { addressOf, everyWay, keep, listening, noise, receiveAll, refusal, sha256, until, ways } from './loopback';

const fixture = (name: string): string => join(__dirname, 'fixtures', name);

/** Runs a client to its end; gives what it printed. */
async function pythonClient(name: string, listener: Socket): Promise<string> {
  const { stdout } = await promisify(execFile)('python3', [fixture(name), String(addressOf(listener)[1])]);
  return stdout;
}

describe('a Python server', () => {
  let server: ChildProcess | undefined;

  async function start(name: string): Promise<[string, number]> {
    server = spawn('python3', [fixture(name)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(server.stdout!, 'data')) as [Buffer];
    return ['127.0.0.1', Number(line)];
  }

  afterEach(async () => {
    const exit = once(server!, 'exit');
    server!.stdin!.end();
    await exit;
    server!.stdout!.destroy();
  });

  it('greets our client', async () => {
    const address = await start('greeting_server.py');
    for (let i = 0; i < 3; i++) {
      const client = keep(await createConnection(address));
      expect(String(await receiveAll(client))).toBe('Bem-vindo ao servidor!\n');
      client.close();
    }
  });

  it('reads slowly what our client sends at once, and gets every byte', async () => {
    const client = keep(await createConnection(await start('hashing_server.py')));
    const bytes = noise(32 * 1024 * 1024);
    await client.sendall(bytes);
    client.shutdown(SHUT_WR);
    expect(String(await receiveAll(client))).toBe(sha256(bytes));
  });
});

describe.each(families)('Python datagrams of $name', ({ family }) => {
  const written = (address: Address): string =>
    typeof address === 'string' ? JSON.stringify(address) : `(${JSON.stringify(address[0])}, ${address[1]})`;

  it('come to us whole, empty and in order, and our answers go back', async () => {
    const socket = await bound(family);
    const own = written(freeAddress(family));
    const script = [
      'import socket',
      `s = socket.socket(${family}, socket.SOCK_DGRAM)`,
      `s.bind(${own})`,
      `for data in (b"one", b"", b"x" * 50000): s.sendto(data, ${written(socket.getsockname())})`,
      'for _ in range(3): print(len(s.recv(65536)), s.getsockname() and "ok")',
    ].join('\n');
    const running = promisify(execFile)('python3', ['-c', script]);
    for (const length of [3, 0, 50_000]) {
      const [data, from] = await socket.recvfrom(65_536);
      expect(data).toHaveLength(length);
      await socket.sendto(data, from);
    }
    expect((await running).stdout).toBe('3 ok\n0 ok\n50000 ok\n');
  });

  it('answer ours, and say who we are', async () => {
    const path = folder('python.sock');
    const script = [
      'import socket',
      `s = socket.socket(${family}, socket.SOCK_DGRAM)`,
      `s.bind(${family === AF_UNIX ? JSON.stringify(path) : written(freeAddress(family))})`,
      'print(s.getsockname() if isinstance(s.getsockname(), str) else s.getsockname()[1], flush=True)',
      'data, address = s.recvfrom(100)',
      's.sendto(data + b" from " + str(address).encode(), address)',
    ].join('\n');
    const server = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(server, 'exit');
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const socket: DatagramSocket = await bound(family);
    const own = socket.getsockname();
    await socket.connect(family === AF_UNIX ? path : [own[0], Number(line)]);
    await socket.send('hello');
    const answer = String(await socket.recv(200));
    expect(answer).toMatch(/^hello from /);
    expect(answer).toContain(typeof own === 'string' ? own : `${own[0]}', ${own[1]}`);
    await exit;
  });
});

describe.each(ways)(`a Python client (${everyWay})`, (way) => {
  it('is greeted by our server', async () => {
    const listener = await listening(way);
    const running = pythonClient('greeting_client.py', listener);
    const [connection] = await listener.accept();
    await connection.sendall('Bem-vindo ao servidor!\n');
    connection.close();
    expect(await running).toBe('Mensagem recebida: Bem-vindo ao servidor!\n');
  });

  it('sends 67 bytes one at a time, which are one message', async () => {
    const listener = await listening(way);
    const running = pythonClient('byte_by_byte.py', listener);
    const [connection] = await listener.accept();
    keep(connection);
    const message = await connection.recvExactly(67);
    expect(message).toHaveLength(67);
    expect(String(message)).toMatch(/^Sensor:estufa norte .*40\.2$/);
    await connection.sendall(message);
    connection.close();
    expect(await running).toBe(`${message.toString('hex')}\n`);
  });

  it('that resets its connection is noticed', async () => {
    const listener = await listening(way);
    const running = pythonClient('resetting_client.py', listener);
    const [connection] = await listener.accept();
    const reading = refusal(keep(connection).recvExactly(67));
    // Not sooner: Node calls a reset that comes together with bytes an end.
    await until(() => connection.bytesRead === 6);
    await connection.sendall('x');
    expect(await reading).toBeInstanceOf(ConnectionResetError);
    await running;
  });
});
