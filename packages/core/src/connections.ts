import type { Address } from '@socketserver/socket';

import { Connection } from './connection';
import { Drain } from './drain';
import type { ResolvedOptions } from './server-options';
import type { ServerView, ShutdownReport } from './server-view';

/** Where a request keeps its connection. */
const connection = Symbol('connection');
type Served = { [connection]?: Connection };

/**
 * The requests of one server that run, and how they end together.
 *
 * They are in a dense array, and each knows its place there. A `Map` would do the same with less code, but its tables
 * live long, and keep connections alive that ended long ago: a server with many short ones spends its time on that.
 */
export class Connections {
  readonly #server: ServerView & { readonly options: ResolvedOptions };
  readonly #onStop: (connection: Connection) => void;
  readonly #running: Connection[] = [];
  #lastId = 0;
  #drain: Drain | null = null;
  #caller: object | null = null;

  /** @param onStop called with each one that has ended */
  constructor(server: ServerView & { readonly options: ResolvedOptions }, onStop: (connection: Connection) => void) {
    this.#server = server;
    this.#onStop = onStop;
  }

  get size(): number {
    return this.#running.length;
  }

  get isDraining(): boolean {
    return this.#drain !== null;
  }

  start(request: object, clientAddress: Address): Connection {
    const started = new Connection(this.#server, ++this.#lastId, request, clientAddress);
    started.index = this.#running.push(started) - 1;
    (request as Served)[connection] = started;
    return started;
  }

  /** That of a request which runs, or which nobody waits for any more while its handler may still run. */
  get(request: object): Connection | undefined {
    return (request as Served)[connection];
  }

  /** The one with this number, if it runs. */
  find(id: number): Connection | null {
    return this.#running.find((connection) => connection.id === id) ?? null;
  }

  /** Forgets a request, and tells that it has ended: once all that was sent has left. Idempotent. */
  stop(request: object): void {
    const stopped = this.get(request);
    if (stopped === undefined || stopped.index === -1 || stopped.isLingering) return;
    if (stopped.hasUnsent) stopped.linger(() => this.#forget(stopped));
    else this.#forget(stopped);
  }

  #forget(stopped: Connection): void {
    if (stopped.index === -1) return;
    const last = this.#running.pop();
    if (last !== undefined && last !== stopped) {
      this.#running[stopped.index] = last;
      last.index = stopped.index;
    }
    stopped.index = -1;
    stopped.stop();
    this.#onStop(stopped);
    this.#drain?.ended(stopped);
  }

  /** Notes which handler calls the server: what follows in the same run of code is its doing. */
  calledBy(handler: object): void {
    if (this.#caller === handler) return;
    this.#caller = handler;
    queueMicrotask(this.#forgetCaller);
  }

  readonly #forgetCaller = (): void => {
    this.#caller = null;
  };

  /** The connection whose handler is calling the server right now, if one is. */
  get calling(): Connection | null {
    if (this.#caller === null) return null;
    return this.#running.find(({ handler }) => handler === this.#caller) ?? null;
  }

  /** Lets the handlers finish, for `drainTimeout` milliseconds. Idempotent until `endDrain()`. @param known resolves when all that run are known */
  beginDrain(known: Promise<void> | null = null): void {
    if (this.#drain !== null) return;
    this.#drain = new Drain(this.#running, this.#server.options, (cut) => this.#forget(cut));
    this.#drain.begin(known);
  }

  /** Resolves when no request is left; for `caller`, when only those are left that wait for this themselves. */
  drained(caller: Connection | null = null): Promise<ShutdownReport> {
    this.beginDrain();
    return this.#drain!.wait(caller);
  }

  cutAll(): void {
    this.beginDrain();
    this.#drain?.cutAll();
  }

  endDrain(): void {
    this.#drain = null;
  }
}
