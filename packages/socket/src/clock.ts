/**
 * Time as a service, so that tests move it by hand.
 *
 * Everything in this project that waits takes a {@link Clock}. It is a class and not an interface, because a class is
 * also an injection token.
 */
export abstract class Clock {
  /** Milliseconds since an arbitrary moment; never goes back. For measuring spans. */
  abstract now(): number;
  /** The calendar's date and time. For telling people when. */
  abstract date(): Date;
  /** Calls `callback` once, `ms` milliseconds from now, unless it is cancelled before. */
  abstract setTimeout(callback: () => void, ms: number): ClockTimer;
}

/** A call to come. */
export interface ClockTimer {
  /** Starts the same span again from now, also when it was over. */
  refresh(): void;
  /** Forgets the call. Idempotent. */
  cancel(): void;
  /** Does not keep the process running. */
  unref(): void;
}

/** Milliseconds: 24 days. What is longer would make Node's timers go off at once. */
const LONGEST = 2 ** 31 - 1;

class SystemClock extends Clock {
  override now(): number {
    return performance.now();
  }

  override date(): Date {
    return new Date();
  }

  override setTimeout(callback: () => void, ms: number): ClockTimer {
    const timeout = setTimeout(callback, Math.min(ms, LONGEST));
    return {
      refresh: () => void timeout.refresh(),
      cancel: () => clearTimeout(timeout),
      unref: () => void timeout.unref(),
    };
  }
}

/** The machine's time. */
export const systemClock: Clock = new SystemClock();

/**
 * A clock that stands still until it is told to move: for tests.
 *
 * ```ts
 * const clock = new ManualClock();
 * clock.setTimeout(() => console.log('now'), 1000);
 * clock.advance(1000); // prints
 * ```
 */
export class ManualClock extends Clock {
  readonly #timers = new Set<ManualTimer>();
  readonly #start: number;
  #now = 0;

  /** @param start the date that the clock shows at first */
  constructor(start: Date = new Date(0)) {
    super();
    this.#start = start.getTime();
  }

  /** How many calls are still to come. */
  get pending(): number {
    return this.#timers.size;
  }

  override now(): number {
    return this.#now;
  }

  override date(): Date {
    return new Date(this.#start + this.#now);
  }

  override setTimeout(callback: () => void, ms: number): ClockTimer {
    const timers = this.#timers;
    const timer: ManualTimer = { callback, due: this.#now + Math.max(0, ms) };
    timers.add(timer);
    return {
      refresh: () => {
        timer.due = this.#now + Math.max(0, ms);
        timers.delete(timer);
        timers.add(timer);
      },
      cancel: () => void timers.delete(timer),
      unref: () => undefined,
    };
  }

  /** Moves the time forward by `ms` and makes the calls that fall due, in their order, each at its own moment. */
  advance(ms: number): void {
    const end = this.#now + Math.max(0, ms);
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.due);
      timer.callback();
    }
    this.#now = Math.max(this.#now, end); // A call may have moved the time itself.
  }

  #next(end: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer;
    }
    return next;
  }
}

interface ManualTimer {
  callback: () => void;
  due: number;
}
