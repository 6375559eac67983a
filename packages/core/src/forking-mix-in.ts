import type { Mixable } from './async-mix-in';
import { startChild } from './workers/child-worker';
import { PooledMixIn, type PooledServer, type Workers } from './workers/pooled-mix-in';

/** What {@link ForkingMixIn} adds to a server. */
export interface ForkingServer extends PooledServer {
  /** Child processes at most. @default 40 */
  maxChildren: number;
  /** Requests that a child serves at the same time; when all have so many, another one is started. @default 100 */
  requestsPerWorker: number;
  /** The process ids of the children that run. */
  readonly activeChildren: ReadonlySet<number>;
}

/**
 * Serves requests in child processes, which are started beforehand: what goes wrong in one of them, also when memory
 * runs out, ends only its own requests.
 *
 * ```ts
 * class ForkingTCPServer extends ForkingMixIn(TCPServer) {}
 * ```
 *
 * The handler's class says where children load it from: `static override module = __filename`, and is exported there.
 *
 * Differs from Python: a child is not a copy of its parent, and serves many requests. It begins with `options.workers` of
 * them. They end with their parent, and obey it and not the terminal.
 *
 * A datagram goes there as a copy, and answers leave by the server's socket: see `RemoteDatagramSocket`.
 *
 * Source: `Lib/socketserver.py`, `ForkingMixIn`.
 */
export function ForkingMixIn<B extends Mixable>(Base: B): B & (abstract new (...args: any[]) => ForkingServer) {
  abstract class ForkingMixed extends PooledMixIn(Base, children) {
    maxChildren = 40;
    requestsPerWorker = 100;
    readonly activeChildren = new Set<number>();
  }
  return ForkingMixed;
}

function children(server: object, size: number): Workers {
  const { maxChildren, requestsPerWorker, activeChildren } = server as ForkingServer & { activeChildren: Set<number> };
  return {
    start: async (task) => startChild(task, activeChildren),
    requestsPerWorker,
    most: Math.max(size, maxChildren),
  };
}
