import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';

/** The threads and children that were started since it was made, and still run; also those that are not waited for. */
export class Started {
  readonly #threads = new Map<Worker, string>();
  readonly #children = new Set<ChildProcess>();

  constructor() {
    subscribe('worker_threads', this.#onThread);
    subscribe('child_process', this.#onChild);
  }

  /** Their names: `thread 3`. */
  get threads(): string[] {
    return [...this.#threads.values()];
  }

  /** Their numbers and commands: `1234: node server.js`. */
  get children(): string[] {
    return [...this.#children].map(({ pid, spawnargs }) => `${pid}: ${spawnargs.join(' ')}`);
  }

  [Symbol.dispose](): void {
    unsubscribe('worker_threads', this.#onThread);
    unsubscribe('child_process', this.#onChild);
  }

  readonly #onThread = (event: unknown): void => {
    const { worker } = event as { worker: Worker };
    this.#threads.set(worker, `thread ${worker.threadId}`);
    worker.once('exit', () => this.#threads.delete(worker));
  };

  readonly #onChild = (event: unknown): void => {
    const { process: child } = event as { process: ChildProcess };
    const forget = (): void => void this.#children.delete(child);
    this.#children.add(child);
    // Only a child that could not be started has no number; its user hears of that, not we.
    child.once('exit', forget).once('close', forget);
    process.nextTick(() => {
      if (child.pid === undefined) forget();
    });
  };
}
