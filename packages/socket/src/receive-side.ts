/**
 * The receiving half of a connected socket: a bounded buffer, and at most one reader who waits.
 *
 * ```
 *   kernel ── read path ──▶ received() ──▶ ReceiveBuffer ──▶ recv(), recvInto(), recvExactly()
 * ```
 *
 * Reading is pulled: when nobody asks and the buffer is full, the socket stops reading and the peer feels it.
 */
import type { Address } from './address';
import type { Clock, ClockTimer } from './clock';
import { IncompleteReadError, type SocketError, SocketStateError, systemError, timedOut } from './errors';
import type { Watcher } from './pollable';
import { EMPTY, ReceiveBuffer } from './receive-buffer';
import type { ReadScheduler, WaitObserver } from './seams';
import { TimedPollable } from './timed-pollable';
import { tolerant } from './tolerant';

/** Bytes that are kept for a reader who does not ask, before reading stops. */
export const RECEIVE_LIMIT = 65_536;

/** Never pushed to: most sockets have a reader who waits, and need no buffer of their own. */
const NOTHING = new ReceiveBuffer();

export abstract class ReceiveSide extends TimedPollable {
  /** Decides when a waiting reader goes on. Set before the first receive. @default null */
  scheduler: ReadScheduler | null = null;
  /** Is told what the owner of the socket waits for. @default null */
  observer: WaitObserver | null = null;

  /** @internal */
  protected peer: Address;
  /** @internal The end of the stream was read, or `shutdown(SHUT_RD)` declared it. */
  protected ended = false;
  /** @internal */
  protected closed = false;
  /** @internal What ended the connection, once something has. */
  protected error: Error | null = null;

  /** What has arrived; the shared empty one until something has to wait here. */
  #buffer = NOTHING;

  // The pending receive: how much it wants or the memory it fills, and the promise that it settles.
  #wanted = 0;
  #target: Uint8Array | null = null;
  #resolve: ((value: never) => void) | null = null;
  #promise: Promise<never> | null = null;
  #timer: ClockTimer | null = null;
  #isScheduled = false;

  constructor(clock: Clock, peer: Address) {
    super(clock);
    this.peer = peer;
  }

  /** @internal Makes the read path read again, if it had stopped. Called often: must be cheap when it had not. */
  protected abstract resumeReading(): void;

  /** @internal Throws when this socket cannot receive at all: it is closed, or was never connected. */
  protected abstract checkReceive(operation: string): void;

  /**
   * At most `n` bytes, as soon as there are any; an empty buffer at the end of the stream.
   *
   * The buffer is the caller's to keep. Source: `socket.recv(bufsize)`.
   *
   * @throws {TimeoutError} after `settimeout()` milliseconds; the socket stays open
   * @throws {ConnectionResetError} when the peer reset the connection; the socket is closed
   * @throws {SocketStateError} when the socket is closed, or another receive is pending
   */
  recv(n: number): Promise<Buffer> {
    const isWatched = this.scheduler !== null || this.observer !== null;
    if (!isWatched && this.#buffer.length > 0 && this.#resolve === null && n > 0 && Number.isSafeInteger(n)) {
      const chunk = this.#buffer.take(n);
      this.#readOn();
      return Promise.resolve(chunk);
    }
    return this.#receive(n, null);
  }

  /**
   * Like {@link recv}, but `null` when nothing comes within `ms` milliseconds, which is no error. A shorter `settimeout()`
   * still is one. Sending is not concerned. Differs from Python: a timeout there belongs to the socket, not to a call.
   */
  recvWithin(n: number, ms: number): Promise<Buffer | null> {
    const received: Promise<Buffer | null> = this.#receive(n, null);
    const isWaiting = this.#promise === received && !this.#isScheduled;
    if (isWaiting && (this.timeout === null || this.timeout > ms)) {
      this.#stopTimer();
      this.#timer = this.clock.setTimeout(() => {
        const resolve = this.#resolve as ((value: null) => void) | null;
        this.#settle();
        resolve?.(null);
      }, ms);
    }
    return received;
  }

  /** Fills the beginning of `target` like {@link recv}; resolves with the number of bytes, 0 at the end. */
  recvInto(target: Uint8Array): Promise<number> {
    return this.#receive(target.length, target);
  }

  /**
   * Exactly `n` bytes: the loop that Python's programs write by hand (asyncio: `readexactly`).
   *
   * @throws {IncompleteReadError} when the stream ends before; it holds the bytes that came
   * @throws {TimeoutError} when the next bytes do not come within `settimeout()` milliseconds; those that came are kept
   */
  recvExactly(n: number): Promise<Buffer> {
    return tolerant(this.#receiveExactly(n));
  }

  async #receiveExactly(n: number): Promise<Buffer> {
    const whole = Buffer.allocUnsafe(checkSize(n));
    let length = 0;
    while (length < n) {
      let count: number;
      try {
        count = await this.recvInto(length === 0 ? whole : whole.subarray(length));
      } catch (error) {
        this.#giveBack(whole.subarray(0, length));
        throw error;
      }
      if (count === 0) throw new IncompleteReadError(Buffer.from(whole.subarray(0, length)), n);
      if (length === 0 && count < n) this.observer?.partial(true);
      else if (length > 0 && length + count === n) this.observer?.partial(false);
      length += count;
    }
    return whole;
  }

  /** Whether a receive is pending. */
  get receiving(): boolean {
    return this.#resolve !== null;
  }

  /** How many bytes have arrived and wait for a reader. */
  get buffered(): number {
    return this.#buffer.length;
  }

  /** Whether a receive would return at once: with bytes, the end or an error. */
  get readable(): boolean {
    return this.#buffer.length > 0 || this.ended || this.error !== null || this.closed;
  }

  /**
   * Takes bytes from a read path; returns whether to go on reading.
   *
   * @internal
   * @param isShared the chunk's memory will be used again, so what is kept must be copied
   */
  received(chunk: Buffer, isShared: boolean): boolean {
    // After shutdown(SHUT_RD), or while close() waits for the last bytes to leave: read and thrown away.
    if (this.ended || this.closed) return true;
    const isFirst = this.#buffer.length === 0;
    if (isFirst && this.#resolve !== null && this.scheduler === null && chunk.length <= this.#wanted) {
      const resolve = this.#resolve as (value: Buffer | number) => void;
      const target = this.#target;
      this.#settle();
      if (target === null) resolve(isShared ? copy(chunk) : chunk);
      else {
        target.set(chunk);
        resolve(chunk.length);
      }
      return true;
    }
    if (this.#buffer === NOTHING) this.#buffer = new ReceiveBuffer();
    this.#buffer.push(isShared ? copy(chunk) : chunk);
    this.arrived();
    // Under a scheduler one chunk is a step, and a second one is the most that a flooding peer gets in beside it.
    return this.scheduler === null ? this.#buffer.length < RECEIVE_LIMIT : isFirst;
  }

  /** Lets the waiting reader go on with what is there. For a {@link ReadScheduler}; without a reader nothing happens. */
  deliver(): void {
    const resolve = this.#resolve as ((value: Buffer | number) => void) | null;
    if (resolve === null) return;
    const target = this.#target;
    const wanted = this.#wanted;
    if (this.#buffer.length > 0 || wanted === 0) {
      this.#settle();
      resolve(target === null ? this.#buffer.take(wanted) : this.#buffer.takeInto(target));
      this.#readOn();
    } else if (this.error !== null) {
      this.#fail(this.error);
    } else if (this.ended) {
      this.#settle();
      resolve(target === null ? EMPTY : 0);
    }
  }

  override watch(watcher: Watcher): void {
    super.watch(watcher);
    this.resumeReading();
  }

  /** @internal Something has come: wakes the reader and the watchers. */
  protected arrived(): void {
    if (this.#resolve !== null && !this.#isScheduled) {
      if (this.scheduler === null) this.deliver();
      else this.#schedule(this.scheduler);
    }
    this.notify();
  }

  /** @internal All that has arrived and waits for a reader; `null` when there is nothing. */
  protected takeAll(): Buffer | null {
    if (this.#buffer.length === 0) return null;
    // Memory of its own: it may be cloned, and a pool would be cloned with it.
    const all = Buffer.allocUnsafeSlow(this.#buffer.length);
    this.#buffer.takeInto(all);
    return all;
  }

  /** @internal Gives up what is buffered, and the pending receive with an error that is only made if there is one. */
  protected dropReceive(makeError: () => Error): void {
    this.#buffer = NOTHING;
    if (this.#resolve !== null) this.#fail(makeError());
  }

  #receive(n: number, target: Uint8Array | null): Promise<never> {
    try {
      checkSize(n);
      this.checkReceive(target === null ? 'recv' : 'recvInto');
      if (this.#resolve !== null) throw pendingReceive();
      if (this.timeout === 0 && n > 0 && !this.readable) throw systemError('EAGAIN', 'recv', this.peer);
    } catch (error) {
      return tolerant(Promise.reject(error));
    }
    const promise = new Promise<never>(capture);
    this.#resolve = capturedResolve;
    this.#promise = promise;
    this.#wanted = n;
    this.#target = target;
    if (this.observer !== null) this.observer.waits('recv');
    if (!this.readable && n > 0) {
      if (this.timeout !== null) this.#startTimer(this.timeout);
      this.#readOn();
    } else if (this.scheduler === null) this.deliver();
    else this.#schedule(this.scheduler);
    return promise;
  }

  #schedule(scheduler: ReadScheduler): void {
    this.#isScheduled = true;
    // It was in time, however long its turn takes to come.
    this.#stopTimer();
    scheduler.ready(this);
  }

  /** Rejects the pending receive: by resolving it with what is rejected, so that it need not keep a second function. */
  #fail(error: Error): void {
    const resolve = this.#resolve as ((value: Promise<never>) => void) | null;
    const promise = this.#promise;
    this.#settle();
    if (promise !== null) void tolerant(promise);
    resolve?.(Promise.reject(error));
  }

  #settle(): void {
    this.#resolve = null;
    this.#promise = null;
    this.#target = null;
    this.#isScheduled = false;
    this.#stopTimer();
    if (this.observer !== null) this.observer.resumes();
  }

  /** A message that did not become whole stays in the stream: the next receive begins with it. */
  #giveBack(part: Buffer): void {
    if (part.length === 0 || this.closed) return;
    if (this.#buffer === NOTHING) this.#buffer = new ReceiveBuffer();
    this.#buffer.unshift(part);
    this.arrived();
  }

  #readOn(): void {
    if (this.#buffer.length === 0 || (this.scheduler === null && this.#buffer.length < RECEIVE_LIMIT / 2)) {
      this.resumeReading();
    }
  }

  #stopTimer(): void {
    if (this.#timer === null) return;
    this.#timer.cancel();
    this.#timer = null;
  }

  #startTimer(ms: number): void {
    this.#timer = this.clock.setTimeout(() => {
      this.#fail(timedOut('recv', ms, this.peer));
    }, ms);
  }
}

// One executor for all promises: a closure for each would be the largest cost of a receive.
let capturedResolve: (value: never) => void;
const capture = (resolve: (value: never) => void): void => {
  capturedResolve = resolve;
};

function copy(chunk: Buffer): Buffer {
  const own = Buffer.allocUnsafe(chunk.length);
  own.set(chunk);
  return own;
}

function checkSize(n: number): number {
  if (Number.isSafeInteger(n) && n >= 0) return n;
  throw new SocketStateError(`recv: the size must be a whole number of bytes, 0 or more; got ${n}`, 'EINVAL');
}

function pendingReceive(): SocketError {
  return new SocketStateError('recv: another receive is pending on this socket; await it first', 'ERR_RECV_PENDING');
}
