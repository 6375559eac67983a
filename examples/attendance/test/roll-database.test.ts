import { DatabaseSync } from '@photostructure/sqlite';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Place, RollDatabase } from '../src/roll-database';
import { closing, look, opening, refusal, registration, tamper, TemporaryFolder } from './storage';

let folder: TemporaryFolder;
let database: RollDatabase | undefined;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(() => {
  database?.close();
  database = undefined;
  folder[Symbol.dispose]();
});

const placeFor = (others: Partial<Place> = {}): Place => ({
  folder: folder.file('data'),
  withParents: false,
  maxBytes: 2 ** 30,
  archive: true,
  ...others,
});

function open(others: Partial<Place> = {}) {
  const found = RollDatabase.open(placeFor(others));
  database = found.database;
  return { database, opened: found.opened };
}

function reopen(others: Partial<Place> = {}) {
  database!.close();
  return open(others).opened;
}

const file = (name = 'attendance.db') => folder.file('data', name);

describe('RollDatabase', () => {
  it('begins with no sessions', () => {
    expect(open().opened).toEqual({ sessions: [], entries: 0 });
  });

  it('finds the sessions that are open, with the students in the order of their arrival', () => {
    const { database } = open();
    expect(database.write([opening('102', 5), opening('101', 6)])).toBe(2);
    expect(database.write([registration('101', '9', 7), registration('101', '042', 7), refusal('7', '1')])).toBe(5);
    database.write([registration('102', '5', 3), closing('102', 8), opening('103', 9)]);
    expect(reopen()).toEqual({
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
    });
  });

  it('keeps a row of the audit for each write', () => {
    open().database.write([opening('101', 5), registration('101', '042', 6), refusal('102', '043', 7)]);
    const row = { id: 1, at: 5, actor: '127.0.0.1:50000', class: '101', student: null };
    expect(look(folder.file('data'), 'SELECT * FROM audit')).toEqual([
      { ...row, act: 'open', outcome: 'opened', before: null, after: 0 },
      { ...row, id: 2, at: 6, act: 'register', outcome: 'registered', student: '042', before: 0, after: 0 },
      { ...row, id: 3, at: 7, act: 'register', outcome: 'not-open', class: '102', student: '043', before: 0, after: 0 },
    ]);
  });

  it('writes nothing of a batch of which one part cannot be written, and goes on', () => {
    const { database } = open();
    database.write([opening('101')]);
    for (const impossible of [opening('101'), registration('102', '1'), closing('102'), registration('101', 'x')]) {
      expect(() => database.write([registration('101', '1'), impossible])).toThrow(
        expect.objectContaining({ name: 'StorageError', reason: 'failed', path: file() }),
      );
    }
    expect(database.write([registration('101', '1')])).toBe(2);
    expect(look(folder.file('data'), 'SELECT student FROM presences')).toEqual([{ student: '1' }]);
  });

  it('says that another program has locked the database, and writes when it has not', () => {
    const { database } = open();
    const other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    const message = `${file()}: another program has locked it; let that one finish, or end it`;
    expect(() => database.write([opening('101')])).toThrow(expect.objectContaining({ reason: 'in-use', message }));
    other.exec('ROLLBACK');
    other.close();
    expect(database.write([opening('101')])).toBe(1);
  });

  it('keeps its files to their owner, and takes from others what they had', () => {
    if (process.platform === 'win32') return;
    const modes = () =>
      readdirSync(folder.file('data')).map((name) => [name, (statSync(file(name)).mode & 0o777).toString(8)]);
    const private_ = [
      ['attendance.db', '600'],
      ['attendance.db-shm', '600'],
      ['attendance.db-wal', '600'],
      ['owner.lock', '600'],
    ];
    const umask = process.umask(0);
    try {
      open().database.write([opening('101')]);
      expect((statSync(folder.file('data')).mode & 0o777).toString(8)).toBe('700');
      expect(modes()).toEqual(private_);
      database!.close();
      database = undefined;
      // As a crash, or somebody with an editor, may have left them.
      for (const name of ['attendance.db-shm', 'attendance.db-wal']) writeFileSync(file(name), '', { mode: 0o666 });
      for (const name of ['attendance.db', 'owner.lock']) rewrite(name);
      open();
      expect(modes()).toEqual(private_);
    } finally {
      process.umask(umask);
    }
  });

  it('says that its file was deleted, or replaced by another, instead of writing where nobody will find it', () => {
    const { database } = open();
    database.write([opening('101')]);
    renameSync(file(), file('elsewhere'));
    const moved = expect.objectContaining({
      reason: 'failed',
      message: `${file()}: it has been moved, replaced or deleted; put it back and restart the server`,
    }) as Error;
    expect(() => database.write([registration('101', '1')])).toThrow(moved);
    writeFileSync(file(), '');
    expect(() => database.write([registration('101', '1')])).toThrow(moved);
    renameSync(file('elsewhere'), file());
    expect(database.write([registration('101', '1')])).toBe(2);
  });

  function rewrite(name: string) {
    const content = readFileSync(file(name));
    rmSync(file(name));
    writeFileSync(file(name), content, { mode: 0o644 });
  }
});

describe('RollDatabase.open()', () => {
  const failing = (others: Partial<Place> = {}): Error => {
    try {
      open(others);
    } catch (error) {
      return error as Error;
    }
    throw new Error('it opened');
  };

  it('says so when the folder is a file', () => {
    writeFileSync(folder.file('data'), '');
    expect(failing()).toMatchObject({ reason: 'failed', path: folder.file('data') });
  });

  it('says so when there is no folder above it', () => {
    const missing = folder.file('no', 'data');
    expect(failing({ folder: missing })).toMatchObject({
      reason: 'failed',
      path: missing,
      message: `${missing}: there is no such folder; see to that, or choose another folder with --set dataDir=…`,
    });
  });

  it.each([
    ['text', (): void => writeFileSync(file(), 'not a database, but long enough to have been one. '.repeat(100))],
    ['a header and nothing else', () => writeFileSync(file(), 'SQLite format 3\0'.padEnd(5000, 'x'))],
    ['a folder', () => mkdirSync(file())],
    [
      'a database with holes',
      () => {
        open().database.write([opening('101'), ...students(500)]);
        database!.close();
        database = undefined;
        const content = readFileSync(file());
        content.fill(0xff, 4096);
        writeFileSync(file(), content);
      },
    ],
  ])('refuses %s in place of the database', (_what, damage) => {
    mkdirSync(folder.file('data'), { recursive: true });
    damage();
    const error = failing();
    expect(error).toMatchObject({ name: 'StorageError', path: file() });
    expect(error).toMatchObject({ reason: _what === 'a folder' ? 'denied' : 'damaged' });
    // The lock is free again.
    rmSync(file(), { recursive: true });
    open();
  });

  it("refuses another program's database, and does not touch it", () => {
    mkdirSync(folder.file('data'));
    tamper(folder.file('data'), (other) => other.exec('CREATE TABLE notes (text)'));
    const before = readFileSync(file());
    expect(failing()).toMatchObject({ reason: 'damaged', path: file() });
    expect(readFileSync(file())).toEqual(before);
  });

  it("refuses a later version's database, and does not touch it", () => {
    open().database.close();
    database = undefined;
    tamper(folder.file('data'), (other) => other.exec('PRAGMA user_version = 2'));
    expect(failing()).toMatchObject({ reason: 'newer', path: file() });
    expect(look(folder.file('data'), 'PRAGMA user_version')).toEqual([{ user_version: 2 }]);
  });
});

describe('erasing at the close of a session', () => {
  const everything = () => Buffer.concat(readdirSync(folder.file('data')).map((name) => readFileSync(file(name))));

  it('leaves nothing of the students in any file, and all of the sessions that are open', () => {
    const { database } = open({ archive: false });
    database.write([opening('101', 1), opening('102', 2), registration('102', '777777777', 3, null)]);
    database.write(students(300).map(({ audit, change }) => ({ audit: { ...audit, student: null }, change })));
    expect(everything().includes('042000299')).toBe(true);

    database.write([closing('101', 4)]);
    expect(database.checkpoint()).toBe(true);
    const files = everything();
    expect(files.includes('042000')).toBe(false);
    expect(files.includes('777777777')).toBe(true);
    expect(reopen({ archive: false }).sessions).toEqual([
      { classNumber: '102', openedAt: 2, presences: [{ student: '777777777', at: 3 }] },
    ]);
    expect(look(folder.file('data'), 'SELECT count(*) AS rows FROM audit')).toEqual([{ rows: 304 }]);
  });

  it('is done when it is closed, at the latest', () => {
    const { database: store } = open({ archive: false });
    store.write([opening('101'), registration('101', '042000000', 0, null), closing('101')]);
    store.close();
    database = undefined;
    expect(everything().includes('042000')).toBe(false);
  });

  it('waits for a reader that still sees the session', () => {
    const { database } = open({ archive: false });
    database.write([opening('101'), registration('101', '042000000', 0, null)]);
    using reader = new DatabaseSync(file(), { readOnly: true });
    const rows = reader.prepare('SELECT * FROM presences, (SELECT 1 UNION SELECT 2)').iterate();
    rows.next();
    database.write([closing('101')]);
    expect(database.checkpoint()).toBe(false);
    for (const _row of rows);
    expect(database.checkpoint()).toBe(true);
    expect(everything().includes('042000')).toBe(false);
  });
});

describe('maxBytes', () => {
  const MIB = 2 ** 20;
  const bytes = () => readdirSync(folder.file('data')).reduce((sum, name) => sum + statSync(file(name)).size, 0);

  /** Writes until it is refused. @returns how many students are in it, and the refusal */
  function fill(database: RollDatabase): { kept: number; error: unknown } {
    for (let kept = 0; ; kept += 100) {
      try {
        database.write(students(100, kept));
        if (database.isLogLong) database.checkpoint();
      } catch (error) {
        return { kept, error };
      }
    }
  }

  it('bounds the database and its log, and a larger one lets it go on', () => {
    const { database } = open({ maxBytes: MIB });
    database.write([opening('101')]);
    const { kept, error } = fill(database);
    expect(error).toMatchObject({
      reason: 'full',
      path: file(),
      message: `${file()}: it has grown to all that maxBytes=1048576 allows; allow more with --set maxBytes=…, or choose another folder with --set dataDir=…`,
    });
    expect(kept).toBeGreaterThan(1000);
    expect(bytes()).toBeLessThan(MIB + 100_000);
    expect(bytes()).toBeGreaterThan(MIB / 2);
    expect(reopen({ maxBytes: 2 * MIB }).sessions[0]!.presences).toHaveLength(kept);
  });

  it('bounds the log while a reader does not end, and goes on when it has', () => {
    const { database } = open({ maxBytes: 4 * MIB });
    database.write([opening('101'), opening('102')]);
    using reader = new DatabaseSync(file(), { readOnly: true });
    const rows = reader.prepare('SELECT * FROM sessions').iterate();
    rows.next();
    const { error } = fill(database);
    expect(error).toMatchObject({
      reason: 'full',
      message: expect.stringContaining('another program reads') as string,
    });
    expect(statSync(file('attendance.db-wal')).size).toBeLessThan(1.2 * MIB);
    for (const _row of rows);
    database.write([registration('102', '1')]);
    expect(statSync(file('attendance.db-wal')).size).toBeLessThan(0.1 * MIB);
  });

  it('says that it is time for a checkpoint before that', () => {
    const { database } = open({ maxBytes: MIB });
    database.write([opening('101')]);
    expect(database.isLogLong).toBe(false);
    database.write(students(800));
    expect(database.isLogLong).toBe(true);
    expect(database.checkpoint()).toBe(true);
    expect(database.isLogLong).toBe(false);
  });
});

/** Registrations in class 101 of as many students, whose numbers begin with 042. */
function students(count: number, first = 0) {
  return Array.from({ length: count }, (_, i) => registration('101', `042${String(first + i).padStart(6, '0')}`));
}
