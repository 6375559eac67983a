/**
 * Keeps a second server out of a data folder.
 *
 * The lock is a transaction in a database of its own, which holds nothing. It ends with its process, however that ends,
 * and leaves readers of the roll alone.
 */
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { join } from 'node:path';

import { StorageError } from './errors';
import { inodeOf, makePrivateFile, tighten } from './private-files';

/** Milliseconds: of two servers that start at the same moment one gets it. */
const PATIENCE = 250;

const SQLITE_BUSY = 5;

export class OwnerLock {
  readonly #database: DatabaseSyncInstance;
  readonly #file: string;
  readonly #inode: bigint;

  private constructor(database: DatabaseSyncInstance, file: string) {
    this.#database = database;
    this.#file = file;
    this.#inode = inodeOf(file);
  }

  /**
   * @throws {StorageError} `in-use` when another server has it
   * @throws what the file system or the database throws
   */
  static take(folder: string): OwnerLock {
    const file = join(folder, 'owner.lock');
    makePrivateFile(file);
    const database = new DatabaseSync(file, { timeout: PATIENCE });
    try {
      // Without a file for a journal, to which nothing would ever be written.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      tighten(file);
    } catch (error) {
      database.close();
      if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw error;
      const message = `${folder}: another server keeps its roll in this folder; end that one, or choose another folder with --set dataDir=…`;
      throw new StorageError(message, 'in-use', folder, { cause: error });
    }
    return new OwnerLock(database, file);
  }

  /** Whether the file is the one that is locked: another server would lock another. */
  get isInPlace(): boolean {
    return inodeOf(this.#file) === this.#inode;
  }

  release(): void {
    this.#database.close();
  }
}
