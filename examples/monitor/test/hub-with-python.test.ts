import { describeWithPython, endPrograms, python } from '@socketserver/testing';

import { Hub, concurrent } from './hub';
import { fixture } from './program';

/** What agent.py sends as its message number `number`. */
function line(number: number, name = 'pc-home'): string {
  return `Hostname:${name.padEnd(10)} Carga de CPU:${(number + 0.5).toFixed(1).padStart(5)}% Memória Disponível: 50.4%`;
}

function printed(count: number, name?: string): string {
  return Array.from({ length: count }, (_, number) => `${line(number, name)}\n\n`).join('');
}

describeWithPython.each(['sequential', ...concurrent] as const)('the hub with Python agents, %s', (strategy) => {
  let hub: Hub;

  beforeEach(async () => {
    hub = await Hub.open(strategy, { pollInterval: 60_000 });
  });

  afterEach(async () => {
    await hub.close();
    await endPrograms();
  });

  it.each([
    ['with one sendall() for each message', 'whole', 3],
    ['byte by byte', 'bytes', 3],
    ['with several messages in one segment', 'joined', 20],
  ])('prints what one sends %s', async (_how, mode, count) => {
    const agent = python(fixture('agent'), hub.port, mode, count);
    expect(await agent.ended).toBe(0);
    await hub.until(() => hub.ended.length === 1);
    expect(hub.printed).toBe(printed(count));
    expect(hub.ended).toMatchObject([{ reason: 'peer-closed', bytesRead: 67 * count }]);
    expect(await hub.table.list()).toMatchObject([{ name: 'pc-home', frames: count, cpu: count - 0.5 }]);
  });

  it('takes three at once, one of which breaks off', async () => {
    const agents = [
      python(fixture('agent'), hub.port, 'bytes', 3, 'first'),
      python(fixture('agent'), hub.port, 'half', 1, 'broken'),
      python(fixture('agent'), hub.port, 'joined', 3, 'second'),
    ];
    expect(await Promise.all(agents.map((agent) => agent.ended))).toEqual([0, 0, 0]);
    await hub.until(() => hub.ended.length === 3);
    expect(hub.ended.map(({ reason }) => reason).sort()).toEqual(['peer-closed', 'peer-closed', 'protocol-error']);
    for (const name of ['first', 'second']) {
      const lines = hub.printed.split('\n\n').filter((text) => text.includes(name));
      expect(lines).toEqual([line(0, name), line(1, name), line(2, name)]);
    }
    expect(await hub.table.counters()).toMatchObject({ frames: 6, truncated: 1, malformed: 0 });
  });
});
