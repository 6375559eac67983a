import { DatabaseSync } from '@photostructure/sqlite';
import { readdirSync, statSync } from 'node:fs';

import type { RollDatabase } from '../src/roll-database';
import { DatabaseUnderTest } from './database-under-test';
import { opening, registration, students } from './storage';

let roll: DatabaseUnderTest;
beforeEach(() => (roll = new DatabaseUnderTest()));
afterEach(() => roll[Symbol.dispose]());

describe('maxBytes', () => {
  const MIB = 2 ** 20;
  const bytes = () => readdirSync(roll.path).reduce((sum, name) => sum + statSync(roll.file(name)).size, 0);

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
    const { database } = roll.open({ maxBytes: MIB });
    database.write([opening('101')]);
    const { kept, error } = fill(database);
    expect(error).toMatchObject({
      reason: 'full',
      path: roll.file(),
      message: `${roll.file()}: it has grown to all that maxBytes=1048576 allows; allow more with --set maxBytes=…, or choose another folder with --set dataDir=…`,
    });
    expect(kept).toBeGreaterThan(1000);
    expect(bytes()).toBeLessThan(MIB + 100_000);
    expect(bytes()).toBeGreaterThan(MIB / 2);
    expect(roll.reopen({ maxBytes: 2 * MIB }).sessions[0]!.presences).toHaveLength(kept);
  });

  it('bounds the log while a reader does not end, and goes on when it has', () => {
    const { database } = roll.open({ maxBytes: 4 * MIB });
    database.write([opening('101'), opening('102')]);
    using reader = new DatabaseSync(roll.file(), { readOnly: true });
    const rows = reader.prepare('SELECT * FROM sessions').iterate();
    rows.next();
    const { error } = fill(database);
    expect(error).toMatchObject({
      reason: 'full',
      message: expect.stringContaining('another program reads') as string,
    });
    expect(statSync(roll.file('attendance.db-wal')).size).toBeLessThan(1.2 * MIB);
    for (const _row of rows);
    database.write([registration('102', '1')]);
    expect(statSync(roll.file('attendance.db-wal')).size).toBeLessThan(0.1 * MIB);
  });

  it('says that it is time for a checkpoint before that', () => {
    const { database } = roll.open({ maxBytes: MIB });
    database.write([opening('101')]);
    expect(database.isLogLong).toBe(false);
    database.write(students(800));
    expect(database.isLogLong).toBe(true);
    expect(database.checkpoint()).toBe(true);
    expect(database.isLogLong).toBe(false);
  });
});
