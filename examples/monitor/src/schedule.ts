import type { Clock } from '@socketserver/socket';

/**
 * Moments at a fixed distance from a start: `start + k × interval`.
 *
 * Each moment is counted from the start and not from the one before, so the time that the work takes does not add up.
 * Moments that passed while the work was slow are left out, not made up for in a burst.
 */
export class Schedule {
  readonly #start: number;
  #tick = 0;

  /** @param interval milliseconds between two moments */
  constructor(
    private readonly clock: Clock,
    private readonly interval: number,
  ) {
    this.#start = clock.now();
  }

  /** Waits for the next moment that is still to come; rejects with the signal's reason when it aborts. */
  next(signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    // A timer can fire a little early: the moment just served must not be served again.
    this.#tick = Math.max(this.#tick + 1, Math.ceil((now - this.#start) / this.interval));
    return sleep(this.clock, this.#start + this.#tick * this.interval - now, signal);
  }
}

/**
 * Waits.
 *
 * @param ms milliseconds
 * @param signal ends the wait at once: the promise rejects with its reason
 */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
