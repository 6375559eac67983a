import { type ClockTimer, ManualClock } from '@socketserver/socket';

/** A clock moved by hand that knows how long the waits are that somebody is in. */
export class WaitingClock extends ManualClock {
  readonly #waits = new Set<{ ms: number }>();

  /** Whether somebody waits who began to wait for `ms` milliseconds. */
  awaits(ms: number): boolean {
    return [...this.#waits].some((wait) => wait.ms === ms);
  }

  override setTimeout(callback: () => void, ms: number): ClockTimer {
    const wait = { ms };
    this.#waits.add(wait);
    const timer = super.setTimeout(() => {
      this.#waits.delete(wait);
      callback();
    }, ms);
    return {
      ...timer,
      cancel: () => {
        this.#waits.delete(wait);
        timer.cancel();
      },
    };
  }
}
