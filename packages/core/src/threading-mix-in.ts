import { ThreadHandOff } from '@socketserver/socket';

import type { Mixable } from './async-mix-in';
import { PooledMixIn, type PooledServer } from './workers/pooled-mix-in';
import { startThread } from './workers/thread-worker';

/** What {@link ThreadingMixIn} adds to a server. */
export interface ThreadingServer extends PooledServer {
  /** `serverClose()` does not wait for handlers that run, whatever `blockOnClose` says. @default false */
  daemonThreads: boolean;
}

/**
 * Serves requests in worker threads, several at a time in each: a handler that computes for long holds up only those
 * that share its thread, and all processors are used.
 *
 * ```ts
 * class ThreadingTCPServer extends ThreadingMixIn(TCPServer) {}
 * ```
 *
 * The handler's class says where threads load it from: `static override module = __filename`, and is exported there.
 *
 * Differs from Python: there is a pool of threads (`options.workers`), and no new thread for each request. They share no
 * memory: `this.server` in a handler is a `ServerView`, and what handlers have in common are shared services.
 *
 * A datagram goes there as a copy, and answers leave by the server's socket: see `RemoteDatagramSocket`.
 *
 * Source: `Lib/socketserver.py`, `ThreadingMixIn`.
 */
export function ThreadingMixIn<B extends Mixable>(Base: B): B & (abstract new (...args: any[]) => ThreadingServer) {
  abstract class ThreadingMixed extends PooledMixIn(Base, threads) {
    daemonThreads = false;

    override waitsAtClose(): boolean {
      return super.waitsAtClose() && !this.daemonThreads;
    }
  }
  return ThreadingMixed;
}

function threads(_server: object, size: number) {
  return {
    start: async (task: Parameters<typeof startThread>[0]) => startThread(task, await ThreadHandOff.open()),
    requestsPerWorker: Infinity,
    size,
    most: size,
    accepts: false,
  };
}
