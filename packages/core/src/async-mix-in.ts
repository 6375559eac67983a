import type { Address } from '@socketserver/socket';

import type { BaseServer } from './base-server';
import type { MaybePromise } from './maybe-promise';

/** What {@link AsyncMixIn} adds to a server, whose `concurrent` it makes true. */
export interface AsyncServer {
  /** Begins the request's task, and does not wait for it. May be extended: call `super.processRequest()`. */
  processRequest(request: object, clientAddress: Address): MaybePromise<void>;
  /** One request from beginning to end, with its errors. Called by `processRequest()`. May be overridden. */
  processRequestTask(request: object, clientAddress: Address): Promise<void>;
}

/** A class of servers that a strategy can be mixed into. */
export type Mixable = abstract new (...args: any[]) => BaseServer;

/**
 * Serves every request as a task of its own on the event loop: thousands of peers, one thread.
 *
 * ```ts
 * class AsyncTCPServer extends AsyncMixIn(TCPServer) {}
 * ```
 *
 * A handler that computes for long holds up all others; one that waits holds up none.
 *
 * Source: `Lib/socketserver.py`, `ThreadingMixIn`, with tasks for threads.
 */
export function AsyncMixIn<B extends Mixable>(Base: B): B & (abstract new (...args: any[]) => AsyncServer) {
  abstract class AsyncMixed extends Base {
    override readonly concurrent = true;

    override processRequest(request: object, clientAddress: Address): void {
      void this.processRequestTask(request, clientAddress);
    }

    processRequestTask(request: object, clientAddress: Address): Promise<void> {
      // A chain and no asynchronous function, which would cost each idle connection twice as much memory.
      const end = (): MaybePromise<void> => this.endRequest(request);
      const fail = (error: unknown): MaybePromise<void> => this.failRequest(error, request, clientAddress);
      try {
        return Promise.resolve(this.finishInTime(request, clientAddress)).then(end, fail);
      } catch (error) {
        return Promise.resolve(fail(error));
      }
    }
  }
  return AsyncMixed;
}
