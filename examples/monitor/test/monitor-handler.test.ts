import type net from 'node:net';

import { frame } from '../src/frame';
import { Hub, inOneThread } from './hub';
import { WatchedClock } from './watched-clock';

const line = 'Hostname:pc-home    Carga de CPU:  0.5% Memória Disponível: 50.4%';
const bytes = Buffer.from(line);

function lineOf(host: string, cpu = 0.5): string {
  return Buffer.from(frame.format({ host, cpu, memory: 50.4 })).toString();
}

function hex(data: Uint8Array): string {
  return [...data].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

describe.each(inOneThread)('MonitorHandler, %s', (strategy) => {
  let clock: WatchedClock;
  let hub: Hub;

  beforeEach(async () => {
    clock = new WatchedClock();
    hub = await Hub.open(strategy, { clock });
  });

  afterEach(() => hub.close());

  /** The warnings about what was not a frame. */
  function refusals() {
    return hub.logged.filter(({ level, message }) => level === 'warn' && message.startsWith('refused'));
  }

  /** Sends one frame and waits until it is printed. */
  async function report(client: net.Socket, host: string): Promise<void> {
    const text = `${lineOf(host)}\n\n`;
    const before = hub.printed.split(text).length;
    client.write(lineOf(host));
    await hub.until(() => hub.printed.split(text).length > before);
  }

  it('prints a frame as it came and an empty line, and knows the machine', async () => {
    const client = await hub.connect();
    const other = 'Hostname:pc-home  \nCarga de CPU: 99.5%\nMemória Disponível: 50.4%\n';
    client.write(line);
    client.write(other);
    await hub.until(() => hub.printed.includes('99.5'));
    expect(hub.printed).toBe(`${line}\n\n${other}\n\n`);
    expect(await hub.table.list()).toMatchObject([
      { name: 'pc-home', address: '127.0.0.1', status: 'online', cpu: 99.5, memory: 50.4, frames: 2 },
    ]);
    client.end();
    expect(await hub.endOf(client)).toMatchObject({ reason: 'peer-closed', bytesRead: 134 });
  });

  it('reads a frame that comes byte by byte', async () => {
    const client = await hub.connect();
    for (const byte of bytes) await new Promise((sent) => client.write(Uint8Array.of(byte), sent));
    await hub.until(() => hub.printed !== '');
    expect(hub.printed).toBe(`${line}\n\n`);
  });

  it('reads many frames that come in one piece, whatever it ends in', async () => {
    const client = await hub.connect();
    const count = 1000;
    const all = Buffer.concat(Array.from({ length: count }, (_, number) => Buffer.from(lineOf('pc', number % 100))));
    client.write(all.subarray(0, all.length - 33));
    await hub.until(() => hub.printed.split('\n\n').length === count);
    client.write(all.subarray(all.length - 33));
    await hub.until(() => hub.printed.split('\n\n').length === count + 1);
    expect(await hub.table.counters()).toMatchObject({ frames: count, malformed: 0, truncated: 0 });
  });

  it.each([
    ['a wrong label', line.replace('CPU', 'GPU'), 'label'],
    ['a number over 100', line.replace('  0.5', '100.1'), '"100.1"'],
    ['NaN', line.replace('  0.5', '  nan'), '"nan"'],
    ['an escape sequence', line.replace('pc-home', '\x1b[2Jpwn'), 'U+001B'],
    ['invalid UTF-8', Buffer.concat([bytes.subarray(0, 42), Buffer.alloc(25, 0xff)]), 'UTF-8'],
  ])('ends a connection that sends %s, and no other', async (_what, bad, reason) => {
    const isConcurrent = strategy !== 'sequential';
    const neighbour = isConcurrent ? await hub.connect() : undefined;
    if (neighbour !== undefined) await report(neighbour, 'neighbour');
    const client = await hub.connect();
    await report(client, 'good-once');
    client.write(bad);
    client.write(line);
    expect(await hub.endOf(client)).toMatchObject({ reason: 'protocol-error' });

    const peer = `127.0.0.1:${client.localPort}`;
    const warnings = refusals();
    expect(warnings).toMatchObject([
      { message: 'refused a malformed frame', fields: { peer, bytes: hex(Buffer.from(bad)) } },
    ]);
    expect((warnings[0]!.fields as { reason: string }).reason).toContain(reason);
    expect(JSON.stringify(warnings)).not.toMatch(/[\p{Cc}\p{Cf}]|u001b/u);
    await report(neighbour ?? (await hub.connect()), 'neighbour');
    expect(hub.ended).toHaveLength(1);
    expect(await hub.table.counters()).toMatchObject({ frames: isConcurrent ? 3 : 2, malformed: 1, truncated: 0 });
    expect(hub.printed).not.toContain(line);
  });

  it('counts half a frame before the end of the stream, and prints nothing of it', async () => {
    const client = await hub.connect();
    client.end(Buffer.concat([bytes, bytes.subarray(0, 33)]));
    expect(await hub.endOf(client)).toMatchObject({ reason: 'protocol-error' });
    expect(hub.printed).toBe(`${line}\n\n`);
    expect(await hub.table.counters()).toMatchObject({ frames: 1, malformed: 0, truncated: 1 });
    expect(refusals()[0]).toMatchObject({
      message: 'refused a truncated frame',
      fields: { bytes: hex(bytes.subarray(0, 33)) },
    });
  });

  it('counts half a frame before a reset', async () => {
    const client = await hub.connect();
    client.write(Buffer.concat([bytes, bytes.subarray(0, 33)]));
    await clock.waiting(10_000);
    client.resetAndDestroy();
    await hub.until(() => hub.ended.length === 1);
    expect(hub.ended).toMatchObject([{ reason: 'reset' }]);
    expect(refusals()).toMatchObject([{ fields: { bytes: hex(bytes.subarray(0, 33)) } }]);
    expect(await hub.table.counters()).toMatchObject({ frames: 1, truncated: 1 });
    await report(await hub.connect(), 'next');
  });

  it('ends a connection that stays silent in the middle of a frame after 10 seconds', async () => {
    const client = await hub.connect();
    client.write(bytes.subarray(0, 33));
    await clock.waiting(10_000);
    clock.advance(9999);
    expect(hub.ended).toHaveLength(0);
    clock.advance(1);
    expect(await hub.endOf(client)).toMatchObject({ reason: 'deadline:message' });
    expect(await hub.table.counters()).toMatchObject({ frames: 0, malformed: 0, truncated: 1 });
    expect(refusals()).toMatchObject([{ fields: { bytes: hex(bytes.subarray(0, 33)) } }]);
    await report(await hub.connect(), 'next');
  });

  it('ends a connection that stays silent between two frames after 30 seconds', async () => {
    const client = await hub.connect();
    await clock.waiting(30_000);
    clock.advance(30_000);
    expect(await hub.endOf(client)).toMatchObject({ reason: 'deadline:idle' });
    expect(await hub.table.counters()).toMatchObject({ malformed: 0, truncated: 0 });
  });

  it('does not blame an agent for half a frame when the hub itself shuts down', async () => {
    const client = await hub.connect();
    client.write(Buffer.concat([bytes, bytes.subarray(0, 33)]));
    await clock.waiting(10_000);
    const { table } = hub;
    await hub.close();
    expect(hub.ended).toMatchObject([{ reason: 'shutdown' }]);
    expect(await table.counters()).toMatchObject({ frames: 1, truncated: 0 });
    hub = await Hub.open(strategy);
  });
});
