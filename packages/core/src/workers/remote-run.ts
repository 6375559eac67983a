import type { Address } from '@socketserver/socket';

import type { CloseReason } from '../close-reason';
import type { ConnectionEnd, RemoteRequest } from '../connection';
import { DeadlineError, type ShutdownError, type WorkerDiedError } from '../errors';
import { toWire } from '../remote/wire-error';
import type { CutMessage, EndedMessage } from './messages';
import { fromEnded } from './wire-end';

/** The worker that runs it. */
interface CuttingWorker {
  cut(message: CutMessage): void;
}

/** A request whose handler runs in a worker. */
export class RemoteRun implements RemoteRequest {
  end: ConnectionEnd | null = null;
  /** Its number among the connections of the server. */
  connectionId = 0;
  /** Settles when its handler has ended, and rejects with its error. */
  readonly finished: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(
    /** Its number in the worker. */
    readonly id: number,
    readonly clientAddress: Address,
    private readonly worker: CuttingWorker,
    /** Bytes that were read before it was given away. */
    private readonly bytesGiven: number,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** All of a worker's handlers are told at once: see `WorkerPool.drain()`. */
  drain(): void {}

  cut(reason: CloseReason, error: DeadlineError | ShutdownError): void {
    this.worker.cut({ type: 'cut', id: this.id, reason, thrown: toWire(error) });
  }

  ended(message: EndedMessage): void {
    this.end = fromEnded(message);
    if (message.isFailure) this.#reject(this.end.error);
    else this.#resolve();
  }

  /** It has computed for longer than the `handler` deadline, and deaf for all that it was told. */
  expired(ms: number): void {
    const error = new DeadlineError('handler', ms, this.clientAddress);
    this.end = { reason: 'deadline:handler', error, bytesRead: this.bytesGiven, bytesWritten: 0 };
    this.#resolve();
  }

  lost(error: WorkerDiedError): void {
    this.end = { reason: 'worker-died', error, bytesRead: this.bytesGiven, bytesWritten: 0 };
    this.#reject(error);
  }
}
