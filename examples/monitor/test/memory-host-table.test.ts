import { type Address, ManualClock } from '@socketserver/socket';

import { MemoryHostTable } from '../src/memory-host-table';

const pc = { host: 'pc-home', cpu: 0.5, memory: 50.4 };

function table(maxHosts = 3) {
  const clock = new ManualClock(new Date('2026-11-19T08:05:00Z'));
  const hosts = new MemoryHostTable(clock, { maxHosts, lang: 'pt-BR' });
  return { clock, hosts, names: async () => (await hosts.list()).map(({ name }) => name) };
}

function peer(address: string, port = 40_000): Address {
  return [address, port];
}

describe('MemoryHostTable', () => {
  it('keeps the last frame of a machine, when it came and how many there were', async () => {
    const { hosts, clock } = table();
    await hosts.report(peer('10.0.0.1'), pc);
    clock.advance(3000);
    await hosts.report(peer('10.0.0.1'), { ...pc, cpu: 12 });
    expect(await hosts.list()).toEqual([
      {
        name: 'pc-home',
        address: '10.0.0.1',
        status: 'online',
        cpu: 12,
        memory: 50.4,
        frames: 2,
        firstSeen: new Date('2026-11-19T08:05:00Z'),
        lastSeen: new Date('2026-11-19T08:05:03Z'),
      },
    ]);
  });

  it('knows a machine again that reconnects from another port', async () => {
    const { hosts } = table();
    await hosts.report(peer('10.0.0.1', 40_000), pc);
    await hosts.report(peer('10.0.0.1', 40_001), pc);
    expect(await hosts.list()).toHaveLength(1);
  });

  it('tells two machines with the same name apart by their address, and two at one address by their name', async () => {
    const { hosts } = table();
    await hosts.report(peer('10.0.0.1'), { ...pc, host: 'web-server' });
    await hosts.report(peer('10.0.0.2'), { ...pc, host: 'web-server' });
    await hosts.report(peer('10.0.0.1'), { ...pc, host: 'other' });
    expect((await hosts.list()).map(({ address, name }) => `${address} ${name}`)).toEqual([
      '10.0.0.1 web-server',
      '10.0.0.2 web-server',
      '10.0.0.1 other',
    ]);
  });

  it.each([
    [0, 'online'],
    [4499, 'online'],
    [4500, 'late'],
    [10_499, 'late'],
    [10_500, 'offline'],
    [1_000_000, 'offline'],
  ])('calls a machine that has been silent for %d ms %s', async (silence, status) => {
    const { hosts, clock } = table();
    await hosts.report(peer('10.0.0.1'), pc);
    clock.advance(silence);
    expect(await hosts.list()).toMatchObject([{ status }]);
  });

  it('calls a machine online again at its next frame', async () => {
    const { hosts, clock } = table();
    await hosts.report(peer('10.0.0.1'), pc);
    clock.advance(60_000);
    await hosts.report(peer('10.0.0.1'), pc);
    expect(await hosts.list()).toMatchObject([{ status: 'online', frames: 2 }]);
  });

  it('forgets the machine that has been offline the longest when it is full', async () => {
    const { hosts, clock, names } = table(3);
    for (const host of ['a', 'b', 'c']) await hosts.report(peer('10.0.0.1'), { ...pc, host });
    clock.advance(1000);
    await hosts.report(peer('10.0.0.1'), { ...pc, host: 'a' });
    clock.advance(10_499);
    await hosts.report(peer('10.0.0.1'), { ...pc, host: 'd' });
    expect(await names()).toEqual(['a', 'c', 'd']);
    expect(await hosts.counters()).toMatchObject({ frames: 5, forgotten: 1, leftOut: 0 });
  });

  it('leaves a new machine out when it is full of machines that still report', async () => {
    const { hosts, names } = table(3);
    for (const host of ['a', 'b', 'c', 'd', 'e', 'a']) await hosts.report(peer('10.0.0.1'), { ...pc, host });
    expect(await names()).toEqual(['a', 'b', 'c']);
    expect(await hosts.counters()).toMatchObject({ frames: 6, forgotten: 0, leftOut: 2 });
  });

  it('counts what was refused', async () => {
    const { hosts } = table();
    await hosts.reject(peer('10.0.0.1'), 'malformed');
    await hosts.reject(peer('10.0.0.1'), 'malformed');
    await hosts.reject(peer('10.0.0.1'), 'truncated');
    expect(await hosts.counters()).toEqual({ frames: 0, malformed: 2, truncated: 1, forgotten: 0, leftOut: 0 });
  });

  it('hands out copies, which nobody can use to change the table', async () => {
    const { hosts } = table();
    await hosts.report(peer('10.0.0.1'), pc);
    Object.assign((await hosts.list())[0]!, { cpu: 99 });
    expect(await hosts.list()).toMatchObject([{ cpu: 0.5 }]);
  });
});
