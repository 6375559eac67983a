/**
 * The receiving half of a datagram socket: a queue with a limit, and at most one reader who waits.
 *
 * ```
 *   DatagramChannel ──▶ received() ──▶ DatagramQueue ──▶ recvfrom(), recvNow()
 * ```
 *
 * Datagrams come whether or not anyone asks; those that the queue has no room for are dropped and counted.
 */
import type { Address } from './address';
import type { ClockTimer } from './clock';
import { closedError } from './closed-error';
import { type Datagram, DatagramQueue } from './datagram-queue';
import { SocketStateError, systemError, timedOut } from './errors';
import { TimedPollable } from './timed-pollable';
import { tolerant } from './tolerant';

export abstract class DatagramReceiveSide extends TimedPollable {
  /** @internal */
  protected closed = false;
  /** @internal What `abort()` was given. */
  protected abortReason: Error | null = null;

  readonly #queue = new DatagramQueue();
  /** An error that came by itself; the next operation gets it. */
  #kept: Error | null = null;

  // The pending receive: how much it wants, and the promise that it settles.
  #wanted = 0;
  #resolve: ((datagram: Datagram | Promise<never>) => void) | null = null;
  #promise: Promise<Datagram> | null = null;
  #timer: ClockTimer | null = null;

  /** How many datagrams were thrown away, because 1,024 of them or 4 MiB waited and nobody took them. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /**
   * The next datagram, and who sent it. It is cut to `size` bytes, and the rest of it is lost, as `recvfrom` does; an
   * empty datagram is one too.
   *
   * The buffer is the caller's to keep. Source: `socket.recvfrom(bufsize)`.
   *
   * @throws {TimeoutError} after `settimeout()` milliseconds
   * @throws {BlockingIOError} when the timeout is 0 and none is there
   * @throws {ConnectionRefusedError} when nobody is at the address that it is connected to, once the peer's host says so
   * @throws {SocketStateError} when the socket is closed, or another receive is pending
   */
  recvfrom(size: number): Promise<Datagram> {
    try {
      if (this.#resolve !== null) throw pendingReceive();
      const datagram = this.recvNow(size);
      if (datagram !== undefined) return Promise.resolve(datagram);
      if (this.timeout === 0) throw systemError('EAGAIN', 'recvfrom');
    } catch (error) {
      return tolerant(Promise.reject(error));
    }
    this.#wanted = size;
    const ms = this.timeout;
    if (ms !== null) this.#timer = this.clock.setTimeout(() => this.#fail(timedOut('recvfrom', ms)), ms);
    return (this.#promise = new Promise((resolve) => (this.#resolve = resolve)));
  }

  /** A datagram that is there already; `undefined` when there is none. See {@link recvfrom}. */
  recvNow(size: number): Datagram | undefined {
    if (!(Number.isSafeInteger(size) && size >= 0)) throw badSize(size);
    if (this.closed) throw this.closedError('recvfrom');
    this.throwKept();
    const datagram = this.#queue.shift();
    return datagram === undefined ? undefined : cut(datagram, size);
  }

  /** Like {@link recvfrom}, without the sender: for a connected socket. */
  recv(size: number): Promise<Buffer> {
    return tolerant(this.recvfrom(size).then(([data]) => data));
  }

  /** Whether `close()` or `abort()` was called. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Whether a receive would return at once: with a datagram or an error. */
  get readable(): boolean {
    return this.#queue.length > 0 || this.#kept !== null || this.closed;
  }

  /** Whether an error waits for the next operation. */
  get exceptional(): boolean {
    return this.#kept !== null || this.abortReason !== null;
  }

  /** @internal A datagram has come. */
  protected received(data: Buffer, from: Address): void {
    if (this.closed) return;
    const resolve = this.#resolve;
    if (resolve === null) this.#queue.push([data, from]);
    else {
      const datagram = cut([data, from], this.#wanted);
      this.#settle();
      resolve(datagram);
    }
    this.notify();
  }

  /** @internal An error that no send brought: for whoever waits, or else for the next operation. */
  protected failed(error: Error): void {
    if (this.closed) return;
    if (this.#resolve !== null) this.#fail(error);
    else this.#kept = error;
    this.notify();
  }

  /** @internal Throws the error that waits for the next operation, if there is one. */
  protected throwKept(): void {
    const error = this.#kept;
    this.#kept = null;
    if (error !== null) throw error;
  }

  /** @internal What an operation on the closed socket gets. */
  protected closedError(operation: string): Error {
    return this.abortReason ?? closedError(operation);
  }

  /** @internal Gives up what waits, and whoever does. */
  protected dropReceive(): void {
    this.#queue.clear();
    this.#kept = null;
    if (this.#resolve !== null) this.#fail(this.closedError('recvfrom'));
    this.notify();
  }

  /** Whether a receive is pending. */
  get receiving(): boolean {
    return this.#resolve !== null;
  }

  /** Rejects the pending receive: by resolving it with what is rejected, so that it need not keep a second function. */
  #fail(error: Error): void {
    const resolve = this.#resolve;
    const promise = this.#promise;
    this.#settle();
    if (promise !== null) void tolerant(promise);
    resolve?.(Promise.reject(error));
  }

  #settle(): void {
    this.#resolve = null;
    this.#promise = null;
    this.#timer?.cancel();
    this.#timer = null;
  }
}

function cut(datagram: Datagram, size: number): Datagram {
  return datagram[0].length <= size ? datagram : [datagram[0].subarray(0, size), datagram[1]];
}

function badSize(size: number): SocketStateError {
  return new SocketStateError(`recvfrom: the size must be a whole number of bytes, 0 or more; got ${size}`, 'EINVAL');
}

function pendingReceive(): SocketStateError {
  return new SocketStateError(
    'recvfrom: another receive is pending on this socket; await it first',
    'ERR_RECV_PENDING',
  );
}
