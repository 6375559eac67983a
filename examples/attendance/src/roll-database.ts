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
import { LONG_LOG, maxLog, maxPages, prepareDatabase } from './prepare-database';
import { inodeOf, makePrivateFile, makePrivateFolder } from './private-files';
import { countEntries, readOpenSessions, RollStatements } from './roll-statements';
import type { StoredRoll, Write } from './roll-store';
import { isDiskFull, storageFailure } from './storage-failure';
import { BYTES_PER_WRITE } from './storage-space';

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
export interface Opened extends StoredRoll {
  /** Rows of the audit. */
  readonly entries: number;
}

/** How things are after a batch. */
export type Written = Omit<Opened, 'sessions'>;

/** Milliseconds to wait for another program that has locked the database. */
const PATIENCE = 2000;

/** Bytes of a page of SQLite. */
const PAGE = 4096;

/** Pages that a write may take when it comes at a bad moment: one more in every table and index, and above it. */
const SPLITS = 16;

const SQLITE_FULL = 13;

export class RollDatabase {
  readonly #database: DatabaseSyncInstance;
  readonly #lock: OwnerLock;
  readonly #statements: RollStatements;
  readonly #file: string;
  /** Which file it was when it was opened. */
  readonly #inode: bigint;
  readonly #maxBytes: number;
  readonly #maxPages: number;

  private constructor(file: string, database: DatabaseSyncInstance, lock: OwnerLock, { archive, maxBytes }: Place) {
    this.#file = file;
    this.#database = database;
    this.#lock = lock;
    this.#maxBytes = maxBytes;
    this.#maxPages = maxPages(database, maxBytes);
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
        prepareDatabase(connection, file, place.maxBytes);
        const database = new RollDatabase(file, connection, lock, place);
        const [sessions, entries] = [readOpenSessions(connection), countEntries(connection)];
        return { database, opened: { sessions, entries, inUse: database.#inUse } };
      });
    } catch (error) {
      try {
        connection?.close();
      } finally {
        lock.release();
      }
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
   * @throws {StorageError}
   */
  write(batch: readonly Write[]): Written {
    return within(this.#file, () => {
      this.#checkFiles();
      const { begin, commit, rollback } = this.#statements;
      try {
        begin.run();
        let entries = 0;
        for (const write of batch) entries = this.#statements.apply(write);
        // Before the commit: nothing that comes after it may fail.
        const inUse = this.#inUse;
        commit.run();
        return { entries, inUse };
      } catch (error) {
        // After some errors SQLite has done it already.
        if (this.#database.isTransaction) rollback.run();
        // A commit whose sync has failed is whole in the log: after a crash it would be taken for one that went well.
        this.checkpoint();
        throw this.#explain(error, batch.length);
      }
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
    try {
      this.checkpoint();
      this.#database.close();
    } finally {
      this.#lock.release();
    }
  }

  /** Whoever deletes the file would be told of every presence that it is kept, until the end of the server. */
  #checkFiles(): void {
    if (inodeOf(this.#file) !== this.#inode || !this.#lock.isInPlace) {
      const message = `${this.#file}: it, or owner.lock beside it, has been moved, replaced or deleted; put it back and restart the server`;
      throw new StorageError(message, 'failed', this.#file);
    }
    if (this.#logBytes < this.#maxLog || this.checkpoint()) return;
    const message = `${this.#file}: its log has grown to all that maxBytes=${this.#maxBytes} leaves for it, because another program reads the database and does not end; end that one`;
    throw new StorageError(message, 'full', this.#file);
  }

  #explain(error: unknown, writes: number): unknown {
    if ((error as { errcode?: unknown }).errcode !== SQLITE_FULL) return error;
    // The transaction is taken back, and its pages with it. A quota of the disk looks the same, but can come earlier.
    const most = this.#inUse + (SPLITS + (writes * BYTES_PER_WRITE) / PAGE) / this.#maxPages;
    if (most < 1 || isDiskFull(this.#file)) return error;
    const message = `${this.#file}: it has grown to all that maxBytes=${this.#maxBytes} allows; allow more with --set maxBytes=…, or choose another folder with --set dataDir=…`;
    return new StorageError(message, 'full', this.#file, { cause: error });
  }

  /** The share of its pages that hold something. */
  get #inUse(): number {
    return Math.min(1, this.#statements.pagesInUse() / this.#maxPages);
  }

  get #maxLog(): number {
    return maxLog(this.#maxBytes);
  }

  get #logBytes(): number {
    return statSync(`${this.#file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }
}

function within<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storageFailure(error, path);
  }
}
