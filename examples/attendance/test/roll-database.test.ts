import { DatabaseSync } from '@photostructure/sqlite';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

import { DatabaseUnderTest } from './database-under-test';
import { closing, look, opening, refusal, registration } from './storage';

let roll: DatabaseUnderTest;
beforeEach(() => (roll = new DatabaseUnderTest()));
afterEach(() => roll[Symbol.dispose]());

describe('RollDatabase', () => {
  it('begins with no sessions', () => {
    expect(roll.open().opened).toEqual({ sessions: [], entries: 0, inUse: expect.any(Number) as number });
  });

  it('finds the sessions that are open, with the students in the order of their arrival', () => {
    const { database } = roll.open();
    expect(database.write([opening('102', 5), opening('101', 6)])).toMatchObject({ entries: 2 });
    expect(
      database.write([registration('101', '9', 7), registration('101', '042', 7), refusal('7', '1')]),
    ).toMatchObject({ entries: 5 });
    database.write([registration('102', '5', 3), closing('102', 8), opening('103', 9)]);
    expect(roll.reopen()).toEqual({
      sessions: [
        {
          classNumber: '101',
          openedAt: 6,
          presences: [
            { student: '9', at: 7 },
            { student: '042', at: 7 },
          ],
        },
        { classNumber: '103', openedAt: 9, presences: [] },
      ],
      entries: 8,
      inUse: expect.any(Number) as number,
    });
  });

  it('keeps a row of the audit for each write', () => {
    roll.open().database.write([opening('101', 5), registration('101', '042', 6), refusal('102', '043', 7)]);
    const row = { id: 1, at: 5, actor: '127.0.0.1:50000', class: '101', student: null };
    expect(look(roll.path, 'SELECT * FROM audit')).toEqual([
      { ...row, act: 'open', outcome: 'opened', before: null, after: 0 },
      { ...row, id: 2, at: 6, act: 'register', outcome: 'registered', student: '042', before: 0, after: 0 },
      { ...row, id: 3, at: 7, act: 'register', outcome: 'not-open', class: '102', student: '043', before: 0, after: 0 },
    ]);
  });

  it('writes nothing of a batch of which one part cannot be written, and goes on', () => {
    const { database } = roll.open();
    database.write([opening('101')]);
    for (const impossible of [opening('101'), registration('102', '1'), closing('102'), registration('101', 'x')]) {
      expect(() => database.write([registration('101', '1'), impossible])).toThrow(
        expect.objectContaining({ name: 'StorageError', reason: 'failed', path: roll.file() }) as Error,
      );
    }
    expect(database.write([registration('101', '1')])).toMatchObject({ entries: 2 });
    expect(look(roll.path, 'SELECT student FROM presences')).toEqual([{ student: '1' }]);
  });

  it('says that another program has locked the database, and writes when it has not', () => {
    const { database } = roll.open();
    const other = new DatabaseSync(roll.file());
    other.exec('BEGIN IMMEDIATE');
    const message = `${roll.file()}: another program has locked it; let that one finish, or end it`;
    expect(() => database.write([opening('101')])).toThrow(
      expect.objectContaining({ reason: 'in-use', message }) as Error,
    );
    other.exec('ROLLBACK');
    other.close();
    expect(database.write([opening('101')])).toMatchObject({ entries: 1 });
  });

  it('keeps its files to their owner, and takes from others what they had', () => {
    if (process.platform === 'win32') return;
    const modes = () =>
      readdirSync(roll.path).map((name) => [name, (statSync(roll.file(name)).mode & 0o777).toString(8)]);
    const private_ = [
      ['attendance.db', '600'],
      ['attendance.db-shm', '600'],
      ['attendance.db-wal', '600'],
      ['owner.lock', '600'],
    ];
    const umask = process.umask(0);
    try {
      roll.open().database.write([opening('101')]);
      expect((statSync(roll.path).mode & 0o777).toString(8)).toBe('700');
      expect(modes()).toEqual(private_);
      roll.close();
      // As a crash, or somebody with an editor, may have left them.
      for (const name of ['attendance.db-shm', 'attendance.db-wal'])
        writeFileSync(roll.file(name), '', { mode: 0o666 });
      for (const name of ['attendance.db', 'owner.lock']) rewrite(name);
      roll.open();
      expect(modes()).toEqual(private_);
    } finally {
      process.umask(umask);
    }
  });

  it('says that its file was deleted, or replaced by another, instead of writing where nobody will find it', () => {
    const { database } = roll.open();
    database.write([opening('101')]);
    renameSync(roll.file(), roll.file('elsewhere'));
    const moved = expect.objectContaining({
      reason: 'failed',
      message: `${roll.file()}: it, or owner.lock beside it, has been moved, replaced or deleted; put it back and restart the server`,
    }) as Error;
    expect(() => database.write([registration('101', '1')])).toThrow(moved);
    writeFileSync(roll.file(), '');
    expect(() => database.write([registration('101', '1')])).toThrow(moved);
    renameSync(roll.file('elsewhere'), roll.file());
    expect(database.write([registration('101', '1')])).toMatchObject({ entries: 2 });
    rmSync(roll.file('owner.lock'));
    expect(() => database.write([registration('101', '2')])).toThrow(moved);
  });

  function rewrite(name: string) {
    const content = readFileSync(roll.file(name));
    rmSync(roll.file(name));
    writeFileSync(roll.file(name), content, { mode: 0o644 });
  }
});
