import { type Address, Socket, SocketStateError, TimeoutError } from '@socketserver/socket';

import type { BaseRequestHandler } from './base-request-handler';
import { type CloseReason, type DeadlineName, reasonOf } from './close-reason';
import { Deadlines, type DeadlinesExtras } from './deadlines';
import { DeadlineError, type ShutdownError, WorkerDiedError } from './errors';
import { publish } from './events';
import { MessageHandler } from './message-handler';
import { type DeadlineOptions, NO_DEADLINES, type ResolvedOptions } from './server-options';
import type { ServerView } from './server-view';

/**
 * How a request was let in: as one of those that are served, to be told that there are too many, or not at all; or by a
 * child that accepts by itself.
 */
export type Standing = 'admitted' | 'overflow' | 'refused' | 'limit' | 'elsewhere';

/** Deadlines after which it is not enough to wake who waits for the socket: the code may wait for anything. */
const ABANDONS: readonly DeadlineName[] = ['handshake', 'firstByte', 'handler', 'drain', 'lifetime'];

/** How a request ended, as its stop event tells it. */
export interface ConnectionEnd {
  readonly reason: CloseReason;
  readonly error?: unknown;
  /** Bytes that were received, and sent. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** A request whose handler runs in another thread or process. */
export interface RemoteRequest {
  /** Tells the handler that the server drains. */
  drain(): void;
  /** Ends it now. */
  cut(reason: CloseReason, error: DeadlineError | ShutdownError): void;
  /** How it ended over there; `null` as long as it runs. */
  readonly end: ConnectionEnd | null;
}

/** Hears when a handler goes on, and when it waits for its peer or is over. */
export type WorkListener = (connection: Connection, isWorking: boolean) => void;

/** What a server remembers of a request from the moment it came to its one end. */
export class Connection {
  readonly startedAt: number;
  /** Its place among those that run; -1 when it has ended. Kept by `Connections`. */
  index = -1;
  /** Set by `Admission`. */
  standing: Standing = 'limit';
  /** The handler, once it is made. */
  handler: BaseRequestHandler<never> | null = null;
  /** Set once its handler is to run elsewhere. */
  remote: RemoteRequest | null = null;
  /** It is closed, and its last bytes are on their way. */
  isLingering = false;
  #reason: CloseReason | null = null;
  #error: unknown;
  /** What it was cut with. Who waits for its socket then fails with it, whatever the reason was. */
  #cutBy: unknown;
  #deadlines: Deadlines | null = null;
  #abandon: ((error: DeadlineError) => void) | null = null;

  constructor(
    readonly server: ServerView & { readonly options: ResolvedOptions },
    readonly id: number,
    readonly request: object,
    readonly clientAddress: Address,
  ) {
    this.startedAt = server.options.clock.now();
    if (publish.connectionStart.hasSubscribers) publish.connectionStart.publish({ server, id, clientAddress });
  }

  /**
   * Lets the deadlines run, if there are any.
   *
   * @param onWork called when the handler goes on, and when it waits for its peer or is over
   */
  watchDeadlines(deadlines: DeadlineOptions, onWork: WorkListener | null = null): void {
    if (deadlines === NO_DEADLINES) return;
    const socket = this.request instanceof Socket ? this.request : null;
    this.#deadlines = this.#watch(deadlines, socket, {
      onWork: onWork === null ? undefined : (isWorking) => onWork(this, isWorking),
    });
    if (socket === null) return;
    socket.observer = this.#deadlines;
    if (deadlines.drain !== undefined) socket.linger = deadlines.drain;
  }

  /** It was verified: the handler begins. */
  begin(): void {
    this.#deadlines?.begin();
  }

  /** What `running` gives; an error when that is not over with its deadline, and does not end when it is cut. */
  untilAbandoned<T>(running: Promise<T>): Promise<T> {
    // A worker gives up such a handler itself, and tells how many bytes came and went.
    if (this.#deadlines === null || this.remote !== null) return running;
    const { deadlines } = this.server.options;
    // One that is beyond the limit has a lifetime of its own.
    const mayAbandon = this.standing === 'overflow' || ABANDONS.some((name) => deadlines[name] !== undefined);
    if (!mayAbandon) return running;
    return Promise.race([running, new Promise<never>((_resolve, reject) => (this.#abandon = reject))]);
  }

  /** Notes why it will have ended. The first reason counts. */
  end(reason: CloseReason, error?: unknown): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#error = error;
  }

  /** Notes an error of its handler; false if that is only the echo of a cut. */
  fail(error: unknown): boolean {
    if (this.#cutBy !== undefined && isEcho(error, this.#cutBy)) return false;
    const reason = this.remote?.end?.reason;
    this.end(reason ?? reasonOf(error), error);
    return true;
  }

  /** Its handler runs elsewhere from now on, and so do its deadlines: all but the one for the whole. */
  handOver(remote: RemoteRequest): void {
    this.remote = remote;
    if (this.#deadlines === null) return;
    this.#deadlines.end();
    const { lifetime } = this.server.options.deadlines;
    const { startedAt } = this;
    this.#deadlines = lifetime === undefined ? null : this.#watch({ lifetime }, null, { startedAt });
  }

  /** Tells the handler that the server drains. If its good-bye fails, whoever waits on its socket gets that error. */
  drain(): void {
    this.remote?.drain();
    this.handler?.drain().catch((error: Error) => {
      if (this.request instanceof Socket) this.request.abort(error);
    });
  }

  /** Ends it now: whoever waits on its socket gets `error`. */
  cut(reason: CloseReason, error: DeadlineError | ShutdownError): void {
    this.end(reason, error);
    this.#cutBy ??= error;
    if (this.remote !== null) this.remote.cut(reason, error);
    else if (this.request instanceof Socket) this.request.abort(error);
  }

  /** Whether its socket is closed, and what was sent has still to leave. */
  get hasUnsent(): boolean {
    return this.request instanceof Socket && this.request.isLingering;
  }

  /** Calls `onGone` once what was sent has left, or never can. */
  linger(onGone: () => void): void {
    const socket = this.request as Socket;
    this.isLingering = true;
    this.#deadlines?.end();
    const look = (): void => {
      if (socket.isLingering) return;
      socket.unwatch(look);
      onGone();
    };
    socket.watch(look);
  }

  /** Tells that it has ended. Called once. */
  stop(): void {
    this.#deadlines?.end();
    if (!publish.connectionStop.hasSubscribers) return;
    const { server, id, clientAddress } = this;
    const durationMs = server.options.clock.now() - this.startedAt;
    publish.connectionStop.publish({ server, id, clientAddress, durationMs, ...this.outcome });
  }

  /** How it has ended. */
  get outcome(): Required<ConnectionEnd> {
    const { request, remote } = this;
    if (remote?.end != null) this.end(remote.end.reason, remote.end.error);
    const socket = request instanceof Socket ? request : null;
    const protocolError = this.handler instanceof MessageHandler ? this.handler.protocolError : null;
    if (protocolError !== null) this.end('protocol-error', protocolError);
    return {
      reason: this.#reason ?? this.#quietReason(socket),
      error: this.#error,
      bytesRead: remote?.end?.bytesRead ?? socket?.bytesRead ?? packetLength(request),
      bytesWritten: remote?.end?.bytesWritten ?? socket?.bytesWritten ?? 0,
    };
  }

  /** Why it ended, when nobody has said anything. */
  #quietReason(socket: Socket | null): CloseReason {
    if (socket?.failure instanceof TimeoutError) return 'deadline:drain';
    if (socket?.exceptional === true) return 'reset';
    // A handler that has said good-bye has ended the stream itself.
    return socket?.hasEnded === true && this.handler?.hasLeft !== true ? 'peer-closed' : 'finished';
  }

  #watch(deadlines: DeadlineOptions, socket: Socket | null, extras: DeadlinesExtras): Deadlines {
    const { clock } = this.server.options;
    return new Deadlines(deadlines, clock, socket, (deadline, ms) => this.#expire(deadline, ms), extras);
  }

  #expire(deadline: DeadlineName, ms: number): void {
    const error = new DeadlineError(deadline, ms, this.clientAddress);
    this.cut(`deadline:${deadline}`, error);
    if (this.remote === null && ABANDONS.includes(deadline)) setImmediate(() => this.#abandon?.(error));
  }
}

function packetLength(request: object): number {
  return Array.isArray(request) && Buffer.isBuffer(request[0]) ? request[0].length : 0;
}

/** Whether a handler that was cut has stumbled over that. A datagram's finds the server's socket closed. */
function isEcho(error: unknown, cut: unknown): boolean {
  // What it was told has not reached a worker that was ended meanwhile.
  if (error instanceof WorkerDiedError) return true;
  if (error === cut || (error instanceof Error && error.cause === cut)) return true;
  return error instanceof SocketStateError && error.code === 'EBADF';
}
