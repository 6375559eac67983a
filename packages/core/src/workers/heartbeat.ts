import type { Clock, ClockTimer } from '@socketserver/socket';

/** Milliseconds in which a worker has to hear of what it is told: one that does not is stuck. */
export const DEAF = 1000;

/** Calls back later, once everything that has come by then is read: it may be this process that was busy. */
export function afterReading(clock: Clock, ms: number, callback: () => void): ClockTimer {
  const timer = clock.setTimeout(() => setImmediate(callback), ms);
  timer.unref();
  return timer;
}

/** Asks a worker that runs something, now and then, whether it still hears: a handler may compute only so long. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #ping: () => void;
  readonly #onStuck: () => void;
  #timer: ClockTimer | null = null;
  #isSilent = false;

  /**
   * @param deadline milliseconds that a handler may compute
   * @param ping sends what is to be answered at once
   * @param onStuck called when it was not, for a second more than that
   */
  constructor(clock: Clock, deadline: number, ping: () => void, onStuck: () => void) {
    this.#clock = clock;
    this.#deadline = deadline;
    this.#ping = ping;
    this.#onStuck = onStuck;
  }

  /** It runs something. Idempotent. */
  start(): void {
    if (this.#timer === null) this.#beat();
  }

  /** It has answered. */
  heard(): void {
    this.#isSilent = false;
  }

  /** It runs nothing any more. Idempotent. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #beat(): void {
    this.#isSilent = true;
    this.#ping();
    const timer = afterReading(this.#clock, this.#deadline + DEAF, () => {
      // Stopped, and perhaps started again, while everything was read.
      if (this.#timer !== timer) return;
      if (!this.#isSilent) this.#beat();
      else {
        this.#timer = null;
        this.#onStuck();
      }
    });
    this.#timer = timer;
  }
}
