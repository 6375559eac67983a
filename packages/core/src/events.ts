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
} as const;

export interface ServerStart {
  readonly server: ServerView;
  readonly address: Address;
}

export interface ServerStop {
  readonly server: ServerView;
  readonly report: ShutdownReport;
}

export interface ServerFailure {
  readonly server: ServerView;
  readonly error: unknown;
}

export interface ConnectionStart {
  readonly server: ServerView;
  /** Counts from 1 in each server. */
  readonly id: number;
  readonly clientAddress: Address;
}

export interface ConnectionStop extends ConnectionStart {
  readonly reason: CloseReason;
  /** What was thrown or what cut it, if anything. */
  readonly error?: unknown;
  readonly durationMs: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface RequestFailure extends ConnectionStart {
  readonly error: unknown;
}

/** @internal The channels themselves, for publishing. */
export const publish = {
  serverStart: channel(channels.serverStart),
  serverStop: channel(channels.serverStop),
  serverError: channel(channels.serverError),
  connectionStart: channel(channels.connectionStart),
  connectionStop: channel(channels.connectionStop),
  requestError: channel(channels.requestError),
};
