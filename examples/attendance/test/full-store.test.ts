import { ManualClock } from '@socketserver/socket';
import { expectNoLeaks } from '@socketserver/testing';

import { DurableRoll } from '../src/durable-roll';
import { SqliteStore } from '../src/sqlite-store';
import { KeptLog } from './opened-roll';
import { look, settingsFor, TemporaryFolder } from './storage';

expectNoLeaks();

const actor = '[2001:db8:1111:2222:3333:4444:5555:6666]:40001';

/** The least that can be allowed. */
const maxBytes = 2 ** 20;

let folder: TemporaryFolder;
let rolls: DurableRoll[];
beforeEach(() => ([folder, rolls] = [new TemporaryFolder(), []]));
afterEach(async () => {
  await Promise.all(rolls.map((roll) => roll.end()));
  folder[Symbol.dispose]();
});

async function openedRoll(archive: boolean) {
  const settings = settingsFor(folder.path, { maxBytes, archive });
  const log = new KeptLog();
  const roll = new DurableRoll(new SqliteStore(settings), new ManualClock(), log, settings);
  rolls.push(roll);
  await roll.restore();
  return { roll, log };
}

/** Acts by the hundred, until one is refused. @returns how many were not */
async function fill(act: (number: number) => Promise<unknown>, most = 20_000): Promise<number> {
  for (let done = 0; done < most; done += 100) {
    const acts = Array.from({ length: 100 }, (_, i) => act(done + i));
    const results = await Promise.allSettled(acts);
    const refusals = results.filter((result) => result.status === 'rejected');
    for (const { reason } of refusals) expect(reason).toMatchObject({ reason: 'full' });
    if (refusals.length > 0) return done + 100 - refusals.length;
  }
  return most;
}

const student = (number: number) => String(number).padStart(20, '0');

describe.each([true, false])('a roll in the least space, with archive=%j', (archive) => {
  it('is not filled by what is refused', async () => {
    const { roll, log } = await openedRoll(archive);
    await roll.open('101', actor);
    await fill((number) => roll.register('7', student(number), actor));
    expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
    expect(await roll.register('101', '1', actor)).toMatchObject({ outcome: 'registered' });
    expect(await roll.close('101', actor)).toMatchObject({ outcome: 'closed', students: ['1'] });
    const [{ rows } = { rows: 0 }] = look<{ rows: number }>(folder.path, 'SELECT count(*) AS rows FROM audit');
    expect(rows).toBeGreaterThan(1000);
  });

  it('can be read and closed when nobody else fits in', async () => {
    const { roll, log } = await openedRoll(archive);
    await roll.open('101', actor);
    const kept = await fill((number) => roll.register('101', student(number), actor));
    expect(kept).toBeGreaterThan(1000);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'error']);
    expect((await roll.consult('101')).students).toHaveLength(kept);
    expect((await roll.close('101', actor)).students).toHaveLength(kept);
    expect(await roll.close('101', actor)).toMatchObject({ outcome: 'not-open' });
  });

  it('can close every class when no other can be opened', async () => {
    const { roll } = await openedRoll(archive);
    const classNumber = (number: number) => String(10 ** 14 + number);
    // In no order, which is what leaves the most room between the entries of an index.
    const opened = await fill((number) => roll.open(classNumber((number * 7919) % 100_003), actor));
    expect(opened).toBeGreaterThan(500);
    await expect(roll.open('1', actor)).rejects.toMatchObject({ reason: 'full' });
    const closings = Array.from({ length: opened }, (_, i) => roll.close(classNumber((i * 7919) % 100_003), actor));
    for (const closing of await Promise.all(closings)) expect(closing).toMatchObject({ outcome: 'closed' });
  });
});
