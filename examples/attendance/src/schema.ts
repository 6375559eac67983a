/** The tables, and how a file gets them. */
import type { DatabaseSyncInstance } from '@photostructure/sqlite';

import { StorageError } from './errors';

/** Says in the file whose it is: `roll` in ASCII. https://www.sqlite.org/pragma.html#pragma_application_id */
export const APPLICATION_ID = 0x72_6f_6c_6c;

/** What makes version n + 1 of the schema out of version n: a new file goes through all of them. */
const migrations: readonly string[] = [
  `
  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    class TEXT NOT NULL CHECK (class GLOB '[1-9]*' AND class NOT GLOB '*[^0-9]*' AND length(class) <= 15),
    opened_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT;
  CREATE INDEX sessions_by_class ON sessions (class);
  CREATE UNIQUE INDEX one_open_session_per_class ON sessions (class) WHERE closed_at IS NULL;

  -- In the order of their ids, which is that of arrival.
  CREATE TABLE presences (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL REFERENCES sessions (id),
    student TEXT NOT NULL CHECK (length(student) BETWEEN 1 AND 20 AND student NOT GLOB '*[^0-9]*'),
    at INTEGER NOT NULL,
    UNIQUE (session, student)
  ) STRICT;

  -- "before" and "after": how many were present; null when the class was closed.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('open', 'close', 'register')),
    outcome TEXT NOT NULL
      CHECK (outcome IN ('opened', 'already-open', 'closed', 'not-open', 'registered', 'repeated')),
    class TEXT NOT NULL,
    student TEXT,
    "before" INTEGER CHECK ("before" >= 0),
    "after" INTEGER CHECK ("after" >= 0)
  ) STRICT;
  CREATE TRIGGER audit_refuses_updates BEFORE UPDATE ON audit
    BEGIN SELECT raise(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_refuses_deletes BEFORE DELETE ON audit
    BEGIN SELECT raise(ABORT, 'the audit is append-only'); END;
  -- INSERT OR REPLACE deletes without a word to the trigger above.
  CREATE TRIGGER audit_refuses_replacements BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT raise(ABORT, 'the audit is append-only'); END;
  `,
];

/** The version that this app writes. */
export const SCHEMA_VERSION = migrations.length;

/**
 * The version of a file's schema: 0 for an empty one. Changes nothing.
 *
 * @throws {StorageError} when it is another program's, or a later version's
 */
export function schemaVersion(database: DatabaseSyncInstance, path: string): number {
  const version = pragma(database, 'user_version');
  if (pragma(database, 'application_id') !== APPLICATION_ID) {
    const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number };
    if (version === 0 && tables === 0) return 0;
    const message = `${path}: it is the database of another program; move it away, or choose another folder with --set dataDir=…`;
    throw new StorageError(message, 'damaged', path);
  }
  if (Number(version) <= SCHEMA_VERSION) return Number(version);
  const message = `${path}: a later version of this app made it (schema ${version}; this one knows ${SCHEMA_VERSION}); run that version, or choose another folder with --set dataDir=…`;
  throw new StorageError(message, 'newer', path);
}

/** Brings a file to the present schema, in one transaction. @param version the file's own */
export function migrate(database: DatabaseSyncInstance, version: number): void {
  if (version === SCHEMA_VERSION) return;
  database.exec(`
    BEGIN IMMEDIATE;
    ${migrations.slice(version).join('')}
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT;
  `);
}

/** What a pragma says now. */
export function pragma(database: DatabaseSyncInstance, name: string): number | string | undefined {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, number | string> | undefined;
  return row && Object.values(row)[0];
}
