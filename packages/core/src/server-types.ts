import type { Address, Listener, Pollable } from '@socketserver/socket';

import type { RequestHandlerClass } from './handler-factory';
import type { MaybePromise } from './maybe-promise';
import type { ServerOptions } from './server-options';

/** How `serveForever()` runs. */
export interface ServeOptions {
  /** Milliseconds that the loop sleeps at most, so that `serviceActions()` is called at least so often. @default 500 */
  readonly pollInterval?: number | undefined;
  /** Shuts the server down when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** What a server waits on: its listening socket, as a rule. */
export interface ServerSocket extends Pollable {
  /** Whether `close()` was called. */
  readonly isClosed: boolean;
  /** Frees the address. Idempotent. */
  close(): void;
  /** Milliseconds, or `null` for no limit: what `handleRequest()` waits at most, besides the server's `timeout`. */
  gettimeout?(): number | null;
  /** Whether it accepts connections; then its gate says how many. */
  readonly isListening?: boolean;
  /** Says how many connections are taken from the kernel before anyone asks for them. */
  readonly gate?: Pick<Listener, 'resume' | 'suspend'>;
}

/** A class of servers that can be made with an address and a handler. */
export type ServerConstructor<S> = new (
  address: Address,
  handler: RequestHandlerClass<never>,
  options?: ServerOptions,
) => S;

/** What a server's requests are. */
export type RequestOf<S> = S extends {
  /** As {@link BaseServer} has it. */
  getRequest(): MaybePromise<readonly [infer R, Address]>;
}
  ? R
  : never;
