import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import type { Place } from '../src/roll-database';
import { DatabaseUnderTest } from './database-under-test';
import { look, opening, students, tamper } from './storage';

let roll: DatabaseUnderTest;
beforeEach(() => (roll = new DatabaseUnderTest()));
afterEach(() => roll[Symbol.dispose]());

describe('RollDatabase.open()', () => {
  const failing = (others: Partial<Place> = {}): Error => {
    try {
      roll.open(others);
    } catch (error) {
      return error as Error;
    }
    throw new Error('it opened');
  };

  it('says so when the folder is a file', () => {
    writeFileSync(roll.path, '');
    expect(failing()).toMatchObject({ reason: 'failed', path: roll.path });
  });

  it('says so when there is no folder above it', () => {
    const missing = roll.folder.file('no', 'data');
    expect(failing({ folder: missing })).toMatchObject({
      reason: 'failed',
      path: missing,
      message: `${missing}: there is no such folder; see to that, or choose another folder with --set dataDir=…`,
    });
  });

  // Nothing is denied to root; what it cannot write, a test with a small disk has.
  (process.getuid?.() === 0 ? it.skip : it)('says so when the folder may not be written (not as root)', () => {
    mkdirSync(roll.path, { mode: 0o500 });
    expect(failing()).toMatchObject({ reason: 'denied', path: roll.path });
  });

  it.each([
    ['text', (): void => writeFileSync(roll.file(), 'not a database, but long enough to have been one. '.repeat(100))],
    ['a header and nothing else', () => writeFileSync(roll.file(), 'SQLite format 3\0'.padEnd(5000, 'x'))],
    ['a folder', () => mkdirSync(roll.file())],
    [
      'a database with holes',
      () => {
        roll.open().database.write([opening('101'), ...students(500)]);
        roll.close();
        const content = readFileSync(roll.file());
        content.fill(0xff, 4096);
        writeFileSync(roll.file(), content);
      },
    ],
  ])('refuses %s in place of the database', (_what, damage) => {
    mkdirSync(roll.path, { recursive: true });
    damage();
    const error = failing();
    expect(error).toMatchObject({ name: 'StorageError', path: roll.file() });
    expect(error).toMatchObject({ reason: _what === 'a folder' ? 'denied' : 'damaged' });
    // The lock is free again.
    rmSync(roll.file(), { recursive: true });
    roll.open();
  });

  it("refuses another program's database, and does not touch it", () => {
    mkdirSync(roll.path);
    tamper(roll.path, (other) => other.exec('CREATE TABLE notes (text)'));
    const before = readFileSync(roll.file());
    expect(failing()).toMatchObject({ reason: 'damaged', path: roll.file() });
    expect(readFileSync(roll.file())).toEqual(before);
  });

  it("refuses a later version's database, and does not touch it", () => {
    roll.open();
    roll.close();
    tamper(roll.path, (other) => other.exec('PRAGMA user_version = 2'));
    expect(failing()).toMatchObject({ reason: 'newer', path: roll.file() });
    expect(look(roll.path, 'PRAGMA user_version')).toEqual([{ user_version: 2 }]);
  });
});
