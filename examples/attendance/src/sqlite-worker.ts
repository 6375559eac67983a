/**
 * The thread that writes the roll: while it waits for the disk, the server goes on.
 *
 * ```
 *   main                        here
 *    │── workerData: Place ────▶ │ opens
 *    │◀─ Reply<Opened> ───────── │   a failure: the thread ends
 *    │── a batch ──────────────▶ │ writes, syncs
 *    │◀─ Reply<Written> ──────── │
 *    │── CLOSE ────────────────▶ │ closes; the thread ends
 * ```
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

import type { StorageReason } from './errors';
import { type Place, RollDatabase } from './roll-database';
import type { Write } from './roll-store';
import { storageFailure } from './storage-failure';

/** Instead of a batch. */
export const CLOSE = 'close';

/** What is sent back: the result, or the fields of a `StorageError`, whose class would not survive the way. */
export type Reply<T> =
  | { readonly value: T }
  | {
      readonly failure: {
        readonly message: string;
        readonly reason: StorageReason;
        readonly path: string;
        readonly cause: unknown;
      };
    };

/** Milliseconds without a write after which the log is emptied. */
const QUIET = 1000;

function serve(port: MessagePort, place: Place): void {
  const opening = attempt(place.folder, () => RollDatabase.open(place));
  if ('failure' in opening) return port.postMessage(opening);
  const { database, opened } = opening.value;

  const quiet = setTimeout(() => {
    if (!database.checkpoint()) quiet.refresh();
  }, QUIET);
  port.on('message', (request: readonly Write[] | typeof CLOSE) => {
    if (request === CLOSE) {
      clearTimeout(quiet);
      database.close();
      port.close();
      return;
    }
    port.postMessage(attempt(place.folder, () => database.write(request)));
    if (database.isLogLong) database.checkpoint();
    quiet.refresh();
  });
  port.postMessage({ value: opened });
}

function attempt<T>(path: string, act: () => T): Reply<T> {
  try {
    return { value: act() };
  } catch (error) {
    const { message, reason, path: where, cause } = storageFailure(error, path);
    return { failure: { message, reason, path: where, cause } };
  }
}

if (parentPort !== null) serve(parentPort, workerData as Place);
