/** The worker speaks TLS: what is handed over is the connection as it came, and nobody here has seen a byte of it. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type * as net from 'node:net';
import { join } from 'node:path';
import { type TLSSocket, connect } from 'node:tls';
import { promisify } from 'node:util';
import { makeIdentity } from '../certificate';
import { folder } from '../folder';
import { addressOf, keep, manyTurns, noise, sha256 } from '../loopback';
import {
  TestWorker,
  type Transport,
  type Way,
  allWays,
  closed,
  held,
  listeningToGive,
  TOO_LATE,
  isTooLate,
  obstacle,
  readAll,
} from './workers';

const MiB = 1024 * 1024;
const identity = makeIdentity();

for (const way of allWays) {
  for (const transport of ['TCP', 'Unix'] as const) {
    const why = obstacle(way, transport);
    const suite = why === null ? describe : describe.skip;
    suite(`TLS in the worker, ${way} over ${transport}${why === null ? '' : ` (${why})`}`, () => tests(way, transport));
  }
}

/** What the worker says where no handshake could be: its receive fails or gives the end, or it comes too late even for a layer. */
async function failure(worker: TestWorker): Promise<void> {
  const { outcome = 'refused' } = (await worker.next()) as { outcome?: string };
  expect(['refused', 'ConnectionAbortedError', 'ConnectionResetError', 'SocketError', '']).toContain(outcome);
}

/** A client that trusts the certificate, over a connection that is there. */
async function secure(peer: net.Socket): Promise<TLSSocket> {
  // It goes with the connection below it, which is kept: see StreamSide about destroying both.
  const client = connect({ socket: peer, ca: identity.cert, servername: 'localhost' });
  client.on('error', () => undefined);
  await once(client, 'secureConnect');
  return client;
}

function tests(way: Way, transport: Transport): void {
  it('shakes hands there, and reads nothing here', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'echo', { identity });
    const client = await secure(peer);
    expect([client.authorized, client.getProtocol()]).toEqual([true, 'TLSv1.3']);
    for (const word of ['one', 'two', 'three']) {
      client.write(word);
      const [answer] = (await once(client, 'data')) as [Buffer];
      expect(String(answer)).toBe(word);
    }
    client.end();
    expect(await readAll(client)).toHaveLength(0);
    expect(socket.bytesRead).toBe(0);
  });

  it('carries 8 MiB each way at once', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'echo', { identity });
    const client = await secure(peer);
    const bytes = noise(8 * MiB);
    client.end(bytes);
    expect(sha256(await readAll(client))).toBe(sha256(bytes));
  });

  it('shakes hands with a client that has begun long before the worker adopts', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    const secured = secure(peer);
    await manyTurns();
    worker.give(socket, 'hash', { identity });
    const client = await secured;
    client.end('late');
    expect(String(await readAll(client))).toBe(sha256(Buffer.from('late')));
  });

  (isTooLate(way) ? it.skip : it)(
    `begins with what was read here behind a line in clear text${isTooLate(way) ? TOO_LATE : ''}`,
    async () => {
      const worker = await TestWorker.start(way);
      const { socket, peer } = await held(transport);
      peer.write('PROXY ');
      const secured = secure(peer);
      await manyTurns();
      expect(String(await socket.recvExactly(6))).toBe('PROXY ');
      expect(socket.buffered).toBeGreaterThan(0);
      worker.give(socket, 'echo', { identity });
      const client = await secured;
      client.end('secret');
      expect(String(await readAll(client))).toBe('secret');
    },
  );

  it('goes on receiving when the worker has ended its direction', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'endFirst', { identity });
    const client = await secure(peer);
    expect(String(await readAll(client))).toBe('first');
    client.end('second');
    expect(await worker.next()).toEqual({ received: 'second' });
  });

  it('keeps both addresses', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    const addresses = { peer: socket.getpeername(), local: socket.getsockname() };
    worker.give(socket, 'describe', { identity });
    expect(await worker.next()).toEqual(addresses);
    await readAll(peer);
  });

  it.each([
    { text: 'no handshake at all\n\n\n\n', late: false },
    { text: 'no handshake at all\n\n\n\n', late: true },
    { text: '', late: false },
    { text: '', late: true },
  ])('survives a peer that sends $text instead of a handshake (adopted late: $late)', async ({ text, late }) => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    if (late) peer.end(text);
    worker.give(socket, 'recv', { identity, late });
    if (!late) peer.end(text);
    await failure(worker);
    await closed(peer);

    const next = await held(transport);
    worker.give(next.socket, 'echo', { identity });
    const client = await secure(next.peer);
    client.end('alive');
    expect(String(await readAll(client))).toBe('alive');
  });

  it('tells the worker of a peer that has reset before it adopts', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    if (transport === 'TCP') peer.resetAndDestroy();
    else peer.destroy();
    await closed(peer);
    worker.give(socket, 'recv', { identity });
    await failure(worker);
  });

  (transport === 'TCP' ? it : it.skip)('resets where the worker resets (over a path there is no reset)', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'reset', { identity });
    const client = await secure(peer);
    client.write('x');
    // A reset that came together with bytes would be an end to Node.
    await once(client, 'data');
    client.write('y');
    await closed(client);
    expect(client.errored).toMatchObject({ code: 'ECONNRESET' });
  });

  it('ends with a worker that is killed', async () => {
    const worker = await TestWorker.start(way);
    const { socket, peer } = await held(transport);
    worker.give(socket, 'keep', { identity });
    expect(await worker.next()).toEqual({ kept: 1 });
    const client = await secure(peer);
    client.on('end', () => client.end());
    await Promise.all([worker.close(), closed(client)]);
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  const unlessMissing = hasOpenssl ? '' : ' (skipped: there is no openssl here)';
  (hasOpenssl ? it : it.skip)(`talks to openssl s_client${unlessMissing}`, async () => {
    const worker = await TestWorker.start(way);
    const listener = await listeningToGive(transport);
    const address = listener.getsockname();
    const to = typeof address === 'string' ? ['-unix', address] : ['-connect', address.join(':')];
    const ca = certificateFile();
    const flags = ['-quiet', '-verify_return_error', '-CAfile', ca, '-servername', 'localhost'];
    const openssl = spawn('openssl', ['s_client', ...to, ...flags], { stdio: ['pipe', 'pipe', 'ignore'] });
    keep({ close: () => openssl.kill('SIGKILL') });
    const [socket] = await listener.accept();
    worker.give(keep(socket), 'echo', { identity });
    openssl.stdin.write('question\n');
    const [answer] = (await once(openssl.stdout, 'data')) as [Buffer];
    expect(String(answer)).toBe('question\n');
    openssl.stdin.end();
    openssl.kill();
    await exit(openssl);
  });

  (transport === 'TCP' ? it : it.skip)("talks to Python's ssl (its client here speaks TCP)", async () => {
    const worker = await TestWorker.start(way);
    const listener = await listeningToGive(transport);
    const script = join(__dirname, '..', 'fixtures', 'tls_echo_client.py');
    const args = [script, String(addressOf(listener)[1]), certificateFile()];
    const printed = promisify(execFile)('python3', args);
    const [socket] = await listener.accept();
    worker.give(keep(socket), 'echo', { identity });
    expect((await printed).stdout).toBe('TLSv1.3 True\n');
  });
}

function certificateFile(): string {
  const path = folder('certificate.pem');
  writeFileSync(path, identity.cert);
  return path;
}

function exit(child: ChildProcess): Promise<unknown> {
  return child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
}
