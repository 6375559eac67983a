import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

import { APPLICATION_ID, migrate, pragma, SCHEMA_VERSION, schemaVersion } from '../src/schema';

const PATH = '/data/attendance.db';

let database: DatabaseSyncInstance;
beforeEach(() => (database = new DatabaseSync(':memory:')));
afterEach(() => database.close());

describe('schemaVersion() and migrate()', () => {
  it('take an empty file, and mark it as ours', () => {
    expect(schemaVersion(database, PATH)).toBe(0);
    migrate(database, 0);
    expect(schemaVersion(database, PATH)).toBe(SCHEMA_VERSION);
    expect(pragma(database, 'application_id')).toBe(APPLICATION_ID);
    expect(() => migrate(database, SCHEMA_VERSION)).not.toThrow();
  });

  it('leave the file as it was when a step fails', () => {
    database.exec('CREATE TABLE presences (id INTEGER)');
    expect(() => migrate(database, 0)).toThrow('presences already exists');
    database.exec('ROLLBACK');
    expect(pragma(database, 'user_version')).toBe(0);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'sessions'").all()).toEqual([]);
  });

  it("refuse a later version's file", () => {
    migrate(database, 0);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    expect(() => schemaVersion(database, PATH)).toThrow(
      expect.objectContaining({
        reason: 'newer',
        path: PATH,
        message: `${PATH}: a later version of this app made it (schema 2; this one knows 1); run that version, or choose another folder with --set dataDir=…`,
      }) as Error,
    );
  });

  it.each(['CREATE TABLE notes (text)', 'PRAGMA user_version = 3', 'PRAGMA application_id = 5; CREATE TABLE t (x)'])(
    "refuse another program's file: %s",
    (sql) => {
      database.exec(sql);
      expect(() => schemaVersion(database, PATH)).toThrow(
        expect.objectContaining({
          reason: 'damaged',
          path: PATH,
          message: expect.stringContaining('another program') as string,
        }) as Error,
      );
    },
  );
});

describe('the tables', () => {
  beforeEach(() => {
    migrate(database, 0);
    database.exec(`
      INSERT INTO sessions (id, class, opened_at) VALUES (1, '101', 0);
      INSERT INTO presences (session, student, at) VALUES (1, '042', 0);
      INSERT INTO audit (id, at, actor, act, outcome, class) VALUES (1, 0, 'a', 'open', 'opened', '101');`);
  });

  it.each([
    'UPDATE audit SET actor = NULL',
    "UPDATE OR IGNORE audit SET actor = 'b'",
    'DELETE FROM audit',
    "INSERT OR REPLACE INTO audit (id, at, actor, act, outcome, class) VALUES (1, 1, 'b', 'open', 'opened', '102')",
    "INSERT INTO audit (id, at, actor, act, outcome, class) VALUES (1, 1, 'b', 'open', 'opened', '102') ON CONFLICT DO UPDATE SET actor = 'b'",
  ])('refuse to change the audit: %s', (sql) => {
    expect(() => database.exec(sql)).toThrow('the audit is append-only');
    expect(database.prepare('SELECT id, actor, class FROM audit').all()).toEqual([{ id: 1, actor: 'a', class: '101' }]);
  });

  it.each([
    ["INSERT INTO sessions (class, opened_at) VALUES ('101', 1)", 'UNIQUE'],
    ["INSERT INTO sessions (class, opened_at) VALUES ('0101', 1)", 'CHECK'],
    ["INSERT INTO sessions (class, opened_at) VALUES ('1e3', 1)", 'CHECK'],
    ["INSERT INTO sessions (class, opened_at) VALUES ('', 1)", 'CHECK'],
    ["INSERT INTO sessions (class, opened_at) VALUES ('1234567890123456', 1)", 'CHECK'],
    ["INSERT INTO sessions (class, opened_at) VALUES ('102', 'today')", 'cannot store TEXT'],
    ["INSERT INTO presences (session, student, at) VALUES (1, '042', 1)", 'UNIQUE'],
    ["INSERT INTO presences (session, student, at) VALUES (1, '', 1)", 'CHECK'],
    ["INSERT INTO presences (session, student, at) VALUES (1, '=1', 1)", 'CHECK'],
    ["INSERT INTO presences (session, student, at) VALUES (1, '123456789012345678901', 1)", 'CHECK'],
    ["INSERT INTO presences (session, student, at) VALUES (2, '043', 1)", 'FOREIGN KEY'],
    ["INSERT INTO audit (at, actor, act, outcome, class) VALUES (0, 'a', 'look', 'opened', '101')", 'CHECK'],
    ["INSERT INTO audit (at, actor, act, outcome, class) VALUES (0, 'a', 'open', 'done', '101')", 'CHECK'],
  ])('refuse what cannot be: %s', (sql, text) => {
    expect(() => database.exec(sql)).toThrow(text);
  });

  it('take a new session of a class whose last one is closed', () => {
    database.exec("UPDATE sessions SET closed_at = 1; INSERT INTO sessions (class, opened_at) VALUES ('101', 2)");
    expect(() => database.exec("INSERT INTO sessions (class, opened_at) VALUES ('101', 3)")).toThrow('UNIQUE');
  });
});
