import type { Address, Socket } from '@socketserver/socket';

import type { CloseReason } from '../close-reason';
import type { Connection, ConnectionEnd, WorkListener } from '../connection';
import { type Request, isDatagram } from '../datagram-request';
import { type DeadlineError, FatalError, ShutdownError } from '../errors';
import type { RequestHandlerClass } from '../handler-factory';
import { type MaybePromise, isPromise } from '../maybe-promise';
import { RequestProcessor } from '../request-processor';
import type { ServerOptions } from '../server-options';
import type { ShutdownReport } from '../server-view';
import { endStream } from '../tcp-server';
import type { AcceptingTask } from './messages';
import { NumberTable } from './number-table';
import { OwnIntake } from './own-intake';
import type { WorkLog } from './work-log';

/** Where a request keeps its number, and whether its handler has failed. */
const served = Symbol('served');
type Served = { [served]?: { readonly id: number; hasFailed: boolean } };

/** What a worker's server tells the one that it works for. Requests go by the numbers that they have there. */
export interface WorkerListener {
  /** A request is over. @param isFailure an error ended it that `handleError()` has to hear of */
  ended(id: number, end: ConnectionEnd, isFailure: boolean): void;
  /** A handler has called `this.server.shutdown()`. @param caller its request */
  shutdown(caller: number | null): Promise<ShutdownReport>;
  /** A connection was accepted here. */
  accepted(id: number, clientAddress: Address): void;
  /** Something failed that no request is to blame for. */
  trouble(error: unknown): void;
}

/**
 * What there is of a server in a worker: it is given connections and datagrams that came in elsewhere, or accepts by
 * itself, makes their handlers and runs them as tasks beside each other. Handlers know it as `this.server`.
 */
export class WorkerServer extends RequestProcessor<Request> {
  override readonly concurrent = true;

  readonly #listener: WorkerListener;
  #controller = new AbortController();
  readonly #requests = new NumberTable<Request>();
  #intake: OwnIntake | null = null;
  /** The number of the connection that was accepted here last. */
  #lastId = 0;
  protected override readonly onWork: WorkListener | null;

  /** @param workLog where to note whose handler is at work @throws {HandlerError} when the handler cannot be made */
  constructor(
    address: Address,
    handler: RequestHandlerClass<Request>,
    options: ServerOptions,
    listener: WorkerListener,
    workLog: WorkLog | null,
  ) {
    super(address, handler, options);
    this.#listener = listener;
    this.onWork = workLog === null ? null : (connection, isWorking) => this.#worked(workLog, connection, isWorking);
    this.handlers.check();
  }

  override get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Stops the whole server, wherever it runs. */
  override shutdown(): Promise<ShutdownReport> {
    const caller = this.connections.calling?.request;
    return this.#listener.shutdown((caller && (caller as Served)[served]?.id) ?? null);
  }

  /** Accepts by itself, as soon as the server serves. @throws {SocketError} when the descriptor is of no use */
  async acceptAlone(task: AcceptingTask): Promise<void> {
    this.#intake = await OwnIntake.create(this.serverAddress, task, this);
  }

  /** Serves a connection that was accepted here. */
  accepted(connection: Socket, clientAddress: Address): void {
    const id = ++this.#lastId;
    this.#listener.accepted(id, clientAddress);
    this.take(id, connection, clientAddress);
  }

  /** Hears of something that no request is to blame for. */
  trouble(error: unknown): void {
    this.report(error);
  }

  /** Serves a connection or a datagram. */
  take(id: number, request: Request, clientAddress: Address): void {
    this.#requests.set(id, request);
    (request as Served)[served] = { id, hasFailed: false };
    const taken = this.handleTaken(request, clientAddress);
    if (isPromise(taken)) void taken.catch((error: unknown) => this.report(error));
  }

  /** Ends a request now, if it still runs. */
  cut(id: number, reason: CloseReason, error: DeadlineError | ShutdownError): void {
    const request = this.#requests.get(id);
    const connection = request === undefined ? undefined : this.connections.get(request);
    connection?.cut(reason, error);
    // Nobody waits for a handler that does not end even then: see `Drain.cutAll()`.
    if (request !== undefined) setImmediate(() => void this.endRequest(request));
  }

  /** Tells every handler that the server drains. When its time is over, the server itself cuts who is left. */
  drain(remaining: number): void {
    this.#intake?.close();
    this.#controller.abort(new ShutdownError(remaining));
    this.connections.beginDrain();
  }

  /** Accepts no more, if it does so by itself. */
  suspend(): void {
    this.#intake?.close();
  }

  /** The server serves, perhaps again. */
  serve(): void {
    this.#intake?.open();
    if (!this.#controller.signal.aborted) return;
    this.#controller = new AbortController();
    this.connections.endDrain();
  }

  override processRequest(request: Request, clientAddress: Address): void {
    const end = (): MaybePromise<void> => this.endRequest(request);
    const fail = (error: unknown): MaybePromise<void> => this.failRequest(error, request, clientAddress);
    let finished: Promise<unknown>;
    try {
      finished = Promise.resolve(this.finishInTime(request, clientAddress));
    } catch (error) {
      finished = Promise.reject(error);
    }
    void finished.then(end, fail);
  }

  override shutdownRequest(request: Request): MaybePromise<void> {
    if (!isDatagram(request)) endStream(request);
    return this.closeRequest(request);
  }

  override closeRequest(request: Request): MaybePromise<void> {
    if (!isDatagram(request)) request.close();
    return super.closeRequest(request);
  }

  protected override requestFailed(error: unknown, request: Request, clientAddress: Address): MaybePromise<void> {
    if (!(error instanceof FatalError)) return super.requestFailed(error, request, clientAddress);
    // The server's own process tells of it, and lets it pass `handleError()` by.
    if (this.connections.get(request)?.fail(error) !== false) this.#fails(request);
  }

  /** The hook that people override runs in the server's own process, with this error. */
  override handleError(_error: unknown, request: Request): void {
    this.#fails(request);
  }

  protected override report(error: unknown): void {
    super.report(error);
    this.#listener.trouble(error);
  }

  protected override roomChanged(): void {
    this.#intake?.adjust();
  }

  protected override connectionEnded(connection: Connection): void {
    const { request, outcome } = connection;
    const state = (request as Served)[served];
    if (state === undefined || !this.#requests.delete(state.id)) return;
    this.#listener.ended(state.id, outcome, state.hasFailed);
  }

  #fails(request: Request): void {
    const state = (request as Served)[served];
    if (state !== undefined) state.hasFailed = true;
  }

  #worked(workLog: WorkLog, { request }: Connection, isWorking: boolean): void {
    const id = (request as Served)[served]?.id;
    if (id === undefined || this.#requests.get(id) === undefined) return;
    if (isWorking) workLog.begins(id);
    else workLog.rests(id);
  }
}
