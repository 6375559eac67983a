import type { Address, Clock } from '@socketserver/socket';

import type { WorkerStop } from '../events';
import type { Channel } from '../remote/channel';
import type { SharedAnswers } from '../remote/shared-answers';
import type { ShutdownReport } from '../server-view';
import type { WorkerLink } from './pooled-worker';
import type { RemoteRun } from './remote-run';

/** What a pool needs of its server. */
export interface WorkerPoolOptions {
  /** How many workers there are at first. */
  readonly size: number;
  /** How many there are when all of them are busy. */
  readonly most: number;
  /** How many requests one runs before it is busy. */
  readonly requestsPerWorker: number;
  /** How many requests one is given before a fresh one takes its place. */
  readonly recycleAfter: number;
  readonly clock: Clock;
  /** Milliseconds that a handler may compute; `undefined`: as long as it likes. */
  readonly handlerDeadline: number | undefined;
  /** Starts one. */
  readonly start: () => Promise<WorkerLink>;
  /** What answers the calls of one worker. */
  readonly answers: (channel: Channel) => SharedAnswers;
  /** Sends a datagram by the server's socket, if that is one for datagrams. */
  readonly sendto: (data: Uint8Array, to: Address) => Promise<unknown>;
  /** Is told what the setup of a worker tells. */
  readonly onTold: (message: object) => void;
  /** Hears of what becomes of the workers. */
  readonly observer: WorkerObserver;
  /** Shuts the server down. @param caller the number of a request that is not waited for */
  readonly shutdown: (caller: number | null) => Promise<ShutdownReport>;
  /** Counts a connection that a worker has accepted by itself. @returns its number */
  readonly accepted: (run: RemoteRun) => number;
  /** Hears of something in a worker that no request is to blame for. */
  readonly trouble: (error: unknown) => void;
}

/** Hears of what becomes of the workers of a pool. */
export interface WorkerObserver {
  /** One is ready for requests. */
  started(worker: string): void;
  /** One that was ready has ended. */
  stopped(worker: string, how: Pick<WorkerStop, 'reason' | 'served' | 'durationMs'>): void;
  /** One has died, or could not be started. @param retryMs milliseconds until another one is */
  failed(worker: string, error: unknown, retryMs: number): void;
}
