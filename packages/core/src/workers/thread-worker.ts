import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { ThreadHandOff } from '@socketserver/socket';

import { PortChannel } from '../remote/port-channel';
import type { WorkerTask } from './messages';
import type { WorkerLink } from './pooled-worker';
import { memorySlate } from './slate';
import type { ThreadData } from './thread-main';

/** A thread loads compiled code, also when this file runs as TypeScript. */
const FILE = join(__dirname, '../../dist/workers/thread-main.js');

let lastNumber = 0;

/** Starts a worker thread. @param handOff how connections get there: one for each thread */
export function startThread(task: WorkerTask, handOff: ThreadHandOff): WorkerLink {
  const name = `thread ${++lastNumber}`;
  const slate = task.deadlines.handler === undefined ? null : memorySlate();
  const data: ThreadData = { task: { ...task, slate: slate?.reference }, handOff: handOff.workerData };
  const worker = new Worker(FILE, { workerData: data, name });
  let crash: { readonly name?: unknown; readonly message?: unknown } | null | undefined;
  worker.on('error', (error: unknown) => (crash = error as never));
  const ended = new Promise<string>((resolve) => {
    worker.on('exit', (code) => {
      // By its fields: the error may be of another realm.
      resolve(
        crash == null ? `it has ended with exit code ${code}` : `${String(crash.name)}: ${String(crash.message)}`,
      );
    });
  });
  return {
    name,
    channel: new PortChannel(worker),
    handOff,
    accepts: false,
    ended,
    slate,
    kill: () => worker.terminate().then(() => undefined),
  };
}
