import type { Clock } from './clock';
import { UnsupportedError } from './errors';
import type { Watcher } from './pollable';

/** What stream and datagram sockets have in common: a timeout, and those who wait for something to become ready. */
export abstract class TimedPollable {
  /** @internal */
  protected readonly clock: Clock;
  /** @internal */
  protected timeout: number | null = null;
  #watchers: Set<Watcher> | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Milliseconds that a receive, a send, an accept or a connect may take; 0: never wait; `null`: no limit. @default null */
  settimeout(ms: number | null): void {
    if (ms !== null && !(ms >= 0)) throw new UnsupportedError(`settimeout: 0 or more ms, or null; got ${ms}`, 'EINVAL');
    this.timeout = ms;
  }

  /** See {@link settimeout}. */
  gettimeout(): number | null {
    return this.timeout;
  }

  watch(watcher: Watcher): void {
    (this.#watchers ??= new Set()).add(watcher);
  }

  unwatch(watcher: Watcher): void {
    this.#watchers?.delete(watcher);
  }

  /** @internal Wakes the watchers: something may have become ready. */
  protected notify(): void {
    if (this.#watchers !== null) for (const watcher of this.#watchers) watcher();
  }
}
