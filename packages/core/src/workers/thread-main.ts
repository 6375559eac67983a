/** What a worker thread runs. */
import { parentPort, workerData } from 'node:worker_threads';

import { ThreadAdopter, type ThreadHandOffData } from '@socketserver/socket';

import { PortChannel } from '../remote/port-channel';
import type { WorkerTask } from './messages';
import { runWorker } from './run-worker';

/** What it is started with. */
export interface ThreadData {
  readonly task: WorkerTask;
  readonly handOff: ThreadHandOffData;
}

if (parentPort !== null) {
  const { task, handOff } = workerData as ThreadData;
  // A handler's file that starts a server when it is the program must not think so here.
  process.argv[1] = __filename;
  void runWorker(new PortChannel(parentPort), task, new ThreadAdopter(handOff));
}
