import { DatabaseSync } from '@photostructure/sqlite';
import { readdirSync, readFileSync } from 'node:fs';

import { DatabaseUnderTest } from './database-under-test';
import { closing, look, opening, registration, students } from './storage';

let roll: DatabaseUnderTest;
beforeEach(() => (roll = new DatabaseUnderTest()));
afterEach(() => roll[Symbol.dispose]());

describe('erasing at the close of a session', () => {
  const everything = () => Buffer.concat(readdirSync(roll.path).map((name) => readFileSync(roll.file(name))));

  it('leaves nothing of the students in any file, and all of the sessions that are open', () => {
    const { database } = roll.open({ archive: false });
    database.write([opening('101', 1), opening('102', 2), registration('102', '777777777', 3, null)]);
    database.write(students(300).map(({ audit, change }) => ({ audit: { ...audit, student: null }, change })));
    expect(everything().includes('042000299')).toBe(true);

    database.write([closing('101', 4)]);
    expect(database.checkpoint()).toBe(true);
    const files = everything();
    expect(files.includes('042000')).toBe(false);
    expect(files.includes('777777777')).toBe(true);
    expect(roll.reopen({ archive: false }).sessions).toEqual([
      { classNumber: '102', openedAt: 2, presences: [{ student: '777777777', at: 3 }] },
    ]);
    expect(look(roll.path, 'SELECT count(*) AS rows FROM audit')).toEqual([{ rows: 304 }]);
  });

  it('is done when it is closed, at the latest', () => {
    const { database: store } = roll.open({ archive: false });
    store.write([opening('101'), registration('101', '042000000', 0, null), closing('101')]);
    roll.close();
    expect(everything().includes('042000')).toBe(false);
  });

  it('waits for a reader that still sees the session', () => {
    const { database } = roll.open({ archive: false });
    database.write([opening('101'), registration('101', '042000000', 0, null)]);
    using reader = new DatabaseSync(roll.file(), { readOnly: true });
    const rows = reader.prepare('SELECT * FROM presences, (SELECT 1 UNION SELECT 2)').iterate();
    rows.next();
    database.write([closing('101')]);
    expect(database.checkpoint()).toBe(false);
    for (const _row of rows);
    expect(database.checkpoint()).toBe(true);
    expect(everything().includes('042000')).toBe(false);
  });
});
