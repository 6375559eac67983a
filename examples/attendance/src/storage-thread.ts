import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { StorageError } from './errors';
import type { Opened, Place, Written } from './roll-database';
import type { Write } from './roll-store';
import type { CLOSE, Reply } from './sqlite-worker';

/** A thread loads compiled code, also when this file runs as TypeScript. */
const FILE = join(__dirname, '../dist/sqlite-worker.js');

/** The thread that has the database, as the server sees it: one call after the other. */
export class StorageThread {
  /** False when it has ended, for whatever reason. Nothing may be asked of it then. */
  alive = true;
  readonly #worker: Worker;
  readonly #place: Place;
  readonly #ended: Promise<void>;
  /** Settles the call that is under way. */
  #call: { resolve(value: unknown): void; reject(error: unknown): void } | undefined;

  private constructor(place: Place) {
    this.#place = place;
    // Flags that this process was started with may be about files that only it can load.
    this.#worker = new Worker(FILE, { workerData: place, execArgv: [], name: 'attendance-storage' });
    let crash: unknown;
    this.#worker.on('message', (reply: Reply<unknown>) => this.#settle(reply));
    this.#worker.on('error', (error) => (crash = error));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.alive = false;
        this.#call?.reject(this.#hasEnded(crash));
        resolve();
      });
    });
  }

  /** @throws {StorageError} when it cannot be opened; the thread has ended then */
  static async start(place: Place): Promise<{ thread: StorageThread; opened: Opened }> {
    const thread = new StorageThread(place);
    try {
      return { thread, opened: (await thread.#answer()) as Opened };
    } catch (error) {
      await thread.#ended;
      throw error;
    }
  }

  /**
   * @throws {StorageError}; if the thread is not `alive` then, the batch may have been written or not
   */
  write(batch: readonly Write[]): Promise<Written> {
    if (!this.alive) return Promise.reject(this.#hasEnded());
    this.#worker.postMessage(batch);
    return this.#answer() as Promise<Written>;
  }

  /**
   * Closes the database when the call that is under way has been answered. Idempotent.
   *
   * Never by `terminate()`: native code of the database that is interrupted ends the whole process.
   */
  end(): Promise<void> {
    this.#worker.postMessage('close' satisfies typeof CLOSE);
    return this.#ended;
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => (this.#call = { resolve, reject }));
  }

  #settle(reply: Reply<unknown>): void {
    const call = this.#call;
    this.#call = undefined;
    if ('value' in reply) return call?.resolve(reply.value);
    const { message, reason, path, cause } = reply.failure;
    call?.reject(new StorageError(message, reason, path, { cause }));
  }

  #hasEnded(cause?: unknown): StorageError {
    const { folder } = this.#place;
    const message = `${folder}: the thread that writes to it has ended; try again, or restart the server`;
    return new StorageError(message, 'failed', folder, { cause });
  }
}
