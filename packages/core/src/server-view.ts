import type { Address } from '@socketserver/socket';

import type { ServerOptions } from './server-options';

/** What a handler sees of its server, wherever it runs. In the server's own process it is the server itself. */
export interface ServerView {
  /** Where it serves: `[host, port]` with the real port, or a path. */
  readonly serverAddress: Address;
  /** What it was given, with the defaults; in a worker its container and the deadlines that run there. */
  readonly options: ServerOptions;
  /** Aborted when the server begins to drain; its reason is a `ShutdownError` with the time that is left. */
  readonly signal: AbortSignal;
  /** Stops the server. Called as `this.server.shutdown()` by a handler, it does not wait for that handler. */
  shutdown(): Promise<ShutdownReport>;
}

/** How a server ended. */
export interface ShutdownReport {
  /** Milliseconds from the call of `shutdown()` to its end. */
  readonly durationMs: number;
  /** Connections that ended by themselves meanwhile. */
  readonly finished: number;
  /** Connections that had to be cut when the time was over. */
  readonly cut: readonly CutConnection[];
}

/** A connection that did not end in time. */
export interface CutConnection {
  /** The same number as in its events. */
  readonly id: number;
  /** Who was cut off. */
  readonly clientAddress: Address;
}
