import { inject, injectable, SETTINGS } from '@socketserver/core';

import { dataFolder } from './data-folder';
import { StorageError } from './errors';
import type { Opened, Place } from './roll-database';
import { RollStore, type StoredRoll, type Write } from './roll-store';
import type { AttendanceSettings } from './settings';
import { StorageThread } from './storage-thread';

/** Threads that may be lost without a write between them that went well. */
const MOST_LOSSES = 3;

/**
 * The roll in a SQLite database, `attendance.db` in the data folder. One thread has it open, so that a sync of the disk
 * never makes the server wait.
 *
 * If that thread is lost, the next one takes over. The roll in memory and the one on disk stay the same through it: the
 * audit has one row for each write, and its length tells whether a batch, whose answer was lost, has been written. When
 * that cannot be found out, or when somebody else has written meanwhile, nothing is written any more.
 */
@injectable()
export class SqliteStore extends RollStore {
  readonly #place: Place;
  #thread: StorageThread | undefined;
  /** Rows of the audit, as far as this store knows. */
  #entries = 0;
  /** The share of its space that it has said to use. */
  #inUse = 0;
  #losses = 0;
  #inDoubt = false;
  #starting: Promise<unknown> | undefined;
  #closing: Promise<void> | undefined;

  constructor(@inject(SETTINGS) settings: AttendanceSettings) {
    super();
    const { dataDir, maxBytes, archive } = settings;
    // A path that somebody has typed may be mistyped: then it should not become a row of folders.
    this.#place = { folder: dataFolder(settings), withParents: dataDir === undefined, maxBytes, archive };
  }

  override async open(): Promise<StoredRoll> {
    const opened = await this.#start();
    this.#entries = opened.entries;
    this.#inUse = opened.inUse;
    return opened;
  }

  override async write(batch: readonly Write[]): Promise<number> {
    if (this.#closing !== undefined) throw this.#closed();
    if (this.#inDoubt) throw this.#doubt();
    if (batch.length === 0) return this.#inUse;
    if (this.#thread?.alive !== true && (await this.#replace()) !== this.#entries) throw this.#doubt();
    const thread = this.#thread!;
    try {
      const { entries, inUse } = await thread.write(batch);
      this.#entries = entries;
      this.#inUse = inUse;
      this.#losses = 0;
    } catch (error) {
      if (thread.alive) throw error;
      await this.#findOut(batch, error);
    }
    return this.#inUse;
  }

  override close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.#thread?.end();
  }

  async #start(): Promise<Opened> {
    const starting = StorageThread.start(this.#place);
    this.#starting = starting;
    const { thread, opened } = await starting;
    this.#thread = thread;
    if (this.#closing === undefined) return opened;
    await thread.end();
    throw this.#closed();
  }

  /** Starts a thread after one was lost. @returns how many rows the audit has on disk */
  async #replace(): Promise<number> {
    if (this.#losses === MOST_LOSSES) throw this.#doubt();
    const { entries, inUse } = await this.#start();
    this.#inUse = inUse;
    this.#losses += 1;
    return entries;
  }

  /** The thread was lost with a batch under way. @throws `error` when the batch has not been written */
  async #findOut(batch: readonly Write[], error: unknown): Promise<void> {
    const entries = await this.#replace().catch((cause: unknown) => {
      throw this.#doubt(cause);
    });
    if (entries === this.#entries) throw error;
    this.#entries += batch.length;
    if (entries !== this.#entries) throw this.#doubt();
  }

  /** Gives up writing: what is on disk may not be what the roll believes. */
  #doubt(cause?: unknown): StorageError {
    this.#inDoubt = true;
    void this.#thread?.end();
    return this.#failure(
      'what is written in it is not certain any more; restart the server, which reads it again',
      cause,
    );
  }

  #closed(): StorageError {
    return this.#failure('the store has been closed; open a new one');
  }

  #failure(reason: string, cause?: unknown): StorageError {
    const { folder } = this.#place;
    return new StorageError(`${folder}: ${reason}`, 'failed', folder, { cause });
  }
}
