import { BadSettingsError } from '@socketserver/host';

import { frame } from '../src/frame';
import plugin, { monitor } from '../src/index';
import { concurrent, Hub } from './hub';
import { WatchedClock } from './watched-clock';

const idle = 'Fazendo qualquer processamento\n\n';

let clock: WatchedClock;
let hub: Hub | undefined;

beforeEach(() => {
  clock = new WatchedClock();
});

afterEach(async () => {
  await hub?.close();
  hub = undefined;
});

describe('the monitor plugin', () => {
  it('listens on port 5000 of this machine and selects, unless told otherwise', () => {
    expect(plugin).toBe(monitor);
    expect(plugin).toMatchObject({
      name: 'monitor',
      defaults: { address: ['127.0.0.1', 5000], strategy: 'selecting' },
    });
  });

  it('prints the idle line under selecting, whenever nothing came for 2 seconds', async () => {
    hub = await Hub.open('selecting', { clock });
    for (const times of [1, 2, 3]) {
      await clock.waiting(2000);
      clock.advance(1999);
      expect(hub.printed).toBe(idle.repeat(times - 1));
      clock.advance(1);
      await hub.until(() => hub!.printed === idle.repeat(times));
    }
  });

  it('prints no idle line while frames come', async () => {
    hub = await Hub.open('selecting', { clock });
    const client = await hub.connect();
    for (const cpu of [1, 2, 3, 4]) {
      await clock.waiting(2000);
      clock.advance(1500);
      client.write(frame.format({ host: 'pc', cpu, memory: 50 }));
      await hub.until(() => hub!.printed.includes(`CPU:  ${cpu}.0%`));
    }
    expect(hub.printed).not.toContain('Fazendo');
  });

  it.each(['async', 'sequential'] as const)('prints no idle line under %s', async (strategy) => {
    hub = await Hub.open(strategy, { clock });
    await clock.waiting(2000);
    clock.advance(2000);
    await clock.waiting(2000);
    expect(hub.printed).toBe('');
  });

  it.each([
    ['pt-BR', /^sequential: um agente de cada vez/],
    ['en', /^sequential: one agent at a time/],
  ])('says under sequential that it serves one agent at a time, in %s', async (lang, text) => {
    hub = await Hub.open('sequential', { settings: { lang } });
    expect(hub.logged[0]).toMatchObject({ level: 'warn', message: expect.stringMatching(text) as string });
  });

  it('serves the second agent when the first has left, under sequential', async () => {
    hub = await Hub.open('sequential');
    const [first, second] = [await hub.connect(), await hub.connect()];
    second.write(frame.format({ host: 'second', cpu: 2, memory: 50 }));
    first.write(frame.format({ host: 'first', cpu: 1, memory: 50 }));
    await hub.until(() => hub!.printed.includes('first'));
    expect(hub.printed).not.toContain('second');
    first.end();
    await hub.until(() => hub!.printed.includes('second'));
  });

  it('remembers as many machines as the settings say', async () => {
    hub = await Hub.open('async', { settings: { maxHosts: 2 } });
    const client = await hub.connect();
    for (const host of ['a', 'b', 'c']) client.write(frame.format({ host, cpu: 1, memory: 50 }));
    await hub.until(() => hub!.printed.includes('Hostname:c'));
    expect(await hub.table.list()).toHaveLength(2);
  });

  it.each(concurrent)('tells its operator at the end how much came, %s', async (strategy) => {
    hub = await Hub.open(strategy, { pollInterval: 60_000 });
    const client = await hub.connect();
    client.write(frame.format({ host: 'pc', cpu: 1, memory: 50 }));
    client.write('x'.repeat(67));
    await hub.until(() => hub!.ended.length === 1);
    await hub.close();
    expect(hub.logged).toContainEqual({
      level: 'info',
      fields: { frames: 1, malformed: 1, truncated: 0, forgotten: 0, leftOut: 0 },
      message: 'what came since the start',
    });
    hub = undefined;
  });

  it.each([{ maxHosts: 0 }, { maxHosts: 1.5 }, { lang: 'fr' }, { maxHost: 10 }])(
    'refuses the settings %j',
    async (settings) => {
      await expect(Hub.open('async', { settings })).rejects.toThrow(BadSettingsError);
    },
  );
});
