/**
 * A server from binding to closing. How it takes requests is in `request-taker.ts`, what happens to one of them in
 * `request-processor.ts`.
 *
 * ```
 *   serveForever() ─▶ getRequest ─▶ verifyRequest ─▶ processRequest ─▶ finishRequest ─▶ handler.run()
 *                                        │ no             │                  │ throws
 *                                        ▼                ▼                  ▼
 *                                  shutdownRequest   shutdownRequest   handleError ─▶ shutdownRequest ─▶ closeRequest
 * ```
 *
 * Methods for the caller: `listen()`, `serve()`, `serveForever()`, `handleRequest()`, `suspend()`, `resume()`,
 * `shutdown()`, `abort()`, `serverClose()`, `fileno()`.
 *
 * Methods that may be overridden: `serverBind()`, `serverActivate()`, `getRequest()`, `verifyRequest()`,
 * `processRequest()`, `finishRequest()`, `shutdownRequest()`, `closeRequest()`, `serviceActions()`, `handleTimeout()`,
 * `handleError()`.
 *
 * Methods for derived classes: `serveTurn()`, `handleRequestNoblock()`, `endRequest()`.
 *
 * Hooks may be synchronous or return a promise. Times are milliseconds.
 *
 * Source: `Lib/socketserver.py`, `BaseServer`.
 */
import type { Address } from '@socketserver/socket';

import type { Connection } from './connection';
import { ServerStateError, ShutdownError } from './errors';
import { publish } from './events';
import type { RequestHandlerClass } from './handler-factory';
import { type MaybePromise, isPromise } from './maybe-promise';
import { RequestTaker } from './request-taker';
import { type ServerOptions, checkNames, checkObject, checkSpan } from './server-options';
import { serveUntilSignal } from './serve-until-signal';
import type { RequestOf, ServeOptions, ServerConstructor, ServerSocket } from './server-types';
import type { ShutdownReport } from './server-view';
import { refusesServers } from './workers/loading';

/**
 * What all servers have in common, whatever carries their requests. A transport adds `serverBind()` and `getRequest()`.
 *
 * Hooks may be synchronous or return a promise.
 */
export abstract class BaseServer<R extends object = object> extends RequestTaker<R> {
  /** Milliseconds that `handleRequest()` waits; `null`: without end. `serveForever()` ignores it. @default null */
  timeout: number | null = null;

  #controller = new AbortController();
  #isServing = false;
  #isHandling = false;
  #hasServed = false;
  #wantsShutdown = false;
  #leave: (() => void) | null = null;

  /** Aborted when the server begins to drain; its reason is a `ShutdownError`. */
  override get signal(): AbortSignal {
    return this.#controller.signal;
  }

  // For the caller

  /**
   * A server that is bound and takes requests as soon as it serves.
   *
   * @throws {AddressInUseError} when the port is taken; nothing stays open after any error
   */
  static async listen<S extends BaseServer>(
    this: ServerConstructor<S>,
    address: Address,
    handler: RequestHandlerClass<RequestOf<S>>,
    options?: ServerOptions,
  ): Promise<S> {
    // Who waits for it is in a worker that is about to fail.
    if (refusesServers(this.name)) return new Promise(() => undefined);
    const server = new this(address, handler as never, options);
    try {
      await server.serverBind();
      await server.serverActivate();
    } catch (error) {
      await server.serverClose();
      throw error;
    }
    return server;
  }

  /**
   * Listens and serves until SIGINT or SIGTERM, then drains; a second signal cuts what still runs.
   *
   * @throws {AddressInUseError} when the port is taken; nothing stays open after any error
   */
  static async serve<S extends BaseServer>(
    this: ServerConstructor<S> & Pick<typeof BaseServer, 'listen'>,
    address: Address,
    handler: RequestHandlerClass<RequestOf<S>>,
    options?: ServerOptions & ServeOptions,
  ): Promise<ShutdownReport> {
    const { pollInterval, signal, ...own } = options ?? {};
    const server = (await this.listen(address, handler, own)) as BaseServer;
    return serveUntilSignal(server, { pollInterval, signal });
  }

  /** Takes the address. Called by `listen()`. May be overridden. */
  abstract serverBind(): MaybePromise<void>;

  /** Gets ready to take requests. Called by `listen()`. May be extended: call `super.serverActivate()`. */
  serverActivate(): MaybePromise<void> {
    const { handlers } = this;
    // A finishRequest() of someone's own may make handlers in any way, of anything.
    if (this.finishRequest === BaseServer.prototype.finishRequest) handlers.check();
    this.overflowHandlers?.check();
  }

  /**
   * Handles requests until `shutdown()`, and resolves when the server is drained, with the report of that.
   *
   * @throws {ServerStateError} when the server is closed, not bound, or serving already
   */
  async serveForever(options: ServeOptions = {}): Promise<ShutdownReport> {
    checkObject('options', options);
    checkNames('', options, ['pollInterval', 'signal']);
    const { pollInterval = 500, signal } = options;
    checkSpan('pollInterval', pollInterval, 0);
    this.#beginServing('serveForever');
    this.#isServing = this.#hasServed = true;
    const onAbort = (): void => void this.shutdown();
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    if (publish.serverStart.hasSubscribers) {
      publish.serverStart.publish({ server: this, address: this.serverAddress });
    }
    let report: ShutdownReport;
    try {
      if (!this.#wantsShutdown) this.startAccepting();
      await this.#untilCut(this.#takeTurns(pollInterval));
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#beginDrain();
      report = await this.connections.drained();
      this.intake.stop();
      this.#isServing = false;
      this.#endDrain();
      if (publish.serverStop.hasSubscribers) publish.serverStop.publish({ server: this, report });
    }
    return report;
  }

  /**
   * Handles one request, or calls `handleTimeout()` when none came within `timeout` milliseconds.
   *
   * @returns what `handleTimeout()` returned, if that was called
   * @throws {ServerStateError} when the server is closed, not bound, or serving already
   */
  async handleRequest(): Promise<unknown> {
    this.#beginServing('handleRequest');
    this.#isHandling = true;
    try {
      if (!(await this.#requestInTime())) return await this.handleTimeout();
      await this.#untilCut(Promise.resolve(this.handleRequestNoblock()));
      return undefined;
    } finally {
      this.intake.stop();
      this.#isHandling = false;
    }
  }

  /**
   * Stops taking requests, lets those that run finish, and cuts them after `options.drainTimeout` milliseconds.
   *
   * Idempotent; wakes the loop at once; may be called before `serveForever()`, which then returns at once. A handler
   * may await `this.server.shutdown()`: it is not waited for. The listening socket stays bound: see `serverClose()`.
   */
  override shutdown(): Promise<ShutdownReport> {
    return this.#shutdown(this.connections.calling);
  }

  /** @internal The same for a handler in a worker. @param caller the number of its request, which is not waited for */
  protected shutdownFor(caller: number | null): Promise<ShutdownReport> {
    return this.#shutdown(caller === null ? null : this.connections.find(caller));
  }

  #shutdown(caller: Connection | null): Promise<ShutdownReport> {
    if (!this.#isServing && this.connections.size === 0) {
      // Before the first serveForever() it is remembered, as in Python; after the last one there is nothing to stop.
      this.#wantsShutdown = !this.#hasServed;
      return Promise.resolve({ durationMs: 0, finished: 0, cut: [] });
    }
    this.#beginDrain();
    return this.connections.drained(caller);
  }

  /** Cuts every request now. `shutdown()`, or the `serveForever()` that runs, resolves with the next turn. */
  abort(): void {
    if (!this.#isServing && this.connections.size === 0) return;
    this.#beginDrain();
    this.connections.cutAll();
  }

  /** Closes the listening socket, so that new clients are refused at once, and then shuts down. Idempotent. */
  async serverClose(): Promise<void> {
    this.isClosed = true;
    // Not bound yet, when binding failed or was never tried.
    const socket = this.socket as ServerSocket | undefined;
    if (!this.answersBySocket) socket?.close();
    await this.shutdown();
    // A handler that waits for this has still to answer.
    if (this.answersBySocket && this.connections.size > 0) void this.connections.drained().then(() => socket?.close());
    else socket?.close();
  }

  /** The descriptor of the socket; -1 when closed. */
  fileno(): number {
    return (this.socket as ServerSocket | undefined)?.fileno() ?? -1;
  }

  /** Closes, drains and waits. Differs from Python's `with`, which leaves a running loop alone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.serverClose();
  }

  // Hooks

  /** Called by `handleRequest()` when nothing came in time; what it returns is passed on. May be overridden. */
  handleTimeout(): unknown {
    return undefined;
  }

  // For derived classes

  /** Whether answers leave by the server's own socket: then it closes after the requests. */
  protected get answersBySocket(): boolean {
    return false;
  }

  /** Whether connections are served in another thread or process: then they are not read in this one. */
  protected get handsOver(): boolean {
    return false;
  }

  /** Called when serving begins, also that of one request. May be overridden. */
  protected servingBegins(): void {}

  /** Whether the loop is to end. */
  protected override get isShuttingDown(): boolean {
    // Also for a turn that was left behind in the middle, until the server serves again.
    return this.#wantsShutdown || this.#controller.signal.aborted;
  }

  #beginDrain(): void {
    if (this.connections.isDraining) return;
    this.#wantsShutdown = true;
    const stopped = this.stopAccepting();
    this.#controller.abort(new ShutdownError(this.options.drainTimeout));
    this.connections.beginDrain(isPromise(stopped) ? stopped : null);
    this.wake();
    void this.connections.drained().then(() => {
      this.#leave?.();
      // serveForever() leaves its loop first, and then ends the drain itself.
      if (!this.#isServing) this.#endDrain();
    });
  }

  #endDrain(): void {
    this.connections.endDrain();
    this.#wantsShutdown = false;
  }

  /** Throws when the server cannot serve now; gives it a new signal when the last one was used. */
  #beginServing(operation: string): void {
    this.checkOpen(operation);
    if (this.#isServing || this.#isHandling) throw new ServerStateError(`${operation}: this server is serving already`);
    if (this.#controller.signal.aborted) this.#controller = new AbortController();
    this.servingBegins();
  }

  /** Waits until a request is there; false when that takes longer than the timeouts of the server and its socket. */
  async #requestInTime(): Promise<boolean> {
    const timeout = Math.min(this.timeout ?? Infinity, this.socket.gettimeout?.() ?? Infinity);
    if (timeout === 0) await this.intake.look();
    const { clock } = this.options;
    const due = clock.now() + timeout;
    while (!this.hasRequest) {
      const left = due - clock.now();
      if (left <= 0) return false;
      await this.waitForRequest(left === Infinity ? null : left);
      this.checkOpen('handleRequest');
    }
    return true;
  }

  async #takeTurns(pollInterval: number): Promise<void> {
    // Turns that were left behind in the middle of one do not go on when the server serves again.
    const { signal } = this.#controller;
    while (!this.#wantsShutdown && !signal.aborted) await this.serveTurn(pollInterval);
  }

  /** Waits for what serves, but not for a handler or a hook that does not end when it is cut. */
  #untilCut(serving: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#leave = resolve;
      serving.then(resolve, reject);
    });
  }
}
