import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConnectionResetError, SHUT_WR, Socket, createConnection } from '@socketserver/socket';
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
