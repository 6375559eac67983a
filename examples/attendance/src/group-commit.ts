/**
 * Many acts, one sync: what is asked for while the disk is busy is written together, as the next batch.
 *
 * ```
 *   append ─┐
 *   append ─┼─▶ batch ─▶ batch ─▶ store.write()        one at a time
 *   append ─┘   (fills)  (full)        │
 *                                      ├─ durable: every append() of the batch resolves
 *                                      └─ failed: undone, with all that was decided on top of it, and rejected
 * ```
 */
import { StorageError } from './errors';
import type { RollStore, Write } from './roll-store';

/** Takes back in memory what could not be written. Synchronous, and must not throw. */
export type Undo = () => void;

/** Bounds, and who is told how writing goes. */
export interface GroupCommitOptions {
  /** Writes in one batch. @default 1000 */
  readonly maxBatch?: number;
  /** Writes that are not durable yet; what comes beyond is refused. @default 65536 */
  readonly maxPending?: number;
  /** Called with each batch that has been written. @param inUse what the store has said: see {@link RollStore.write} */
  readonly onWritten?: (inUse: number) => void;
  /** Called when a batch has failed, unless the last one did too. */
  readonly onFailing?: (error: StorageError) => void;
  /** Called when a batch has been written after others failed. */
  readonly onWorking?: () => void;
}

/** Writes to a store in batches. */
export class GroupCommit {
  readonly #store: RollStore;
  readonly #options: GroupCommitOptions;
  readonly #maxBatch: number;
  readonly #maxPending: number;
  /** Batches that wait; the last one may still take writes. */
  #waiting: Batch[] = [];
  /** The batch that is at the store. */
  #current: Batch | undefined;
  #pending = 0;
  #isRunning = false;
  #isFailing = false;
  #isClosed = false;

  constructor(store: RollStore, options: GroupCommitOptions = {}) {
    this.#store = store;
    this.#options = options;
    this.#maxBatch = options.maxBatch ?? 1000;
    this.#maxPending = options.maxPending ?? 65_536;
  }

  /**
   * Writes after all that was appended before, and only if that could be written too.
   *
   * @param undo called if it could not, after those of later writes and before those of earlier ones
   * @returns the same promise for all writes of a batch: resolves when they are durable, rejects when they are undone
   * @throws {StorageError} at once, and has then not taken it, when too many writes are pending or this is closed
   */
  append(write: Write, undo?: Undo): Promise<void> {
    if (this.#isClosed) throw new StorageError('the roll is being closed, and takes nothing any more', 'failed', '');
    if (this.#pending === this.#maxPending) {
      const message = `${this.#pending} acts wait for the disk; try again when some of them are written`;
      throw new StorageError(message, 'busy', '');
    }
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.writes.length === this.#maxBatch) {
      batch = new Batch();
      this.#waiting.push(batch);
    }
    batch.writes.push(write);
    if (undo !== undefined) batch.undos.push(undo);
    this.#pending += 1;
    if (!this.#isRunning) {
      this.#isRunning = true;
      // Not at once: what else has come in this turn of the event loop shall share the sync.
      setImmediate(() => void this.#run());
    }
    return batch.written;
  }

  /** Writes that are not durable yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Takes nothing any more, and resolves when nothing is pending, be it durable or undone. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (this.#waiting.at(-1) ?? this.#current)?.written.catch(() => undefined);
  }

  async #run(): Promise<void> {
    while ((this.#current = this.#waiting.shift()) !== undefined) {
      let inUse: number;
      try {
        inUse = await this.#store.write(this.#current.writes);
      } catch (error) {
        this.#fail(this.#current, error as StorageError);
        continue;
      }
      this.#succeed(this.#current, inUse);
    }
    this.#isRunning = false;
  }

  #succeed(batch: Batch, inUse: number): void {
    this.#pending -= batch.writes.length;
    this.#options.onWritten?.(inUse);
    batch.resolve();
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#options.onWorking?.();
  }

  #fail(batch: Batch, error: StorageError): void {
    const failed = [batch, ...this.#waiting];
    this.#waiting = [];
    this.#pending = 0;
    // All of it is undone before anybody hears of it: who looks then must see what is on disk, and nothing else.
    for (const { undos } of failed.toReversed()) {
      for (let index = undos.length - 1; index >= 0; index -= 1) undos[index]?.();
    }
    for (const { reject } of failed) reject(error);
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.onFailing?.(error);
  }
}

class Batch {
  readonly writes: Write[] = [];
  readonly undos: Undo[] = [];
  resolve!: () => void;
  reject!: (error: StorageError) => void;
  readonly written = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    // Each append() has handed it out, but nobody has to listen.
    this.written.catch(() => undefined);
  }
}
