/**
 * What servers tell about themselves, on `node:diagnostics_channel`. Free while nobody listens.
 *
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel';
 * subscribe(channels.connectionStop, (event) => console.log((event as ConnectionStop).reason));
 * ```
 *
 * A subscriber that throws becomes an uncaught exception: Node's rule.
 */
import { channel } from 'node:diagnostics_channel';

import type { Address } from '@socketserver/socket';

import type { CloseReason } from './close-reason';
import type { ServerView, ShutdownReport } from './server-view';

/** The names of the channels, by what they tell. */
export const channels = {
  /** {@link ServerStart}: a server serves. */
  serverStart: 'socketserver:server:start',
  /** {@link ServerStop}: its serving has ended, drained. */
  serverStop: 'socketserver:server:stop',
  /** {@link ServerFailure}: a connection could not be accepted, or a hook failed. The server lives on. */
  serverError: 'socketserver:server:error',
  /** {@link ConnectionStart}: a request came. Exactly one for each. */
  connectionStart: 'socketserver:connection:start',
  /** {@link ConnectionStop}: it ended. Exactly one for each. */
  connectionStop: 'socketserver:connection:stop',
  /** {@link RequestFailure}: its handler threw. */
  requestError: 'socketserver:request:error',
  /** {@link WorkerStart}: a thread or a process is ready to run handlers. Exactly one for each. */
  workerStart: 'socketserver:worker:start',
  /** {@link WorkerStop}: it has ended, in whatever way. Exactly one for each that was ready. */
  workerStop: 'socketserver:worker:stop',
  /** {@link WorkerFailure}: it died, or could not be started. */
  workerError: 'socketserver:worker:error',
} as const;

/** A server serves. */
export interface ServerStart {
  /** The server itself. */
  readonly server: ServerView;
  /** Where it listens, with the real port. */
  readonly address: Address;
}

/** A server has stopped serving, and no request of it runs any more. */
export interface ServerStop {
  /** The server itself. */
  readonly server: ServerView;
  /** How its requests ended. */
  readonly report: ShutdownReport;
}

/** Something failed that no request is to blame for, or that nobody else hears of. The server lives on. */
export interface ServerFailure {
  /** The server itself. */
  readonly server: ServerView;
  /** What was thrown. */
  readonly error: unknown;
}

/** A request came: a connection, or a datagram. */
export interface ConnectionStart {
  /** Which server it came to. */
  readonly server: ServerView;
  /** Counts from 1 in each server. */
  readonly id: number;
  /** Where it came from; `''` for a Unix socket without a name. */
  readonly clientAddress: Address;
}

/** A request ended, in whatever way. */
export interface ConnectionStop extends ConnectionStart {
  /** Why it ended. */
  readonly reason: CloseReason;
  /** What was thrown or what cut it, if anything. */
  readonly error?: unknown;
  /** Milliseconds since it came. */
  readonly durationMs: number;
  /** Bytes that came from the client. */
  readonly bytesRead: number;
  /** Bytes that were sent to it; 0 for a datagram, whose answers are not counted. */
  readonly bytesWritten: number;
}

/** A handler threw. */
export interface RequestFailure extends ConnectionStart {
  /** What it threw. */
  readonly error: unknown;
}

/** A thread or a process is ready to run handlers. */
export interface WorkerStart {
  /** The server itself. */
  readonly server: ServerView;
  /** Which one: `thread 3`, or `child 4711` with its process id. */
  readonly worker: string;
}

/** A worker has ended: the server is closed, or it is replaced by another one. */
export interface WorkerStop extends WorkerStart {
  /** How, in words. */
  readonly reason: string;
  /** Requests that it was given. */
  readonly served: number;
  /** Milliseconds since it was started. */
  readonly durationMs: number;
}

/** A worker died, or could not be started. The server lives on. */
export interface WorkerFailure extends WorkerStart {
  /** A `WorkerDiedError`, or what its handler's file has thrown. */
  readonly error: unknown;
  /** Milliseconds until another one is started: more and more for those that die young. */
  readonly retryMs: number;
}

/** @internal The channels themselves, for publishing. */
export const publish = {
  serverStart: channel(channels.serverStart),
  serverStop: channel(channels.serverStop),
  serverError: channel(channels.serverError),
  connectionStart: channel(channels.connectionStart),
  connectionStop: channel(channels.connectionStop),
  requestError: channel(channels.requestError),
  workerStart: channel(channels.workerStart),
  workerStop: channel(channels.workerStop),
  workerError: channel(channels.workerError),
};
