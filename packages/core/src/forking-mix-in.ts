import type { Mixable } from './async-mix-in';
import { type MaybePromise, isPromise } from './maybe-promise';
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
  /** Milliseconds that `handleRequest()` waits; `null`: without end. `serveForever()` ignores it. @default 300000 */
  timeout: number | null;
  /**
   * Ends children beyond the first ones that have had nothing to do for 10 seconds. Called by `serviceActions()`,
   * `handleTimeout()` and `serverClose()`. May be extended: call `super.collectChildren()`.
   *
   * Differs from Python: a child that has died needs no collecting. Node tells of it, and it is replaced.
   *
   * Source: `ForkingMixIn.collect_children`.
   *
   * @param options `blocking`: resolves only when those that are ending have ended
   */
  collectChildren(options?: { readonly blocking?: boolean }): MaybePromise<void>;
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
    override timeout: number | null = 300_000;

    collectChildren({ blocking = false }: { readonly blocking?: boolean } = {}): MaybePromise<void> {
      this.collectWorkers();
      return blocking ? this.workersLeft() : undefined;
    }

    override serviceActions(): MaybePromise<void> {
      const acted = super.serviceActions();
      return isPromise(acted) ? acted.then(() => this.collectChildren()) : this.collectChildren();
    }

    override handleTimeout(): unknown {
      const collected = this.collectChildren();
      return isPromise(collected) ? collected.then(() => super.handleTimeout()) : super.handleTimeout();
    }

    override async serverClose(): Promise<void> {
      await super.serverClose();
      await this.collectChildren({ blocking: this.blockOnClose });
    }
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
