import { settled } from '@socketserver/testing';

import { MemoryStore } from './memory-store';
import { openedRoll } from './opened-roll';

const actor = '127.0.0.1:40001';
const levels = (log: { lines: readonly { level: string }[] }) => log.lines.map(({ level }) => level);

/** A roll with class 101 open and student 1 in it, whose store has so much in use. */
async function rollAt(inUse: number) {
  const opened = await openedRoll({ lang: 'en' });
  await opened.roll.open('101', actor);
  opened.store.inUse = inUse;
  await opened.roll.register('101', '1', actor);
  return opened;
}

type Opened = Awaited<ReturnType<typeof rollAt>>;

/** Acts that change nothing, with what comes of them. */
const idle = async ({ roll }: Opened) => [
  await roll.open('101', actor),
  await roll.register('101', '1', actor),
  await roll.register('7', '1', actor),
  await roll.close('7', actor),
];
const idleOutcomes = ['already-open', 'repeated', 'not-open', 'not-open'].map((outcome) => ({ outcome }));

describe('DurableRoll, as its store gets full', () => {
  it('writes a row for each act up to the half', async () => {
    const opened = await rollAt(0.49);
    expect(await idle(opened)).toMatchObject(idleOutcomes);
    expect(opened.store.audit).toHaveLength(6);
    expect(opened.log.lines).toEqual([]);
  });

  it('writes none for acts that change nothing beyond the half, and answers them', async () => {
    const opened = await rollAt(0.51);
    expect(await idle(opened)).toMatchObject(idleOutcomes);
    expect(opened.store.audit).toHaveLength(2);
    await opened.roll.register('101', '2', actor);
    await opened.roll.open('102', actor);
    expect(opened.store.audit).toHaveLength(4);
  });

  it('answers those only when what they have found is written', async () => {
    const { roll, store } = await rollAt(0.51);
    const held = store.hold();
    const registering = roll.register('101', '2', actor);
    const heard = jest.fn();
    const repeating = roll.register('101', '2', actor).then(heard);
    const batch = await held;
    await settled();
    expect(heard).not.toHaveBeenCalled();
    batch.release();
    await repeating;
    expect(heard).toHaveBeenCalledWith(await registering.then(({ at }) => ({ outcome: 'repeated', at })));
  });

  it('rejects those when what they have found is undone', async () => {
    const { roll, store } = await rollAt(0.51);
    store.fate = () => Promise.reject(new Error('no'));
    const acts = [roll.open('102', actor), roll.open('102', actor), roll.register('102', '1', actor)];
    const results = await Promise.allSettled(acts);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('keeps the last tenth for closing what is open', async () => {
    const { roll, store } = await rollAt(0.91);
    const full = {
      name: 'StorageError',
      reason: 'full',
      message: expect.stringMatching(
        /: what is left of maxBytes=1073741824 is kept for closing what is open; allow more with --set maxBytes=…, or/,
      ) as string,
    };
    await expect(roll.register('101', '2', actor)).rejects.toMatchObject(full);
    await expect(roll.open('102', actor)).rejects.toMatchObject(full);
    await expect(roll.toggle('102', actor)).rejects.toMatchObject(full);
    expect(await roll.register('101', '1', actor)).toMatchObject({ outcome: 'repeated' });
    expect(await roll.consult('101')).toMatchObject({ outcome: 'open', students: ['1'] });
    expect(await roll.close('101', actor)).toMatchObject({ outcome: 'closed', students: ['1'] });
    expect(store.complaints).toEqual([]);
  });

  it('says once that a limit is passed, and once that it is not any more, with some room between the two', async () => {
    const opened = await rollAt(0.51);
    const { roll, store, log } = opened;
    const register = async (student: string, inUse: number) => {
      store.inUse = inUse;
      await roll.register('101', student, actor);
    };
    await register('2', 0.6);
    await register('3', 0.49);
    await register('4', 0.51);
    expect(levels(log)).toEqual(['warn']);
    await register('5', 0.91);
    await expect(roll.register('101', '6', actor)).rejects.toMatchObject({ reason: 'full' });
    expect(levels(log)).toEqual(['warn', 'error']);
    store.inUse = 0.87;
    await roll.close('101', actor);
    await expect(roll.open('102', actor)).rejects.toMatchObject({ reason: 'full' });
    expect(levels(log)).toEqual(['warn', 'error']);
  });

  it('lets all go on when there is room again', async () => {
    const opened = await rollAt(0.91);
    const { roll, store, log } = opened;
    store.inUse = 0.1;
    await roll.close('101', actor);
    await roll.open('101', actor);
    await roll.register('101', '1', actor);
    expect(await idle(opened)).toMatchObject(idleOutcomes);
    expect(store.audit).toHaveLength(9);
    expect(log.lines).toMatchObject(
      [
        { level: 'warn', fields: { inUse: 0.91, maxBytes: 2 ** 30 }, message: /^more than half of what maxBytes=/ },
        { level: 'error', message: /^more than nine tenths / },
        { level: 'info', message: /^there is room again: all acts/ },
        { level: 'info', message: /^there is room again: classes/ },
      ].map((line) => ({ ...line, message: expect.stringMatching(line.message) as string })),
    );
  });

  it('knows how full it is from the start', async () => {
    const store = new MemoryStore();
    store.inUse = 0.95;
    const { roll, log } = await openedRoll({}, store);
    expect(log.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^mais da metade do espaço que maxBytes=/),
      expect.stringMatching(/^mais de nove décimos do espaço que maxBytes=/),
    ]);
    await expect(roll.open('101', actor)).rejects.toMatchObject({ reason: 'full' });
  });

  it('counts what waits to be written, and a closing for each class that is open', async () => {
    const { roll, store } = await openedRoll({ maxBytes: 2 ** 20 });
    store.inUse = 0.4;
    await roll.open('1', actor);
    const held = store.hold();
    const acts = Array.from({ length: 2000 }, (_, i) => roll.open(String(i + 2), actor));
    const settling = Promise.allSettled(acts);
    (await held).release();
    const results = await settling;
    const opened = results.filter(({ status }) => status === 'fulfilled').length;
    // Half of 1 MiB, by 512 bytes twice: for the opening, while it waits, and for the closing.
    expect(opened).toBeGreaterThan(400);
    expect(opened).toBeLessThan(550);
  });
});
