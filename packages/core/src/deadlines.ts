/**
 * The deadlines of one request, on one timer.
 *
 * ```
 *   accepted ──handshake──▶ served ────────────── lifetime ───────────────▶ over
 *      └────── firstByte ──────▶ first byte
 * ```
 *
 * While it is served, its handler is always in one of three states, and the socket tells when that changes:
 *
 * ```
 *   working ──recv()──▶ receiving ──bytes──▶ working       idle runs while receiving,
 *      └─────sendall()──▶ sending ──sent──▶ working        drain while sending, handler while working
 * ```
 *
 * Beside that, a message is partly there or not: from its first byte to its last the message deadline runs. When it is
 * whole, the work on it begins, and the handler deadline begins anew.
 * A change of state moves the timer only when something is due before it fires; otherwise it is moved when it has fired.
 */
import type { Clock, ClockTimer, WaitObserver } from '@socketserver/socket';

import type { DeadlineName } from './close-reason';
import type { DeadlineOptions } from './server-options';

/** What is asked of a socket: `null` in its place for a datagram, which has come whole. */
export interface WatchedSocket {
  readonly receiving: boolean;
  readonly bytesRead: number;
}

/** What few need. */
export interface DeadlinesExtras {
  /** On the clock: when it was accepted. @default now */
  readonly startedAt?: number | undefined;
  /** Called when the handler goes on, and when it waits for its peer or is over. */
  readonly onWork?: ((isWorking: boolean) => void) | undefined;
}

export class Deadlines implements WaitObserver {
  readonly #options: DeadlineOptions;
  readonly #clock: Clock;
  readonly #socket: WatchedSocket | null;
  readonly #expire: (deadline: DeadlineName, ms: number) => void;
  readonly #onWork: ((isWorking: boolean) => void) | undefined;
  readonly #startedAt: number;
  #isServed = false;
  // A handler may wait for both at once: it receives, while others send what they have for its peer.
  #isReceiving = false;
  #sends = 0;
  #since: number;
  #sendingSince = 0;
  #partialSince: number | null = null;
  #timer: ClockTimer | null = null;
  #timerDue = Infinity;
  #isOver = false;
  // What `#look()` has found: the deadline that is due next.
  #due = Infinity;
  #name: DeadlineName = 'lifetime';
  #ms = 0;

  /** @param expire called once, with the deadline that is over and its milliseconds */
  constructor(
    options: DeadlineOptions,
    clock: Clock,
    socket: WatchedSocket | null,
    expire: (deadline: DeadlineName, ms: number) => void,
    { startedAt = clock.now(), onWork }: DeadlinesExtras = {},
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#socket = socket;
    this.#expire = expire;
    this.#onWork = onWork;
    this.#startedAt = this.#since = startedAt;
    this.#arm();
  }

  /** The handler begins. */
  begin(): void {
    this.#isServed = true;
    this.#onWork?.(true);
    this.#since = this.#clock.now();
    this.#arm();
  }

  waits(on: 'recv' | 'send'): void {
    this.#onWork?.(false);
    const now = this.#clock.now();
    if (on === 'recv') this.#isReceiving = true;
    else if (this.#sends++ === 0) this.#sendingSince = now;
    this.#since = now;
    this.#arm();
  }

  resumes(): void {
    this.#onWork?.(true);
    const now = this.#clock.now();
    if (this.#isReceiving && this.#socket?.receiving === false) this.#isReceiving = false;
    else {
      // One send has ended, so the peer has read: the next one waits from now on.
      this.#sends -= 1;
      this.#sendingSince = now;
    }
    this.#since = now;
    this.#arm();
  }

  partial(isPartial: boolean): void {
    // A whole message is new work, also when it came together with the one before it.
    if (!isPartial && !this.#isReceiving && this.#sends === 0) this.#since = this.#clock.now();
    if (isPartial === (this.#partialSince !== null)) return;
    this.#partialSince = isPartial ? this.#clock.now() : null;
    this.#arm();
  }

  /** Nothing is due any more. */
  end(): void {
    if (!this.#isOver) this.#onWork?.(false);
    this.#isOver = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Makes sure that the timer fires no later than the next deadline. */
  #arm(): void {
    if (this.#isOver) return;
    this.#look();
    if (this.#due >= this.#timerDue) return;
    this.#timer?.cancel();
    this.#timerDue = this.#due;
    this.#timer = this.#clock.setTimeout(() => this.#fire(), this.#due - this.#clock.now());
    this.#timer.unref();
  }

  #fire(): void {
    this.#timer = null;
    this.#timerDue = Infinity;
    this.#look();
    // A timer of Node's may fire a fraction of a millisecond early.
    if (this.#due > this.#clock.now() + 1) {
      this.#arm();
      return;
    }
    this.end();
    this.#expire(this.#name, this.#ms);
  }

  /** Finds what is due next. */
  #look(): void {
    const { handshake, firstByte, message, idle, handler, drain, lifetime } = this.#options;
    this.#due = Infinity;
    this.#consider('lifetime', lifetime, this.#startedAt);
    const isSilent = firstByte !== undefined && this.#socket?.bytesRead === 0;
    if (isSilent) this.#consider('firstByte', firstByte, this.#startedAt);
    if (!this.#isServed) this.#consider('handshake', handshake, this.#startedAt);
    else if (this.#sends > 0) this.#consider('drain', drain, this.#sendingSince);
    else if (!this.#isReceiving) this.#consider('handler', handler, this.#since);
    else if (!isSilent) this.#consider('idle', idle, this.#since);
    if (this.#partialSince !== null) this.#consider('message', message, this.#partialSince);
  }

  #consider(name: DeadlineName, ms: number | undefined, since: number): void {
    if (ms === undefined || since + ms > this.#due) return;
    this.#due = since + ms;
    this.#name = name;
    this.#ms = ms;
  }
}
