/**
 * What a server and one of its workers say to each other. All of it is plain data: it goes to another thread or process.
 *
 * ```
 *   server                                worker
 *     │◀───────────────────────── started ──│   its handler is loaded, or why not
 *     │── request ────────────────────────▶ │   runs the handler …
 *     │◀─────────────────────────── reply ──│   … answers, if it serves datagrams: the server's socket sends that …
 *     │── replied ────────────────────────▶ │
 *     │── cut ────────────────────────────▶ │   … and is ended
 *     │◀──────────────────────────── ended ─│
 *     │── drain, serve ───────────────────▶ │   all of them
 *     │◀───────────────────────── shutdown ─│   a handler has called this.server.shutdown() …
 *     │── shut ───────────────────────────▶ │   … and that is done
 *     │◀────────────────────── accepted ────│   a child that accepts by itself has taken a connection
 *     │── suspend ────────────────────────▶ │   it is to take no more …
 *     │◀───────────────────── suspended ────│   … and has told of all that it has
 *     │── ping ───────────────────────────▶ │   is it stuck?
 *     │◀────────────────────────── pong ────│
 *     │── end ────────────────────────────▶ │   frees what its container holds, and ends
 * ```
 *
 * Requests that come together go as one message, `batch`, and so do their ends.
 *
 * Calls of shared services use the same channel: see `remote/shared-messages.ts`.
 */
import type { Address, Parcel } from '@socketserver/socket';

import type { CloseReason } from '../close-reason';
import type { RequestHandlerClass } from '../handler-factory';
import type { DependencyContainer } from '../injection';
import type { ServiceDescription } from '../remote/shared-messages';
import type { WireThrown } from '../remote/wire-error';
import type { DeadlineOptions } from '../server-options';
import type { ShutdownReport } from '../server-view';
import type { HandlerReference } from './handler-module';
import type { PacketParcel } from './packet-parcel';
import type { SlateReference } from './slate';
import type { WireReset } from './wire-end';

/** What a worker is started with. */
export interface WorkerTask {
  /** What makes the handler, and what it needs. */
  readonly source: HandlerReference | SetupReference;
  readonly serverAddress: Address;
  /** Those that run in the worker. */
  readonly deadlines: DeadlineOptions;
  /** The server's shared services, in its order. */
  readonly services: readonly ServiceDescription[];
  /** If it is to accept by itself: how. */
  readonly accepting?: AcceptingTask | undefined;
  /** Where it notes whose handler computes, if the server wants to know. */
  readonly slate?: SlateReference | undefined;
}

/** How a child accepts by itself. */
export interface AcceptingTask {
  /** The descriptor of the server's listening socket, which the child has inherited. */
  readonly fd: number;
  /** Connections that wait in the kernel. */
  readonly backlog: number;
  /** Connections that it serves at the same time; the next ones are for others, or wait. */
  readonly atOnce: number;
}

/** A module that prepares a worker: `setupWorker()` of it gives the handler and its container. */
export interface SetupReference {
  /** The absolute path of its file. */
  readonly setup: string;
  /** What it is called with. */
  readonly data: unknown;
}

/** What a file of `workerSetup` exports. */
export interface SetupModule {
  /** Prepares the worker in which it runs. @param tell sends something to whoever has set up the server */
  setupWorker(this: void, data: unknown, tell: (message: object) => void): Promise<WorkerSetup>;
}

/** A worker that is prepared. */
export interface WorkerSetup {
  /** The class, or a token that the container knows. */
  readonly handler: RequestHandlerClass<never>;
  /** Where handlers are resolved. */
  readonly container: DependencyContainer;
}

/** Something for whoever has set up the server. */
export interface ToldMessage {
  readonly type: 'told';
  readonly message: object;
}

/** The handler is loaded, or could not be. */
export interface StartedMessage {
  readonly type: 'started';
  readonly thrown?: WireThrown | undefined;
}

/** A connection or a datagram to serve. */
export interface RequestMessage {
  readonly type: 'request';
  readonly id: number;
  readonly clientAddress: Address;
  /** What the worker adopts it by. */
  readonly parcel: Parcel | PacketParcel;
}

/** A datagram for the server's socket to send. */
export interface ReplyMessage {
  readonly type: 'reply';
  /** Counts up. */
  readonly reply: number;
  readonly data: Uint8Array;
  readonly to: Address;
}

/** That was sent, or why not. */
export interface RepliedMessage {
  readonly type: 'replied';
  readonly reply: number;
  readonly thrown?: WireThrown | undefined;
}

/** One is to be ended now. */
export interface CutMessage {
  readonly type: 'cut';
  readonly id: number;
  readonly reason: CloseReason;
  readonly thrown: WireThrown;
}

/** The worker has heard of that, and is not stuck. */
export interface CutHeardMessage {
  readonly type: 'cut-heard';
  readonly id: number;
}

/** One has ended. */
export interface EndedMessage {
  readonly type: 'ended';
  readonly id: number;
  readonly reason: CloseReason;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The error that has ended it. */
  readonly thrown?: WireThrown | undefined;
  /** Or the peer has reset the connection. */
  readonly reset?: WireReset | undefined;
  /** Whether `handleError()` is to hear of that. */
  readonly isFailure: boolean;
}

/** The server drains: handlers may end by themselves for so many milliseconds. */
export interface DrainMessage {
  readonly type: 'drain';
  readonly remaining: number;
}

/** The server serves, perhaps again. */
export interface ServeMessage {
  readonly type: 'serve';
}

/** A handler wants the server to be shut down. */
export interface ShutdownMessage {
  readonly type: 'shutdown';
  /** The handler's request, which is not waited for; `null`: nobody knows whose wish it is. */
  readonly caller: number | null;
  /** Counts up. */
  readonly wish: number;
}

/** That was done. */
export interface ShutMessage {
  readonly type: 'shut';
  readonly wish: number;
  readonly report: ShutdownReport;
}

/** A child that accepts by itself has taken a connection. */
export interface AcceptedMessage {
  readonly type: 'accepted';
  /** Counts up in each child. */
  readonly id: number;
  readonly clientAddress: Address;
}

/** A child that accepts by itself takes no more, until `serve`. */
export interface SuspendMessage {
  readonly type: 'suspend';
}

/** It does not, and has told of all that it has taken. */
export interface SuspendedMessage {
  readonly type: 'suspended';
}

/** Something failed in a worker that no request is to blame for. */
export interface TroubleMessage {
  readonly type: 'trouble';
  readonly thrown: WireThrown;
}

/** To be answered at once. */
export interface PingMessage {
  readonly type: 'ping';
}

/** It was: nothing in the worker keeps it from hearing. */
export interface PongMessage {
  readonly type: 'pong';
}

/** The worker has nothing to do any more, and ends. */
export interface EndMessage {
  readonly type: 'end';
}

/** Several, in their order. */
export interface BatchMessage<M> {
  readonly type: 'batch';
  readonly messages: readonly M[];
}

/** Everything that goes to a worker, beside the results of calls. */
export type ToWorker =
  | BatchMessage<RequestMessage | RepliedMessage>
  | RequestMessage
  | RepliedMessage
  | CutMessage
  | DrainMessage
  | ServeMessage
  | ShutMessage
  | SuspendMessage
  | PingMessage
  | EndMessage;

/** Everything that comes from a worker, beside calls. */
export type FromWorker =
  | BatchMessage<AcceptedMessage | EndedMessage>
  | StartedMessage
  | ToldMessage
  | ReplyMessage
  | EndedMessage
  | CutHeardMessage
  | ShutdownMessage
  | AcceptedMessage
  | SuspendedMessage
  | TroubleMessage
  | PongMessage;
