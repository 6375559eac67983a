import { Clock, container as root, type InjectionToken, Logger, SETTINGS } from '@socketserver/core';
import { settled } from '@socketserver/testing';

import { DurableRoll } from '../src/durable-roll';
import { Roll } from '../src/roll';
import { RollStore } from '../src/roll-store';
import { settings } from '../src/settings';
import { MemoryStore } from './memory-store';
import { KeptLog, newRoll, openedRoll } from './opened-roll';

const teacher = '127.0.0.1:40001';
const student = '127.0.0.1:40002';

describe('DurableRoll', () => {
  it('opens a class, once', async () => {
    const { roll } = await openedRoll();
    const { outcome, at } = await roll.open('101', teacher);
    expect(outcome).toBe('opened');
    expect(await roll.open('101', teacher)).toEqual({ outcome: 'already-open', at });
  });

  it('registers a student, once, and remembers when', async () => {
    const { roll } = await openedRoll();
    await roll.open('101', teacher);
    const { outcome, at } = await roll.register('101', '042191010', student);
    expect(outcome).toBe('registered');
    expect(await roll.register('101', '042191010', student)).toEqual({ outcome: 'repeated', at });
    expect(await roll.register('101', '42191010', student)).toMatchObject({ outcome: 'registered' });
  });

  it('shows who is present, in the order of arrival, and goes on', async () => {
    const { roll } = await openedRoll();
    await roll.open('101', teacher);
    for (const number of ['9', '1', '05']) await roll.register('101', number, student);
    expect(await roll.consult('101')).toMatchObject({ outcome: 'open', students: ['9', '1', '05'] });
    expect(await roll.register('101', '2', student)).toMatchObject({ outcome: 'registered' });
  });

  it('closes a class with those who were present, and begins the next session without them', async () => {
    const { roll } = await openedRoll();
    await roll.open('101', teacher);
    await roll.register('101', '1', student);
    expect(await roll.close('101', teacher)).toMatchObject({ outcome: 'closed', students: ['1'] });
    expect(await roll.consult('101')).toMatchObject({ outcome: 'not-open', students: [] });
    await roll.open('101', teacher);
    expect(await roll.close('101', teacher)).toMatchObject({ outcome: 'closed', students: [] });
  });

  it('refuses to close, and to register in, a class that is not open', async () => {
    const { roll } = await openedRoll();
    expect(await roll.close('101', teacher)).toMatchObject({ outcome: 'not-open', students: [] });
    expect(await roll.register('101', '1', student)).toMatchObject({ outcome: 'not-open' });
  });

  it('opens and closes in turn', async () => {
    const { roll } = await openedRoll();
    expect(await roll.toggle('101', teacher)).toMatchObject({ outcome: 'opened' });
    await roll.register('101', '1', student);
    expect(await roll.toggle('101', teacher)).toMatchObject({ outcome: 'closed', students: ['1'] });
    expect(await roll.toggle('101', teacher)).toMatchObject({ outcome: 'opened' });
  });

  it('decides in the order of the calls, before any of them is answered', async () => {
    const { roll, store } = await openedRoll();
    const answers = await Promise.all([
      roll.register('101', '1', student),
      roll.toggle('101', teacher),
      roll.register('101', '1', student),
      roll.register('101', '1', student),
      roll.toggle('101', teacher),
      roll.register('101', '2', student),
    ]);
    const outcomes = answers.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['not-open', 'opened', 'registered', 'repeated', 'closed', 'not-open']);
    expect(answers[4]).toMatchObject({ students: ['1'] });
    expect(store.batches).toHaveLength(1);
  });

  it('answers only when it is written', async () => {
    const { roll, store } = await openedRoll();
    const held = store.hold();
    const heard = jest.fn();
    const opening = roll.open('101', teacher).then(heard);
    const batch = await held;
    await settled();
    expect(heard).not.toHaveBeenCalled();
    batch.release();
    await opening;
    expect(store.openSessions).toMatchObject([{ classNumber: '101' }]);
  });

  it('writes a row of the audit for each act, whatever came of it', async () => {
    const { roll, store } = await openedRoll();
    const opening = await roll.open('101', teacher);
    await roll.open('101', teacher);
    const registration = await roll.register('101', '1', student);
    await roll.register('101', '1', student);
    await roll.toggle('101', teacher);
    await roll.close('101', teacher);
    await roll.register('101', '1', student);
    const rows = store.audit.map(({ actor, act, outcome, student, before, after }) => {
      return [actor, act, outcome, student, before, after];
    });
    expect(rows).toEqual([
      [teacher, 'open', 'opened', null, null, 0],
      [teacher, 'open', 'already-open', null, 0, 0],
      [student, 'register', 'registered', '1', 0, 1],
      [student, 'register', 'repeated', '1', 1, 1],
      [teacher, 'close', 'closed', null, 1, null],
      [teacher, 'close', 'not-open', null, null, null],
      [student, 'register', 'not-open', '1', null, null],
    ]);
    expect(store.audit[0]).toMatchObject({ at: opening.at, classNumber: '101' });
    expect(store.audit[2]!.at).toBe(registration.at);
    // When the repeat came, and not when the first one did.
    expect(store.audit[3]!.at).toBeGreaterThan(registration.at);
    expect(store.complaints).toEqual([]);
  });

  it('names no student in the audit when closed sessions are to be erased', async () => {
    const { roll, store } = await openedRoll({ archive: false });
    await roll.open('101', teacher);
    for (const classNumber of ['101', '101', '102']) await roll.register(classNumber, '1', student);
    expect(store.audit.map(({ outcome, student }) => [outcome, student])).toEqual([
      ['opened', null],
      ['registered', null],
      ['repeated', null],
      ['not-open', null],
    ]);
    expect(store.openSessions).toMatchObject([{ presences: [{ student: '1' }] }]);
  });

  it('opens as many classes as it may, and others when some are closed', async () => {
    const { roll } = await openedRoll({ maxClasses: 2 });
    await roll.open('101', teacher);
    await roll.toggle('102', teacher);
    const limit = { code: 'ERR_ATTENDANCE_LIMIT', setting: 'maxClasses', limit: 2 };
    await expect(roll.open('103', teacher)).rejects.toMatchObject(limit);
    await expect(roll.toggle('103', teacher)).rejects.toMatchObject(limit);
    expect(await roll.open('102', teacher)).toMatchObject({ outcome: 'already-open' });
    await roll.close('101', teacher);
    expect(await roll.open('103', teacher)).toMatchObject({ outcome: 'opened' });
  });

  it('lets as many students in as it may', async () => {
    const { roll } = await openedRoll({ maxStudents: 2 });
    await roll.open('101', teacher);
    for (const number of ['1', '2']) await roll.register('101', number, student);
    const limit = { code: 'ERR_ATTENDANCE_LIMIT', setting: 'maxStudents', limit: 2 };
    await expect(roll.register('101', '3', student)).rejects.toMatchObject(limit);
    expect(await roll.register('101', '1', student)).toMatchObject({ outcome: 'repeated' });
    expect(await roll.consult('101')).toMatchObject({ students: ['1', '2'] });
  });

  it.each(['0', '007', '', ' 101', '1'.repeat(16), 'abc', '-1', '1.5', '１０１'])(
    'refuses the class number %j before it touches anything',
    async (classNumber) => {
      const { roll, store } = await openedRoll();
      const error = { code: 'ERR_ATTENDANCE_CLASS_NUMBER', value: classNumber };
      const other = roll.open('101', teacher);
      const refused = [
        roll.open(classNumber, teacher),
        roll.close(classNumber, teacher),
        roll.toggle(classNumber, teacher),
        roll.consult(classNumber),
        roll.register(classNumber, '1', student),
      ];
      for (const act of refused) await expect(act).rejects.toMatchObject(error);
      expect(await other).toMatchObject({ outcome: 'opened' });
      expect(store.audit).toHaveLength(1);
    },
  );

  it.each(['', ' 1', 'x', '1'.repeat(21), '1\n'])("refuses the student's number %j likewise", async (number) => {
    const { roll, store } = await openedRoll();
    const opening = roll.open('101', teacher);
    const error = { code: 'ERR_ATTENDANCE_STUDENT_NUMBER', value: number };
    await expect(roll.register('101', number, student)).rejects.toMatchObject(error);
    await expect(roll.register('102', number, student)).rejects.toMatchObject(error);
    await opening;
    expect(store.audit).toHaveLength(1);
  });

  describe('restore()', () => {
    it('takes over the sessions that are open, with who came and when', async () => {
      const before = await openedRoll();
      const { at: openedAt } = await before.roll.open('101', teacher);
      await before.roll.open('102', teacher);
      await before.roll.register('101', '9', student);
      const { at } = await before.roll.register('101', '05', student);
      await before.roll.close('102', teacher);
      await before.roll.end();

      const { roll } = await openedRoll({}, before.store.reopened());
      expect(await roll.open('101', teacher)).toEqual({ outcome: 'already-open', at: openedAt });
      expect(await roll.register('101', '05', student)).toEqual({ outcome: 'repeated', at });
      expect(await roll.consult('101')).toMatchObject({ outcome: 'open', students: ['9', '05'] });
      expect(await roll.consult('102')).toMatchObject({ outcome: 'not-open' });
    });

    it('is told to be missing by every act before it', async () => {
      const { roll, store } = newRoll();
      const error = { code: 'ERR_ATTENDANCE_NOT_RESTORED' };
      await expect(roll.open('101', teacher)).rejects.toMatchObject(error);
      await expect(roll.consult('101')).rejects.toMatchObject(error);
      expect(store.batches).toEqual([]);
    });
  });

  describe('end()', () => {
    it('closes the store when all acts before it are written, and refuses those after it', async () => {
      const { roll, store } = await openedRoll();
      const held = store.hold();
      const acts = [roll.open('101', teacher), roll.register('101', '1', student)];
      const batch = await held;
      const end = roll.end();
      await expect(roll.open('102', teacher)).rejects.toMatchObject({ code: 'ERR_ATTENDANCE_STORAGE' });
      await settled();
      expect(store.isClosed).toBe(false);
      batch.release();
      await Promise.all(acts);
      await end;
      await roll.end();
      expect(store.isClosed).toBe(true);
      expect(store.openSessions).toMatchObject([{ classNumber: '101', presences: [{ student: '1' }] }]);
      expect(store.complaints).toEqual([]);
    });
  });

  it('is what asks for a Roll get, with the store, the clock, the logger and the settings of its server', async () => {
    const store = new MemoryStore();
    const log = new KeptLog();
    const child = root
      .createChildContainer()
      .register(RollStore as InjectionToken<RollStore>, { useValue: store })
      .register(Clock as InjectionToken<Clock>, { useValue: { date: () => new Date(5) } as Clock })
      .register(Logger as InjectionToken<Logger>, { useValue: log })
      .register(SETTINGS, { useValue: settings.parse({}) })
      .register(Roll as InjectionToken<Roll>, { useClass: DurableRoll });
    const roll = child.resolve(Roll as InjectionToken<Roll>) as DurableRoll;
    await roll.restore();
    expect(await roll.open('101', teacher)).toEqual({ outcome: 'opened', at: 5 });
    expect(store.openSessions).toMatchObject([{ openedAt: 5 }]);
  });
});
