import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';

import { endPrograms, type Program } from '@socketserver/testing';

import { hubProgram } from './program';

const MiB = 1024 * 1024;
const connections = 200;
const perConnection = (50 * MiB) / connections;

/** What a hub holds when all garbage is gone. */
async function memoryOf(hub: Program): Promise<NodeJS.MemoryUsage> {
  const answer = once(hub.process, 'message') as Promise<[NodeJS.MemoryUsage]>;
  hub.process.send('memory');
  return (await answer)[0];
}

/** Sends bytes without end of line or sense, until all are sent or the hub has had enough. */
function sendJunk(port: number, size: number, fill: string): Promise<void> {
  return new Promise((closed) => {
    // A hub that has had enough resets the connection: not an error here.
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    socket
      .on('close', () => closed())
      .resume()
      .end(Buffer.alloc(size, fill));
  });
}

describe('a hub that is sent junk', () => {
  afterEach(endPrograms);

  it.each([
    ['async', 'GET / HTTP/1.1\r\n\r\n'],
    ['selecting', '\xff\x00\x1b[2J'],
  ])(
    'holds no more memory after twice 50 MB over 200 connections than before, and goes on (%s)',
    async (strategy, fill) => {
      const { hub, port } = await hubProgram(
        ['--strategy', strategy, '--poll-interval', '600000'],
        ['--expose-gc', '-r', join(__dirname, 'fixtures/report-memory.js')],
      );
      const agent = net.connect(port, '127.0.0.1');
      const line = 'Hostname:pc-home    Carga de CPU:  0.5% Memória Disponível: 50.4%';
      // The first connections have code compiled and pools filled, which stays.
      await Promise.all(Array.from({ length: connections }, () => sendJunk(port, 1000, fill)));
      const before = await memoryOf(hub);

      for (let round = 0; round < 2; round++) {
        await Promise.all(Array.from({ length: connections }, () => sendJunk(port, perConnection, fill)));
      }
      agent.write(line);
      await hub.prints(new RegExp(`${line}\n\n`));
      const after = await memoryOf(hub);
      expect((after.heapUsed - before.heapUsed) / MiB).toBeLessThan(2);
      expect((after.external - before.external) / MiB).toBeLessThan(2);
      // Nothing is held, but the allocator may keep the pages of the 200 receive buffers that were in use at once.
      expect((after.rss - before.rss) / MiB).toBeLessThan(48);
      expect(hub.stderr.match(/refused a malformed frame/g)).toHaveLength(3 * connections);
      expect(hub.stdout.match(/Hostname/g)).toHaveLength(1);

      agent.destroy();
      expect(await hub.end('SIGTERM')).toBe(0);
    },
  );
});
