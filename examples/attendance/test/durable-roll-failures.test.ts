import type { Language } from '@socketserver/host';
import { settled } from '@socketserver/testing';

import { StorageError } from '../src/errors';
import { openedRoll } from './opened-roll';

const actor = '127.0.0.1:40001';
const full = new StorageError('no space is left in /data', 'full', '/data');

/** A roll with class 101 open and student 1 in it, whose next batches fail. */
async function fullDisk(lang: Language = 'en') {
  const opened = await openedRoll({ lang });
  await opened.roll.open('101', actor);
  await opened.roll.register('101', '1', actor);
  opened.store.fate = () => Promise.reject(full);
  return opened;
}

describe('DurableRoll when writing fails', () => {
  it('refuses what would change something, and has changed nothing', async () => {
    const { roll, store } = await fullDisk();
    await expect(roll.open('102', actor)).rejects.toBe(full);
    await expect(roll.register('101', '2', actor)).rejects.toBe(full);
    await expect(roll.close('101', actor)).rejects.toBe(full);
    await expect(roll.toggle('101', actor)).rejects.toBe(full);
    expect(await roll.consult('101')).toMatchObject({ outcome: 'open', students: ['1'] });
    expect(await roll.consult('102')).toMatchObject({ outcome: 'not-open' });
    expect(store.openSessions).toMatchObject([{ classNumber: '101', presences: [{ student: '1' }] }]);
  });

  it('answers what changes nothing, though its row of the audit is missing', async () => {
    const { roll, store } = await fullDisk();
    expect(await roll.open('101', actor)).toMatchObject({ outcome: 'already-open' });
    expect(await roll.register('101', '1', actor)).toMatchObject({ outcome: 'repeated' });
    expect(await roll.register('102', '1', actor)).toMatchObject({ outcome: 'not-open' });
    expect(await roll.close('102', actor)).toMatchObject({ outcome: 'not-open' });
    expect(store.audit).toHaveLength(2);
  });

  it('serves again as soon as writing works, and tells the operator of both, once', async () => {
    const { roll, store, log } = await fullDisk();
    for (const number of ['2', '3']) await expect(roll.register('101', number, actor)).rejects.toBe(full);
    store.fate = () => undefined;
    for (const number of ['2', '3']) await roll.register('101', number, actor);
    expect(await roll.close('101', actor)).toMatchObject({ students: ['1', '2', '3'] });
    expect(log.lines).toEqual([
      {
        level: 'error',
        fields: { path: '/data', reason: 'full' },
        message: 'acts are refused, because they cannot be written down: no space is left in /data',
      },
      { level: 'info', fields: {}, message: 'acts can be written down again' },
    ]);
    expect(store.complaints).toEqual([]);
  });

  it('tells the operator in Portuguese, unless told otherwise', async () => {
    const { roll, store, log } = await fullDisk('pt-BR');
    await expect(roll.register('101', '2', actor)).rejects.toBe(full);
    store.fate = () => undefined;
    await roll.register('101', '2', actor);
    expect(log.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^os pedidos são recusados, porque não podem ser gravados: \/data: o disco, .* está cheio; /,
      ),
      'os pedidos voltaram a ser gravados',
    ]);
  });

  it('takes back all that was decided on top of what could not be written', async () => {
    const { roll, store } = await openedRoll();
    const held = store.hold();
    const opening = roll.open('101', actor);
    const batch = await held;
    const rest = [
      roll.register('101', '1', actor),
      roll.register('101', '1', actor),
      roll.close('101', actor),
      roll.register('101', '2', actor),
      roll.toggle('101', actor),
      roll.open('101', actor),
      roll.open('102', actor),
    ];
    batch.fail(full);
    const results = await Promise.allSettled([opening, ...rest]);
    expect(results.map((result) => result.status === 'rejected' && (result.reason as unknown))).toEqual(
      results.map(() => full),
    );
    for (const classNumber of ['101', '102']) {
      expect(await roll.consult(classNumber)).toMatchObject({ outcome: 'not-open' });
    }
    expect(await roll.toggle('101', actor)).toMatchObject({ outcome: 'opened' });
    expect(await roll.close('101', actor)).toMatchObject({ outcome: 'closed', students: [] });
    expect(store.complaints).toEqual([]);
  });

  it('keeps what was written before the failure, in its order', async () => {
    const { roll, store } = await openedRoll();
    const held = store.hold();
    const opening = roll.open('101', actor);
    const first = roll.register('101', '9', actor);
    const batch = await held;
    const second = store.hold();
    const rest = [roll.register('101', '1', actor), roll.close('101', actor)];
    const closing = rest[1]!.catch((error: unknown) => error);
    batch.release();
    const failing = await second;
    expect(await opening).toMatchObject({ outcome: 'opened' });
    expect(await first).toMatchObject({ outcome: 'registered' });
    failing.fail(full);
    await expect(rest[0]).rejects.toBe(full);
    expect(await closing).toBe(full);
    await roll.register('101', '2', actor);
    expect(await roll.close('101', actor)).toMatchObject({ students: ['9', '2'] });
    expect(store.complaints).toEqual([]);
  });

  describe.each([
    ['a repeat', (it: Opened) => it.register('101', '1', actor), 'repeated'],
    ['the opening of an open class', (it: Opened) => it.open('101', actor), 'already-open'],
  ])('as %s finds out', (_what, ask, outcome) => {
    it('is answered when what it has found is written, though its own row is not', async () => {
      const { roll, store } = await openedRoll();
      const held = store.hold();
      const acts = [roll.open('101', actor), roll.register('101', '1', actor)];
      const batch = await held;
      const answer = ask(roll);
      const own = store.hold();
      batch.release();
      (await own).fail(full);
      expect(await answer).toMatchObject({ outcome });
      await Promise.all(acts);
    });

    it('is rejected when what it has found is undone', async () => {
      const { roll, store } = await openedRoll();
      const held = store.hold();
      const acts = [roll.open('101', actor), roll.register('101', '1', actor)];
      const batch = await held;
      const answer = ask(roll);
      batch.fail(full);
      await Promise.allSettled(acts);
      await expect(answer).rejects.toBe(full);
    });
  });

  it('rejects a refusal by a closing that is undone', async () => {
    const { roll, store } = await fullDisk();
    const held = store.hold();
    const closing = roll.close('101', actor);
    const refusals = [roll.register('101', '2', actor), roll.close('101', actor)];
    (await held).fail(full);
    const results = await Promise.allSettled([closing, ...refusals]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await roll.consult('101')).toMatchObject({ outcome: 'open', students: ['1'] });
  });

  describe('consult()', () => {
    it('shows what is written, and not what is still on its way', async () => {
      const { roll, store } = await openedRoll();
      await roll.open('101', actor);
      const held = store.hold();
      const registering = roll.register('101', '1', actor);
      const heard = jest.fn();
      const consulting = roll.consult('101').then(heard);
      const batch = await held;
      await settled();
      expect(heard).not.toHaveBeenCalled();
      const late = roll.register('101', '2', actor);
      batch.release();
      await consulting;
      expect(heard).toHaveBeenCalledWith(expect.objectContaining({ students: ['1'] }));
      await Promise.all([registering, late]);
    });

    it('shows what is left when what was on its way is undone', async () => {
      const { roll } = await fullDisk();
      const registering = roll.register('101', '2', actor);
      const consulting = roll.consult('101');
      await expect(registering).rejects.toBe(full);
      expect(await consulting).toMatchObject({ outcome: 'open', students: ['1'] });
    });

    it('does not wait for what happens in another class', async () => {
      const { roll, store } = await openedRoll();
      await roll.open('101', actor);
      const held = store.hold();
      const opening = roll.open('102', actor);
      const batch = await held;
      expect(await roll.consult('101')).toMatchObject({ outcome: 'open' });
      batch.release();
      await opening;
      expect(await roll.consult('102')).toMatchObject({ outcome: 'open' });
    });
  });
});

type Opened = Awaited<ReturnType<typeof openedRoll>>['roll'];
