/**
 * The end of a server: lets what runs finish, for a while, and cuts the rest.
 *
 * It begins with `shutdown()`, hears of every connection that ends, and is over when none is left or the time is.
 */
import type { ClockTimer } from '@socketserver/socket';

import type { Connection } from './connection';
import { ShutdownError } from './errors';
import type { ResolvedOptions } from './server-options';
import type { CutConnection, ShutdownReport } from './server-view';

export class Drain {
  readonly #connections: readonly Connection[];
  readonly #options: ResolvedOptions;
  readonly #startedAt: number;
  readonly #forget: (connection: Connection) => void;
  /** Connections whose handlers wait for this drain: they do not wait for each other. */
  readonly #callers = new Set<Connection>();
  #waiters: { readonly isCaller: boolean; readonly resolve: (report: ShutdownReport) => void }[] = [];
  #timer: ClockTimer | null = null;
  #isCutting = false;
  /** Nobody is still to come: children that accept by themselves tell a little later. */
  #isKnown = true;
  #finished = 0;
  readonly #cut = new Map<number, CutConnection>();
  #report: ShutdownReport | null = null;

  /** @param forget called with each connection that was cut and has not ended */
  constructor(connections: readonly Connection[], options: ResolvedOptions, forget: (connection: Connection) => void) {
    this.#connections = connections;
    this.#options = options;
    this.#forget = forget;
    this.#startedAt = options.clock.now();
  }

  /** Tells every handler, and starts the time. */
  begin(known: Promise<void> | null = null): void {
    const { clock, drainTimeout } = this.#options;
    this.#isKnown = known === null;
    void known?.then(() => {
      this.#isKnown = true;
      this.#check();
    });
    for (const connection of [...this.#connections]) connection.drain();
    this.#timer = clock.setTimeout(() => this.cutAll(), drainTimeout);
    this.#check();
  }

  /** Resolves when it is over; for the handler of `caller`, when nothing but callers is left. */
  wait(caller: Connection | null = null): Promise<ShutdownReport> {
    if (caller !== null) this.#callers.add(caller);
    return new Promise((resolve) => {
      this.#waiters.push({ isCaller: caller !== null, resolve });
      this.#check();
    });
  }

  /** Hears that a connection has ended: it is no longer in the list. */
  ended(connection: Connection): void {
    this.#callers.delete(connection);
    if (!this.#cut.has(connection.id)) this.#finished += 1;
    this.#check();
  }

  /** Cuts all that is left, now. */
  cutAll(): void {
    if (this.#report !== null || this.#isCutting) return;
    this.#isCutting = true;
    this.#timer?.cancel();
    const left = [...this.#connections];
    for (const connection of left) {
      const { id, clientAddress } = connection;
      this.#cut.set(id, { id, clientAddress });
      connection.cut('shutdown', new ShutdownError(0));
    }
    // Handlers that wait for their peer end within this turn; for those that wait for something else nobody waits. A worker
    // tells how its requests have ended, or is killed because it does not hear.
    setImmediate(() => {
      // By now the server may serve again, and have others.
      for (const connection of left) if (connection.remote === null) this.#forget(connection);
      this.#isKnown = true;
      this.#check();
    });
  }

  #check(): void {
    if (!this.#isKnown) return;
    if (this.#connections.length === 0) this.#finish();
    else if (this.#connections.length === this.#callers.size) this.#release((waiter) => waiter.isCaller);
  }

  #finish(): void {
    this.#timer?.cancel();
    this.#report ??= this.#makeReport();
    this.#release(() => true);
  }

  #release(which: (waiter: { readonly isCaller: boolean }) => boolean): void {
    const report = this.#report ?? this.#makeReport();
    const released = this.#waiters.filter(which);
    this.#waiters = this.#waiters.filter((waiter) => !which(waiter));
    for (const { resolve } of released) resolve(report);
  }

  #makeReport(): ShutdownReport {
    const durationMs = this.#options.clock.now() - this.#startedAt;
    return Object.freeze({ durationMs, finished: this.#finished, cut: Object.freeze([...this.#cut.values()]) });
  }
}
