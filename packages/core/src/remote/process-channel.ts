import type { ChildProcess } from 'node:child_process';

import type { Channel } from './channel';

const ignore = (): void => undefined;

/** What a child and its parent's `ChildProcess` have in common. */
type Endpoint = Pick<ChildProcess, 'channel' | 'connected' | 'disconnect' | 'off' | 'on' | 'send'>;

/**
 * A channel between processes: over a `ChildProcess` in the parent, over `process` in the child.
 *
 * The child must have been started with `serialization: 'advanced'`: JSON knows no bytes, no dates and no `undefined`.
 * What is transferred between threads is cloned here.
 */
export class ProcessChannel implements Channel {
  onMessage: (message: object) => void = ignore;
  onClose: () => void = ignore;
  readonly #end: Endpoint;
  #isStarted = false;
  #isUnref = false;
  #isClosed = false;

  /** @param end the child, or this very process when it is one */
  constructor(end: ChildProcess | NodeJS.Process) {
    this.#end = end as Endpoint;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  start(): void {
    if (this.#isStarted || this.#isClosed) return;
    this.#isStarted = true;
    this.#end.on('message', this.#onMessage);
    this.#end.on('disconnect', this.#closed);
    if (this.#isUnref) this.unref();
    // An end that came before anybody listened is not told again.
    if (!this.#end.connected) process.nextTick(this.#closed);
  }

  post(message: object): void {
    // Without a callback, an end that nobody could foresee would be an 'error' event. That it is one says 'disconnect'.
    if (!this.#isClosed && this.#end.connected) this.#end.send(message, ignore);
  }

  close(): void {
    if (this.#isClosed) return;
    if (this.#end.connected) this.#end.disconnect();
    this.#closed();
  }

  ref(): void {
    this.#isUnref = false;
    if (this.#isStarted) this.#end.channel?.ref();
  }

  unref(): void {
    this.#isUnref = true;
    this.#end.channel?.unref();
  }

  readonly #onMessage = (message: unknown): void => this.onMessage(message as object);

  readonly #closed = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end.off('message', this.#onMessage);
    this.#end.off('disconnect', this.#closed);
    this.onClose();
  };
}
