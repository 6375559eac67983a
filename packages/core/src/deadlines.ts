/**
 * The deadlines of one connection, on one timer.
 *
 * A connection is always in one of three states, and the socket tells when that changes:
 *
 * ```
 *   working ──recv()──▶ receiving ──bytes──▶ working       the idle deadline runs while receiving,
 *      └─────sendall()──▶ sending ──sent──▶ working        the handler deadline while working
 * ```
 *
 * Beside that, a message is partly there or not: from its first byte to its last the message deadline runs. When it is
 * whole, the work on it begins, and the handler deadline begins anew.
 * A change of state only notes the time; the timer is moved when it fires too early.
 */
import type { Clock, ClockTimer, WaitObserver } from '@socketserver/socket';

import type { DeadlineName } from './close-reason';
import type { DeadlineOptions } from './server-options';

export class Deadlines implements WaitObserver {
  readonly #options: DeadlineOptions;
  readonly #clock: Clock;
  readonly #socket: { readonly receiving: boolean };
  readonly #expire: (deadline: DeadlineName, ms: number) => void;
  // A handler may wait for both at once: it receives, while others send what they have for its peer.
  #isReceiving = false;
  #sends = 0;
  #since: number;
  #partialSince: number | null = null;
  #timer: ClockTimer | null = null;
  #due = Infinity;
  #isOver = false;

  /**
   * @param socket tells whether a receive is pending
   * @param expire called once, with the deadline that is over and its milliseconds
   */
  constructor(
    options: DeadlineOptions,
    clock: Clock,
    socket: { readonly receiving: boolean },
    expire: (deadline: DeadlineName, ms: number) => void,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#socket = socket;
    this.#expire = expire;
    this.#since = clock.now();
    this.#arm();
  }

  waits(on: 'recv' | 'send'): void {
    if (on === 'recv') this.#isReceiving = true;
    else this.#sends += 1;
    this.#since = this.#clock.now();
    this.#arm();
  }

  resumes(): void {
    if (this.#isReceiving && !this.#socket.receiving) this.#isReceiving = false;
    else this.#sends -= 1;
    this.#since = this.#clock.now();
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
    this.#isOver = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Makes sure that the timer fires no later than the next deadline. */
  #arm(): void {
    const [due] = this.#next();
    if (this.#isOver || due >= this.#due) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.#clock.setTimeout(() => this.#fire(), due - this.#clock.now());
    this.#timer.unref();
  }

  #fire(): void {
    this.#timer = null;
    this.#due = Infinity;
    const [due, deadline, ms] = this.#next();
    // A timer of Node's may fire a fraction of a millisecond early.
    if (due > this.#clock.now() + 1 || deadline === null) {
      this.#arm();
      return;
    }
    this.end();
    this.#expire(deadline, ms);
  }

  #next(): [due: number, deadline: DeadlineName | null, ms: number] {
    const { idle = Infinity, message = Infinity, handler = Infinity } = this.#options;
    const state: DeadlineName = this.#isReceiving ? 'idle' : 'handler';
    const limit = this.#sends > 0 ? Infinity : this.#isReceiving ? idle : handler;
    const due = this.#since + limit;
    const messageDue = this.#partialSince === null ? Infinity : this.#partialSince + message;
    if (messageDue <= due) return messageDue === Infinity ? [Infinity, null, 0] : [messageDue, 'message', message];
    return [due, state, limit];
  }
}
