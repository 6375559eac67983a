/**
 * How a server takes requests: the loop's one turn, and the ways to take no more for a while.
 *
 * ```
 *   serveTurn() ─▶ waitForRequest() ─▶ getRequest() ─▶ verifyRequest() ─▶ processRequest() …     request-processor.ts
 *        │                                  │ throws
 *        ▼                                  ▼
 *   serviceActions()         a socket's error: the next request; any other one ends the loop
 * ```
 *
 * Source: `Lib/socketserver.py`, `BaseServer.serve_forever`, `BaseServer._handle_request_noblock`.
 */
import { type Address, ConnectionError, SocketError } from '@socketserver/socket';

import { ServerStateError } from './errors';
import type { RequestHandlerClass } from './handler-factory';
import { Intake } from './intake';
import { type MaybePromise, isPromise } from './maybe-promise';
import { RequestProcessor } from './request-processor';
import type { ServerOptions } from './server-options';
import type { ServerSocket } from './server-types';

/** The part of a server that takes requests. `BaseServer` adds its life: binding, serving, draining, closing. */
export abstract class RequestTaker<R extends object = object> extends RequestProcessor<R> {
  /** The socket that requests come from. Set by `serverBind()`. */
  socket!: ServerSocket;

  /** @internal */
  protected readonly intake: Intake;
  /** `serverClose()` was called. */
  protected isClosed = false;

  /** Only stores its arguments. `listen()` makes a server that is ready to serve. */
  constructor(serverAddress: Address, RequestHandlerClass: RequestHandlerClass<R>, options: ServerOptions = {}) {
    super(serverAddress, RequestHandlerClass, options);
    this.intake = new Intake(this, this.admission, this.options.clock, (error) => this.report(error));
  }

  // For the caller

  /**
   * Takes no more requests until {@link resume}. Those that run go on; new clients wait in the kernel's backlog, and
   * datagrams in the socket's queue. Idempotent.
   */
  suspend(): void {
    this.intake.suspend();
  }

  /** Takes requests again. Idempotent. */
  resume(): void {
    this.intake.resume();
  }

  /** Whether {@link suspend} was called. */
  get isSuspended(): boolean {
    return this.intake.isSuspended;
  }

  // Hooks

  /** The next request and where it comes from. Called when one is there. May be overridden. */
  abstract getRequest(): MaybePromise<readonly [request: R, clientAddress: Address]>;

  /** Called in each turn of `serveForever()`, so at least every `pollInterval`. May be overridden. */
  serviceActions(): MaybePromise<void> {}

  // For derived classes

  /** Whether the loop is to end. */
  protected abstract get isShuttingDown(): boolean;

  /** Called when serving begins. May be extended: call `super.startAccepting()`. */
  protected startAccepting(): void {
    if (this.concurrent) this.intake.open();
  }

  /** Called when draining begins. May be extended: call `super.stopAccepting()`. */
  protected stopAccepting(): MaybePromise<void> {
    this.intake.close();
  }

  /** One turn of the loop. May be overridden. */
  protected async serveTurn(pollInterval: number): Promise<void> {
    await this.waitForRequest(pollInterval);
    if (this.isShuttingDown) return;
    const taken = this.takeRequests();
    if (isPromise(taken)) await taken;
    const acted = this.serviceActions();
    if (isPromise(acted)) await acted;
  }

  /**
   * Takes what is there: one request, or all if they are served beside each other and none has to be waited for. False
   * when there is none.
   */
  protected takeRequests(): MaybePromise<boolean> {
    let hasTaken = false;
    // No promise where a hook gave none: turns are many.
    while (this.hasRequest && !this.isShuttingDown) {
      hasTaken = true;
      const handled = this.handleRequestNoblock();
      // The others have the next turn: while requests keep coming, this one would not end.
      if (handled !== undefined) return handled.then(() => true);
      if (!this.concurrent) break;
    }
    return hasTaken;
  }

  /** Whether a request is there and may be taken. */
  protected get hasRequest(): boolean {
    return this.intake.isReady;
  }

  /** Sleeps until a request is there, `wake()` is called, or `ms` milliseconds are over. */
  protected waitForRequest(ms: number | null): Promise<void> {
    return this.intake.wait(ms);
  }

  /** Like {@link waitForRequest}, and on to the end of that round of the event loop. For strategies that take turns. */
  protected waitForRound(ms: number | null): Promise<void> {
    return this.intake.waitForRound(ms);
  }

  protected override roomChanged(): void {
    this.intake.adjust();
  }

  /** Ends the sleep of {@link waitForRequest}. */
  protected wake(): void {
    this.intake.wake();
  }

  /** Takes one request that is there, and processes it. Source: `BaseServer._handle_request_noblock`. */
  protected handleRequestNoblock(): MaybePromise<void> {
    if (this.socket.isClosed && !this.isShuttingDown) this.checkOpen('serveForever');
    let taken: MaybePromise<readonly [R, Address]>;
    try {
      taken = this.getRequest();
    } catch (error) {
      return this.#notTaken(error);
    }
    return isPromise(taken) ? this.#handleLater(taken) : this.handleTaken(...taken);
  }

  async #handleLater(taken: Promise<readonly [R, Address]>): Promise<void> {
    const { signal } = this;
    let request: R;
    let clientAddress: Address;
    try {
      [request, clientAddress] = await taken;
    } catch (error) {
      // By then another loop may wait where this one would.
      if (!(signal.aborted && error instanceof SocketError)) await this.#notTaken(error);
      return;
    }
    // Not if the server was shut down while a getRequest() of someone's own was on its way.
    await (signal.aborted ? this.endRequest(request) : this.handleTaken(request, clientAddress));
  }

  /**
   * A peer that has gone before it was served is nothing to report. Anything else may last, so that the loop waits a
   * little: the socket can go on being readable, and everything else has to have its turn.
   */
  async #notTaken(error: unknown): Promise<void> {
    if (!(error instanceof SocketError)) throw error;
    if (this.socket.isClosed && !this.isShuttingDown) this.checkOpen('serveForever');
    if (error instanceof ConnectionError) {
      await new Promise(setImmediate);
      return;
    }
    this.report(error);
    await this.intake.pause();
  }

  /** @throws {ServerStateError} when the server is closed or not bound */
  protected checkOpen(operation: string): void {
    if (this.isClosed || (this.socket as ServerSocket | undefined)?.isClosed === true) {
      throw new ServerStateError(`${operation}: this server is closed; make a new one with listen()`);
    }
    if ((this.socket as ServerSocket | undefined) === undefined) {
      throw new ServerStateError(`${operation}: this server is not bound; use listen(), or call serverBind() first`);
    }
  }
}
