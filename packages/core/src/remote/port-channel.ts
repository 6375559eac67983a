import type { MessagePort, TransferListItem, Worker } from 'node:worker_threads';

import type { Channel } from './channel';

const ignore = (): void => undefined;

/**
 * A channel between threads: over one end of a `MessageChannel`, `parentPort`, or a `Worker`.
 *
 * `close()` ends a port at both sides. A `Worker` is not ended by it: that is for its owner.
 */
export class PortChannel implements Channel {
  onMessage: (message: object) => void = ignore;
  onClose: () => void = ignore;
  readonly #port: MessagePort | Worker;
  #isStarted = false;
  #isUnref = false;
  #isClosed = false;

  constructor(port: MessagePort | Worker) {
    this.#port = port;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  start(): void {
    if (this.#isStarted || this.#isClosed) return;
    this.#isStarted = true;
    this.#listen('on');
    // To listen to a port is to ref it.
    if (this.#isUnref) this.#port.unref();
  }

  post(message: object, transfer?: readonly TransferListItem[]): void {
    if (!this.#isClosed) this.#port.postMessage(message, transfer);
  }

  close(): void {
    if (this.#isClosed) return;
    if ('close' in this.#port) this.#port.close();
    this.#closed();
  }

  ref(): void {
    this.#isUnref = false;
    if (this.#isStarted && !this.#isClosed) this.#port.ref();
  }

  unref(): void {
    this.#isUnref = true;
    if (!this.#isClosed) this.#port.unref();
  }

  /** A `Worker` is an emitter and a port is not, but both have these. */
  #listen(method: 'on' | 'off'): void {
    const port = this.#port as MessagePort;
    port[method]('message', this.#onMessage);
    // What was lost could have been an answer that is waited for: nothing after it can be relied on.
    port[method]('messageerror', this.#onBroken);
    port[method]('close', this.#closed);
    (port as unknown as Worker)[method]('exit', this.#closed);
  }

  readonly #onMessage = (message: object): void => this.onMessage(message);

  readonly #onBroken = (): void => this.close();

  readonly #closed = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isStarted) this.#listen('off');
    this.onClose();
  };
}
