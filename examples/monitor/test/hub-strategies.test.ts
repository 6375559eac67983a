/** The hub is the same wherever its handlers run: one table, one output, one log. */
import { once } from 'node:events';
import type net from 'node:net';

import { frame } from '../src/frame';
import { concurrent, Hub } from './hub';

const AGENTS = 20;
const FRAMES = 50;

function lineOf(host: string, cpu = 0.5): string {
  return Buffer.from(frame.format({ host, cpu, memory: 50.4 })).toString();
}

describe.each(concurrent)('the hub, %s', (strategy) => {
  let hub: Hub;

  beforeEach(async () => {
    hub = await Hub.open(strategy, { pollInterval: 60_000 });
  });

  afterEach(() => hub.close());

  async function end(client: net.Socket): Promise<void> {
    client.end();
    await once(client, 'close');
  }

  it('keeps one table of agents that report at the same time, and loses no frame', async () => {
    const agents = await Promise.all(Array.from({ length: AGENTS }, () => hub.connect()));
    for (let number = 0; number < FRAMES; number += 1) {
      agents.forEach((agent, index) => agent.write(lineOf(`pc-${index}`, number)));
    }
    await Promise.all(agents.map(end));
    await hub.until(() => hub.ended.length === AGENTS);

    expect(await hub.table.counters()).toMatchObject({ frames: AGENTS * FRAMES, malformed: 0, truncated: 0 });
    const known = (await hub.table.list()).map(({ name, frames, cpu }) => ({ name, frames, cpu }));
    expect(known).toHaveLength(AGENTS);
    for (const host of known) expect(host).toMatchObject({ frames: FRAMES, cpu: FRAMES - 1 });
    for (const [index] of agents.entries()) {
      const printed = hub.printed.split('\n\n').filter((text) => text.startsWith(lineOf(`pc-${index}`).slice(0, 20)));
      expect(printed).toEqual(Array.from({ length: FRAMES }, (_, number) => lineOf(`pc-${index}`, number)));
    }
  });

  it('knows a machine again that comes back to another worker', async () => {
    const clients: net.Socket[] = [];
    for (let time = 1; time <= 4; time += 1) {
      // Those before stay, so that the next one goes elsewhere.
      const client = await hub.connect();
      clients.push(client);
      client.write(lineOf('pc-home', time));
      await hub.until(() => hub.printed.includes(lineOf('pc-home', time)));
    }
    await Promise.all(clients.map(end));
    await hub.until(() => hub.ended.length === clients.length);
    expect(await hub.table.list()).toMatchObject([{ name: 'pc-home', frames: 4 }]);
  });

  it.each([
    ['a wrong label', lineOf('bad').replace('CPU', 'GPU'), 'malformed'],
    ['an escape sequence', lineOf('abc').replace('abc', '\x1b[2'), 'malformed'],
    ['half a frame', lineOf('bad').slice(0, 33), 'truncated'],
  ])('ends a connection that sends %s, and no other', async (_what, bad, kind) => {
    const [neighbour, client] = [await hub.connect(), await hub.connect()];
    const peer = `127.0.0.1:${client.localPort}`;
    neighbour.write(lineOf('neighbour'));
    client.end(bad);
    expect(await hub.endOf(client)).toMatchObject({ reason: 'protocol-error' });
    const warnings = () => hub.logged.filter(({ message }) => message === `refused a ${kind} frame`);
    await hub.until(() => warnings().length > 0);
    expect(warnings()).toMatchObject([{ level: 'warn', fields: { peer } }]);
    expect(JSON.stringify(warnings())).not.toMatch(/[\p{Cc}\p{Cf}]|u001b/u);
    neighbour.write(lineOf('neighbour', 7));
    await end(neighbour);
    await hub.until(() => hub.ended.length === 2);
    expect(await hub.table.counters()).toMatchObject({ frames: 2, [kind]: 1 });
    expect(hub.printed).toBe(`${lineOf('neighbour')}\n\n${lineOf('neighbour', 7)}\n\n`);
  });
});
