/**
 * A handler's file that starts a server whenever it is loaded would do so in every worker, whose workers would do the
 * same, and so on without end. Python's `multiprocessing` knows the same mistake.
 */
import { HandlerError, ServerStateError } from '../errors';

/** This thread or process is a worker. */
let isWorker = false;
let isLoading = false;
let onMistake: ((mistake: HandlerError) => void) | null = null;

/** Loads what has handlers, in a worker. @throws {HandlerError} when a server was started meanwhile */
export async function whileLoading<T>(load: () => Promise<T>): Promise<T> {
  isWorker = isLoading = true;
  try {
    // A module may wait for its server, which never comes: it would never be loaded.
    const mistaken = new Promise<never>((_resolve, reject) => (onMistake = reject));
    return await Promise.race([mistaken, load()]);
  } finally {
    isLoading = false;
  }
}

/** Whether a server must not be started now, because a worker loads its handler. Noted: the worker fails by it. */
export function refusesServers(name: string): boolean {
  if (!isLoading) return false;
  onMistake?.(
    new HandlerError(
      `the file of the handler starts ${name} whenever it is loaded, and workers load it too; start it only where the file ` +
        'is the program: if (require.main === module) … (in an ES module: if (process.argv[1] === fileURLToPath(import.meta.url)) …)',
    ),
  );
  return true;
}

/** @throws {ServerStateError} in a worker: its server would have workers of its own, and they perhaps again */
export function checkNotWorker(name: string): void {
  if (!isWorker) return;
  throw new ServerStateError(`${name}: a worker of one server cannot start another one with workers; use an Async one`);
}
