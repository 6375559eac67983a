import { type Address, Socket } from '@socketserver/socket';

import type { BaseRequestHandler } from './base-request-handler';
import { type CloseReason, type DeadlineName, reasonOf } from './close-reason';
import { Deadlines } from './deadlines';
import { DeadlineError, ShutdownError } from './errors';
import { publish } from './events';
import { MessageHandler } from './message-handler';
import { NO_DEADLINES, type ResolvedOptions } from './server-options';
import type { ServerView } from './server-view';

/** What a server remembers of a request from the moment it came to its one end. */
export class Connection {
  readonly startedAt: number;
  /** Its place among those that run; -1 when it has ended. Kept by `Connections`. */
  index = -1;
  /** The handler, once it is made. */
  handler: BaseRequestHandler<never> | null = null;
  #reason: CloseReason | null = null;
  #error: unknown;
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

  /** Lets the deadlines of the options run, if it has any and the request is a socket. */
  watchDeadlines(): void {
    const { deadlines, clock } = this.server.options;
    if (deadlines === NO_DEADLINES || !(this.request instanceof Socket)) return;
    this.#deadlines = new Deadlines(deadlines, clock, this.request, (deadline, ms) => this.#expire(deadline, ms));
    this.request.observer = this.#deadlines;
  }

  /** What a handler gives that runs; an error when it is at work beyond its deadline and does not end when it is cut. */
  untilAbandoned<T>(running: Promise<T>): Promise<T> {
    if (this.#deadlines === null || this.server.options.deadlines.handler === undefined) return running;
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
    if (this.#error !== undefined && (error === this.#error || isCausedBy(error, this.#error))) return false;
    this.end(reasonOf(error), error);
    return true;
  }

  /** Tells the handler that the server drains. If its good-bye fails, whoever waits on its socket gets that error. */
  drain(): void {
    this.handler?.drain().catch((error: Error) => {
      if (this.request instanceof Socket) this.request.abort(error);
    });
  }

  /** Ends it now: whoever waits on its socket gets `error`. */
  cut(reason: CloseReason, error: DeadlineError | ShutdownError): void {
    this.end(reason, error);
    if (this.request instanceof Socket) this.request.abort(error);
  }

  /** Tells that it has ended. Called once. */
  stop(): void {
    this.#deadlines?.end();
    if (!publish.connectionStop.hasSubscribers) return;
    const { server, id, clientAddress, request } = this;
    const socket = request instanceof Socket ? request : null;
    const protocolError = this.handler instanceof MessageHandler ? this.handler.protocolError : null;
    if (protocolError !== null) this.end('protocol-error', protocolError);
    publish.connectionStop.publish({
      server,
      id,
      clientAddress,
      reason: this.#reason ?? this.#quietReason(socket),
      error: this.#error,
      durationMs: server.options.clock.now() - this.startedAt,
      bytesRead: socket?.bytesRead ?? 0,
      bytesWritten: socket?.bytesWritten ?? 0,
    });
  }

  /** Why it ended, when nobody has said anything. */
  #quietReason(socket: Socket | null): CloseReason {
    if (socket?.exceptional === true) return 'reset';
    // A handler that has said good-bye has ended the stream itself.
    return socket?.hasEnded === true && this.handler?.hasLeft !== true ? 'peer-closed' : 'finished';
  }

  #expire(deadline: DeadlineName, ms: number): void {
    const error = new DeadlineError(deadline, ms, this.clientAddress);
    this.cut(`deadline:${deadline}`, error);
    // It waits for something other than its socket, perhaps for ever: then nobody waits for it.
    if (deadline === 'handler') setImmediate(() => this.#abandon?.(error));
  }
}

function isCausedBy(error: unknown, cause: unknown): boolean {
  return error instanceof Error && error.cause === cause;
}
