import type { Clock, ClockTimer } from '@socketserver/socket';

/** Where a server's loop sleeps: until it is woken, or until the time is over. One sleeper, one timer. */
export class Poll {
  readonly #clock: Clock;
  #resolve: (() => void) | null = null;
  /** Whether the sleep goes on to the end of the round of the event loop in which it was ended. */
  #endsWithRound = false;
  #timer: ClockTimer | null = null;
  #ms = -1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the sleep, if there is one. A bound function: it serves as a watcher. */
  readonly wake = (): void => {
    const resolve = this.#resolve;
    if (resolve === null) return;
    this.#resolve = null;
    if (this.#endsWithRound) setImmediate(resolve);
    else resolve();
  };

  /**
   * Sleeps until `wake()`, at most `ms` milliseconds; `null`: without end.
   *
   * @param endsWithRound sleeps on until everything that happened in the same round of the event loop is known
   */
  sleep(ms: number | null, endsWithRound = false): Promise<void> {
    this.#endsWithRound = endsWithRound;
    if (ms === null) this.stop();
    else if (this.#timer !== null && ms === this.#ms) this.#timer.refresh();
    else {
      this.stop();
      this.#ms = ms;
      this.#timer = this.#clock.setTimeout(this.wake, ms);
    }
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Gives up the timer, so that it keeps nothing running. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
