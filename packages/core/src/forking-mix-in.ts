import { Socket } from '@socketserver/socket';

import type { Mixable } from './async-mix-in';
import { type MaybePromise, isPromise } from './maybe-promise';
import { OptionError, ServerStateError } from './errors';
import { TCPServer } from './tcp-server';
import { startChild } from './workers/child-worker';
import type { AcceptingTask } from './workers/messages';
import { PooledMixIn, type PooledServer, type Workers } from './workers/pooled-mix-in';

/** What {@link ForkingMixIn} adds to a server. */
export interface ForkingServer extends PooledServer {
  /** Child processes at most. @default 40 */
  maxChildren: number;
  /** Requests that a child serves at the same time; when all have so many, another one is started. @default 100 */
  requestsPerWorker: number;
  /**
   * Children accept connections by themselves, from the listening socket that they share: faster where connections are
   * short and many. What decides about connections before they are served cannot be had then, and `listen()` refuses it:
   * `verifyRequest()`, `maxConnections`, `maxConnectionsPerAddress`, `allow`, `deny`, the deadline `handshake`. Hooks for
   * requests are not called, but for `handleError()`, which is given a closed socket. The server hears of connections up to
   * 5 milliseconds later. Needs `koffi`. @default false
   */
  childrenAccept: boolean;
  /** The process ids of the children that run. */
  readonly activeChildren: ReadonlySet<number>;
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
 * them. They end with their parent, and obey it and not the terminal. `timeout`, which only `handleRequest()` heeds, is
 * 300,000 ms, Python's 300 s.
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
    childrenAccept = false;

    override async handleRequest(): Promise<unknown> {
      if (!this.childrenAccept) return await super.handleRequest();
      throw new ServerStateError('handleRequest: the children of this server accept by themselves; use serveForever()');
    }

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
  const forking = server as ForkingServer & TCPServer & { readonly activeChildren: Set<number> };
  const { maxChildren, requestsPerWorker, activeChildren, childrenAccept } = forking;
  if (childrenAccept) checkChildrenAccept(forking);
  return {
    // Asked each time: once the socket is closed, its number may be that of any other file.
    start: async (task) =>
      startChild(childrenAccept ? { ...task, accepting: acceptingTask(forking) } : task, activeChildren),
    requestsPerWorker,
    size: Math.min(size, maxChildren),
    most: maxChildren,
    accepts: childrenAccept,
  };
}

function acceptingTask(server: ForkingServer & TCPServer): AcceptingTask {
  if (server.fileno() === -1) throw new ServerStateError('a child cannot accept: the server is closed');
  return { fd: server.fileno(), backlog: server.requestQueueSize, atOnce: server.requestsPerWorker };
}

/** @throws {OptionError} when something is set that only the server's own process could see to */
function checkChildrenAccept(server: TCPServer): void {
  const { options, socket } = server;
  const { allow, deny, maxConnections, maxConnectionsPerAddress } = options;
  const { handshake } = options.deadlines;
  const refuse = (why: string): never => {
    throw new OptionError('childrenAccept', true, why);
  };
  if (!(socket instanceof Socket)) refuse('false for datagrams, which all come in at one socket');
  if (!socket.gate.hasGate) refuse('false where the server cannot leave connections to others: install `koffi`');
  for (const [name, value] of Object.entries({ allow, deny, maxConnections, maxConnectionsPerAddress, handshake })) {
    if (value !== undefined) refuse(`false together with ${name}, which the server's process decides about`);
  }
  if (server.verifyRequest !== TCPServer.prototype.verifyRequest) {
    refuse("false together with a verifyRequest() of one's own, which is called in the server's process");
  }
}
