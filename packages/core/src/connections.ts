import type { Address } from '@socketserver/socket';

import { Connection } from './connection';
import { Drain } from './drain';
import type { ResolvedOptions } from './server-options';
import type { ServerView, ShutdownReport } from './server-view';

/** The requests of one server that run, and how they end together. */
export class Connections {
  readonly #server: ServerView & { readonly options: ResolvedOptions };
  readonly #running = new Map<object, Connection>();
  /** Those that nobody waits for any more, while their handlers may still run. */
  readonly #dropped = new WeakMap<object, Connection>();
  #lastId = 0;
  #drain: Drain | null = null;
  #caller: object | null = null;

  constructor(server: ServerView & { readonly options: ResolvedOptions }) {
    this.#server = server;
  }

  get size(): number {
    return this.#running.size;
  }

  get isDraining(): boolean {
    return this.#drain !== null;
  }

  start(request: object, clientAddress: Address): Connection {
    const connection = new Connection(this.#server, ++this.#lastId, request, clientAddress);
    this.#running.set(request, connection);
    return connection;
  }

  get(request: object): Connection | undefined {
    return this.#running.get(request) ?? this.#dropped.get(request);
  }

  /** Forgets a request, and tells that it has ended. Idempotent. */
  stop(request: object): void {
    const connection = this.#running.get(request);
    if (connection === undefined) return;
    this.#running.delete(request);
    connection.stop();
    this.#drain?.ended(connection);
  }

  /** Notes which handler calls the server: what follows in the same run of code is its doing. */
  calledBy(handler: object): void {
    this.#caller = handler;
    queueMicrotask(() => (this.#caller = null));
  }

  /** The connection whose handler is calling the server right now, if one is. */
  get calling(): Connection | null {
    if (this.#caller === null) return null;
    for (const connection of this.#running.values()) if (connection.handler === this.#caller) return connection;
    return null;
  }

  /** Lets the handlers finish, for `drainTimeout` milliseconds. Idempotent until `endDrain()`. */
  beginDrain(): void {
    if (this.#drain !== null) return;
    this.#drain = new Drain(this.#running, this.#server.options, () => this.#dropAll());
    this.#drain.begin();
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

  /** After a cut: forgets also those whose handlers do not end. */
  #dropAll(): void {
    for (const [request, connection] of [...this.#running]) {
      this.#dropped.set(request, connection);
      this.stop(request);
    }
  }
}
