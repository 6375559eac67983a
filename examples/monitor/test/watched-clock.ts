import { type ClockTimer, ManualClock } from '@socketserver/socket';

/** A clock moved by hand that tells when somebody begins to wait: a test moves it only after that. */
export class WatchedClock extends ManualClock {
  /** How long the waits are that began since the clock was moved, and that nobody was told of. */
  #begun: number[] = [];
  #watchers: { ms: number; seen: () => void }[] = [];

  override setTimeout(callback: () => void, ms: number): ClockTimer {
    const timer = super.setTimeout(callback, ms);
    this.#begins(ms);
    return {
      refresh: () => {
        timer.refresh();
        this.#begins(ms);
      },
      cancel: () => timer.cancel(),
      unref: () => timer.unref(),
    };
  }

  override advance(ms: number): void {
    this.#begun = [];
    super.advance(ms);
  }

  /** Resolves when somebody has begun to wait for exactly `ms` since the clock was last moved. */
  waiting(ms: number): Promise<void> {
    const at = this.#begun.indexOf(ms);
    if (at === -1) return new Promise((seen) => this.#watchers.push({ ms, seen }));
    this.#begun.splice(at, 1);
    return Promise.resolve();
  }

  #begins(ms: number): void {
    const at = this.#watchers.findIndex((watcher) => watcher.ms === ms);
    if (at === -1) this.#begun.push(ms);
    else this.#watchers.splice(at, 1)[0]!.seen();
  }
}
