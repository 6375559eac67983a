/**
 * What happens to one request, hook by hook.
 *
 * ```
 *   verifyRequest ─▶ processRequest ─▶ finishRequest ─▶ handler.run()
 *        │ no             │                  │ throws
 *        ▼                ▼                  ▼
 *   shutdownRequest  shutdownRequest   handleError ─▶ shutdownRequest ─▶ closeRequest
 * ```
 *
 * No promise is made where a hook gave none: accepting would cost half as much again.
 *
 * Source: `Lib/socketserver.py`, `BaseServer`.
 */
import { type Address, Socket } from '@socketserver/socket';

import { Admission } from './admission';
import type { BaseRequestHandler } from './base-request-handler';
import { reasonOf } from './close-reason';
import type { Connection, RemoteRequest, WorkListener } from './connection';
import { Connections } from './connections';
import { FatalError, HandlerError } from './errors';
import { errorBanner } from './error-banner';
import { publish } from './events';
import { HandlerFactory, type RequestHandlerClass } from './handler-factory';
import { type MaybePromise, isPromise } from './maybe-promise';
import { type DeadlineOptions, type ResolvedOptions, type ServerOptions, resolveOptions } from './server-options';
import type { ServerView, ShutdownReport } from './server-view';

/** Milliseconds in which a client beyond the limit is told so. */
const OVERFLOW_LIFETIME = 5000;

/** The part of a server that knows what to do with a request. `BaseServer` adds the loop that takes them. */
export abstract class RequestProcessor<R extends object = object> implements ServerView {
  /** Where it serves. After `serverBind()` with the real port. */
  serverAddress: Address;
  /** What `finishRequest()` makes a handler of, for each request: a class, or a token that a container knows. */
  readonly RequestHandlerClass: RequestHandlerClass<R>;
  /** What it was given, checked and with the defaults; frozen. */
  readonly options: ResolvedOptions;
  /** Whether requests run beside each other. Strategies that do so say `true`. */
  readonly concurrent: boolean = false;

  /** @internal */
  protected readonly connections = new Connections(this, (connection) => this.#left(connection));
  /** @internal */
  protected readonly admission: Admission;
  /** @internal Hears when a handler goes on, and when it waits for its peer or is over: only where deadlines are set. */
  protected readonly onWork: WorkListener | null = null;
  #factory: HandlerFactory | null = null;
  #overflowFactory: HandlerFactory | null = null;

  constructor(serverAddress: Address, RequestHandlerClass: RequestHandlerClass<R>, options: ServerOptions) {
    this.serverAddress = serverAddress;
    this.RequestHandlerClass = RequestHandlerClass;
    this.options = resolveOptions(options);
    this.admission = new Admission(this.options, this.defaultMaxConnections);
  }

  abstract readonly signal: AbortSignal;

  abstract shutdown(): Promise<ShutdownReport>;

  /** The server's scope: where handlers and their services are resolved. */
  get container(): HandlerFactory['container'] {
    return this.handlers.container;
  }

  /** How many requests run, with those that are only told that there are too many. */
  get activeConnections(): number {
    return this.connections.size;
  }

  /** What `maxConnections` is when the options do not say. May be overridden. */
  protected get defaultMaxConnections(): number {
    return Infinity;
  }

  /** @internal The deadlines that run in this process. */
  protected get deadlinesHere(): DeadlineOptions {
    return this.options.deadlines;
  }

  /** @internal Made at the first use: when the server is activated, as a rule. */
  protected get handlers(): HandlerFactory {
    return (this.#factory ??= new HandlerFactory(this.RequestHandlerClass as never, this, this.options));
  }

  /** @internal Makes the handlers for clients that are too many; `null` when the policy is another one. */
  protected get overflowHandlers(): HandlerFactory | null {
    const { overflow, container } = this.options;
    if (typeof overflow === 'string') return null;
    // The shared services belong to the handlers proper, and are found in their container.
    return (this.#overflowFactory ??= new HandlerFactory(overflow as never, this, {
      ...this.options,
      shared: undefined,
      container: this.#factory?.container ?? container,
    }));
  }

  /** Whether to serve the request. May be overridden. */
  verifyRequest(_request: R, _clientAddress: Address): MaybePromise<boolean> {
    return true;
  }

  /** Serves one request to its end, or sees to it that it is. Overridden by the strategies. */
  processRequest(request: R, clientAddress: Address): MaybePromise<void> {
    return this.#processInTurn(request, clientAddress);
  }

  /** Makes the handler and runs it: the one place where handlers are made. May be overridden. */
  finishRequest(request: R, clientAddress: Address): MaybePromise<unknown> {
    return this.#run(this.handlers, request, clientAddress);
  }

  /** Ends a request. Called when it is done, refused, or has failed. May be extended: call `closeRequest()`. */
  shutdownRequest(request: R): MaybePromise<void> {
    return this.closeRequest(request);
  }

  /** Frees what a request holds. Called by `shutdownRequest()`. May be extended: call `super.closeRequest()`. */
  closeRequest(request: R): MaybePromise<void> {
    this.connections.stop(request);
  }

  /**
   * Called when a handler threw. By default it prints Python's banner on standard error, except for a peer that just
   * went away. May be overridden.
   */
  handleError(error: unknown, _request: R, clientAddress: Address): MaybePromise<void> {
    if (reasonOf(error) !== 'reset') process.stderr.write(errorBanner(error, clientAddress));
  }

  /** Serves a request that was taken, or turns it away. Called by `handleRequestNoblock()`. */
  protected handleTaken(request: R, clientAddress: Address): MaybePromise<void> {
    const connection = this.connections.start(request, clientAddress);
    this.admission.admit(connection);
    this.roomChanged();
    if (connection.standing !== 'admitted') return this.#turnAway(connection, request);
    connection.watchDeadlines(this.deadlinesHere, this.onWork);
    try {
      const verified = this.verifyRequest(request, clientAddress);
      const processed = isPromise(verified)
        ? connection.untilAbandoned(verified).then((isVerified) => this.#serve(connection, request, isVerified))
        : this.#serve(connection, request, verified);
      if (!isPromise(processed)) return undefined;
      return processed.catch((error: unknown) => this.failRequest(error, request, clientAddress));
    } catch (error) {
      return this.failRequest(error, request, clientAddress);
    }
  }

  /** @internal Counts a connection that a child has accepted by itself, and hears of its end. @returns its number */
  protected acceptedElsewhere(
    request: R,
    clientAddress: Address,
    remote: RemoteRequest & { readonly finished: Promise<void> },
  ): number {
    const connection = this.connections.start(request, clientAddress);
    connection.standing = 'elsewhere';
    connection.watchDeadlines(this.deadlinesHere);
    connection.handOver(remote);
    const end = (): void => this.connections.stop(request);
    const fail = (error: unknown): MaybePromise<void> => this.requestFailed(error, request, clientAddress);
    void remote.finished.catch(fail).then(end);
    return connection.id;
  }

  /** Tells of an error of a request, and ends it. Called when one has failed. */
  protected failRequest(error: unknown, request: R, clientAddress: Address): MaybePromise<void> {
    const told = this.requestFailed(error, request, clientAddress);
    return isPromise(told) ? told.then(() => this.endRequest(request)) : this.endRequest(request);
  }

  /** Tells `handleError()`. A `FatalError` passes it by: the request is ended, and the error goes on. */
  protected requestFailed(error: unknown, request: R, clientAddress: Address): MaybePromise<void> {
    const connection = this.connections.get(request);
    if (connection?.fail(error) === false) return;
    if (publish.requestError.hasSubscribers) {
      publish.requestError.publish({ server: this, id: connection?.id ?? 0, clientAddress, error });
    }
    if (error instanceof FatalError) return this.#fatal(error, request);
    try {
      const handled = this.handleError(error, request, clientAddress);
      return isPromise(handled) ? handled.catch((failure: unknown) => this.report(failure)) : undefined;
    } catch (failure) {
      this.report(failure);
    }
  }

  /** Calls `shutdownRequest()` and forgets the request, whatever that does. Called when a request is over. */
  protected endRequest(request: R): MaybePromise<void> {
    try {
      const ended = this.shutdownRequest(request);
      if (isPromise(ended)) {
        return ended
          .catch((error: unknown) => this.#notEnded(error, request))
          .then(() => this.connections.stop(request));
      }
    } catch (error) {
      this.#notEnded(error, request);
    }
    this.connections.stop(request);
  }

  /** What `finishRequest()` gives; an error when a deadline is over and it does not end. Called by the strategies. */
  protected finishInTime(request: R, clientAddress: Address): MaybePromise<unknown> {
    const finished = this.finishRequest(request, clientAddress);
    return isPromise(finished) ? (this.connections.get(request)?.untilAbandoned(finished) ?? finished) : finished;
  }

  /** @internal A handler begins: see `BaseRequestHandler.run()`. */
  runs(handler: BaseRequestHandler<never>): void {
    const request = handler.request as object | undefined;
    const connection = request === undefined ? undefined : this.connections.get(request);
    if (connection === undefined) return;
    connection.handler = handler;
    if (this.connections.isDraining) connection.drain();
  }

  /** A hook has failed, perhaps before it has closed the connection: nobody else would. */
  #notEnded(error: unknown, request: R): void {
    this.report(error);
    if (request instanceof Socket) request.close();
  }

  /** @internal A handler turned to its server: see `BaseRequestHandler.server`. */
  calledBy(handler: object): void {
    this.connections.calledBy(handler);
  }

  /** @throws {HandlerError} when one of the server's handlers is made for requests of another kind */
  protected refuseHandlers(kind: abstract new (...args: never[]) => unknown, why: string): void {
    for (const handler of [this.RequestHandlerClass, this.options.overflow]) {
      if (typeof handler !== 'function' || (handler !== kind && !(handler.prototype instanceof kind))) continue;
      throw new HandlerError(`${handler.name} ${why}`);
    }
  }

  /** @internal Called once for each request, when it has ended. */
  protected connectionEnded(_connection: Connection): void {}

  /** Called when a request has come or gone. May be extended: call `super.roomChanged()`. */
  protected roomChanged(): void {}

  /** Tells of an error that no request is to blame for, or nobody else will hear of. */
  protected report(error: unknown): void {
    if (publish.serverError.hasSubscribers) publish.serverError.publish({ server: this, error });
  }

  /** Beside others it ends only its own request, as in one of Python's threads; alone it ends the loop. */
  async #fatal(error: FatalError, request: R): Promise<void> {
    if (this.concurrent) {
      this.report(error);
      return;
    }
    await this.endRequest(request);
    throw error;
  }

  /** Lets it be processed if it was verified. */
  #serve(connection: Connection, request: R, isVerified: boolean): MaybePromise<void> {
    // It may have been cut, and have ended, while it was verified.
    if (isVerified && connection.index !== -1) {
      connection.begin();
      return this.processRequest(request, connection.clientAddress);
    }
    connection.end('refused');
    return this.endRequest(request);
  }

  #run(factory: HandlerFactory, request: R, clientAddress: Address): Promise<unknown> {
    const { handler, dispose } = factory.make(request, clientAddress);
    handler.request = request as never;
    handler.clientAddress = clientAddress;
    handler.server = this;
    return dispose === null ? handler.run() : handler.run().finally(dispose);
  }

  /** Ends a request that is not served: at once, or when the overflow handler has told it why. */
  #turnAway(connection: Connection, request: R): MaybePromise<void> {
    const factory = connection.standing === 'overflow' ? this.overflowHandlers : null;
    connection.end(connection.standing === 'refused' ? 'refused' : 'limit');
    if (factory === null) return this.endRequest(request);
    const lifetime = Math.min(this.options.deadlines.lifetime ?? Infinity, OVERFLOW_LIFETIME);
    connection.watchDeadlines({ ...this.options.deadlines, lifetime });
    connection.begin();
    // Nobody waits for it: the loop goes on.
    void this.#tellOverflow(factory, connection, request);
  }

  async #tellOverflow(factory: HandlerFactory, connection: Connection, request: R): Promise<void> {
    try {
      await connection.untilAbandoned(this.#run(factory, request, connection.clientAddress));
    } catch (error) {
      return this.failRequest(error, request, connection.clientAddress);
    }
    return this.endRequest(request);
  }

  #left(connection: Connection): void {
    this.admission.leave(connection);
    this.connectionEnded(connection);
    this.roomChanged();
  }

  async #processInTurn(request: R, clientAddress: Address): Promise<void> {
    await this.finishInTime(request, clientAddress);
    await this.endRequest(request);
  }
}
