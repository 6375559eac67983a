/**
 * The database of the roll, and the only one that writes to it. Everything here blocks: it runs in a thread of its own.
 *
 * A batch is one transaction. With a write-ahead log and `synchronous = FULL`, SQLite has synced the log when a
 * transaction is committed; what is in the log reaches the database itself now and then, when nobody waits for it.
 *
 * ```
 *   write() ─▶ attendance.db-wal, synced ─▶ the caller goes on
 *                     └─ checkpoint() ─▶ attendance.db
 * ```
 *
 * Sources: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html.
 */
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { statSync } from 'node:fs';
import { join } from 'node:path';

import { DATABASE } from './data-folder';
import { StorageError } from './errors';
import { OwnerLock } from './owner-lock';
import { makePrivateFile, makePrivateFolder, tighten } from './private-files';
import { countEntries, readOpenSessions, RollStatements } from './roll-statements';
import type { OpenSession, Write } from './roll-store';
import { migrate, pragma, schemaVersion } from './schema';
import { isDiskFull, storageFailure } from './storage-failure';

/** Where the roll is kept, and how. */
export interface Place {
  /** The folder, absolute. */
  readonly folder: string;
  /** Whether the folders above it are made, too. */
  readonly withParents: boolean;
  /** Bytes for the database and its log. */
  readonly maxBytes: number;
  /** Whether sessions are kept when they are closed. */
  readonly archive: boolean;
}

/** What is found when it is opened. */
export interface Opened {
  readonly sessions: readonly OpenSession[];
  /** Rows of the audit. */
  readonly entries: number;
}

/** Milliseconds to wait for another program that has locked the database. */
const PATIENCE = 2000;

/** Bytes of log after which it is time for a checkpoint. */
const LONG_LOG = 4_194_304;

const SQLITE_FULL = 13;

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

export class RollDatabase {
  readonly #database: DatabaseSyncInstance;
  readonly #lock: OwnerLock;
  readonly #statements: RollStatements;
  readonly #file: string;
  /** Which file it was when it was opened. */
  readonly #inode: bigint;
  readonly #maxBytes: number;

  private constructor(file: string, database: DatabaseSyncInstance, lock: OwnerLock, { archive, maxBytes }: Place) {
    this.#file = file;
    this.#database = database;
    this.#lock = lock;
    this.#maxBytes = maxBytes;
    this.#inode = inodeOf(file);
    this.#statements = new RollStatements(database, archive, file);
  }

  /**
   * Makes what is not there yet: the folder, the file, the tables.
   *
   * @throws {StorageError} after which nothing is left open
   */
  static open(place: Place): { database: RollDatabase; opened: Opened } {
    const { folder } = place;
    const file = join(folder, DATABASE);
    const lock = within(folder, () => {
      makePrivateFolder(folder, place.withParents);
      return OwnerLock.take(folder);
    });
    let connection: DatabaseSyncInstance | undefined;
    try {
      return within(file, () => {
        makePrivateFile(file);
        connection = new DatabaseSync(file, { timeout: PATIENCE, defensive: true });
        prepare(connection, file, place.maxBytes);
        const opened = { sessions: readOpenSessions(connection), entries: countEntries(connection) };
        return { database: new RollDatabase(file, connection, lock, place), opened };
      });
    } catch (error) {
      connection?.close();
      lock.release();
      throw error;
    }
  }

  /** Whether the next checkpoint should not be put off. */
  get isLogLong(): boolean {
    return this.#logBytes >= Math.min(LONG_LOG, this.#maxLog / 2);
  }

  /**
   * Writes all or nothing. When it returns, it is on disk.
   *
   * @returns how many rows the audit has now
   * @throws {StorageError}
   */
  write(batch: readonly Write[]): number {
    return within(this.#file, () => {
      this.#checkFiles();
      const { begin, commit, rollback } = this.#statements;
      let entries = 0;
      try {
        begin.run();
        for (const write of batch) entries = this.#statements.apply(write);
        commit.run();
      } catch (error) {
        // After some errors SQLite has done it already.
        if (this.#database.isTransaction) rollback.run();
        throw this.#explain(error);
      }
      return entries;
    });
  }

  /**
   * Takes what is in the log into the database and empties the log; what was erased is gone from both then.
   *
   * @returns false when that must be tried again: a reader is in the way, or the disk is full
   */
  checkpoint(): boolean {
    if (this.#logBytes === 0) return true;
    try {
      // A reader may take its time; who wants to write does not wait for it.
      this.#database.exec('PRAGMA busy_timeout = 0');
      return (this.#statements.truncateLog.get() as { busy: number }).busy === 0;
    } catch {
      return false; // Nothing is lost: all of it is in the log. What is wrong is told by the next write.
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${PATIENCE}`);
    }
  }

  close(): void {
    this.checkpoint();
    this.#database.close();
    this.#lock.release();
  }

  /** Whoever deletes the file would be told of every presence that it is kept, until the end of the server. */
  #checkFiles(): void {
    if (inodeOf(this.#file) !== this.#inode) {
      const message = `${this.#file}: it has been moved, replaced or deleted; put it back and restart the server`;
      throw new StorageError(message, 'failed', this.#file);
    }
    if (this.#logBytes < this.#maxLog || this.checkpoint()) return;
    const message = `${this.#file}: its log has grown to all that maxBytes=${this.#maxBytes} leaves for it, because another program reads the database and does not end; end that one`;
    throw new StorageError(message, 'full', this.#file);
  }

  #explain(error: unknown): unknown {
    if ((error as { errcode?: unknown }).errcode !== SQLITE_FULL || isDiskFull(this.#file)) return error;
    const message = `${this.#file}: it has grown to all that maxBytes=${this.#maxBytes} allows; allow more with --set maxBytes=…, or choose another folder with --set dataDir=…`;
    return new StorageError(message, 'full', this.#file, { cause: error });
  }

  get #maxLog(): number {
    return maxLog(this.#maxBytes);
  }

  get #logBytes(): number {
    return statSync(`${this.#file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }
}

/** The log gets a quarter of the space, the database the rest. */
function maxLog(maxBytes: number): number {
  return Math.floor(maxBytes / 4);
}

function prepare(database: DatabaseSyncInstance, file: string, maxBytes: number): void {
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
  const pages = Math.floor((maxBytes - maxLog(maxBytes)) / Number(pragma(database, 'page_size')));
  database.exec(`PRAGMA max_page_count = ${pages}`);
  migrate(database, version);
}

function inodeOf(file: string): bigint {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? -1n;
}

function within<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storageFailure(error, path);
  }
}
