/** How SQLite is told to keep the roll: durable, private and within bounds. Source: https://www.sqlite.org/pragma.html. */
import type { DatabaseSyncInstance } from '@photostructure/sqlite';

import { StorageError } from './errors';
import { tighten } from './private-files';
import { migrate, pragma, schemaVersion } from './schema';

/** Bytes of log after which it is time for a checkpoint. */
export const LONG_LOG = 4_194_304;

/** What a connection is told, and must say when it is asked. */
const PRAGMAS: Readonly<Record<string, number | string>> = {
  journal_mode: 'wal',
  // In WAL mode this build of SQLite has NORMAL, which syncs at checkpoints only.
  synchronous: 2,
  // macOS's fsync() leaves data in the disk's own cache. Other systems take no notice of these two.
  fullfsync: 1,
  checkpoint_fullfsync: 1,
  foreign_keys: 1,
  secure_delete: 1,
  // Checkpoints are made here, after a reply and not before it.
  wal_autocheckpoint: 0,
};

/** Bytes that the log may take: a quarter of the space. */
export function maxLog(maxBytes: number): number {
  return Math.floor(maxBytes / 4);
}

/** Pages that the database may take: the rest. */
export function maxPages(database: DatabaseSyncInstance, maxBytes: number): number {
  return Math.floor((maxBytes - maxLog(maxBytes)) / Number(pragma(database, 'page_size')));
}

/**
 * Brings the connection and the file to what the roll needs.
 *
 * @throws {StorageError} when the file is not ours, or does not take what it is told
 * @throws what the database throws
 */
export function prepareDatabase(database: DatabaseSyncInstance, file: string, maxBytes: number): void {
  // Before anything is changed: it may be somebody else's.
  const version = schemaVersion(database, file);
  for (const name of [file, `${file}-wal`, `${file}-shm`]) tighten(name);
  for (const [name, value] of Object.entries(PRAGMAS)) {
    database.exec(`PRAGMA ${name} = ${value}`);
    const actual = pragma(database, name);
    if (actual !== value) {
      const message = `${file}: the database does not take ${name} = ${value}, but stays at ${actual}; choose a folder on a local disk with --set dataDir=…`;
      throw new StorageError(message, 'failed', file);
    }
  }
  database.exec(`PRAGMA journal_size_limit = ${Math.min(LONG_LOG, maxLog(maxBytes))}`);
  database.exec(`PRAGMA max_page_count = ${maxPages(database, maxBytes)}`);
  migrate(database, version);
  // SQLite opens what it cannot write for reading, and says nothing before the first write.
  database.exec('BEGIN IMMEDIATE; ROLLBACK');
}
