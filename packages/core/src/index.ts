/**
 * Python's `socketserver` for TypeScript: servers, request handlers, concurrency strategies, dependency injection.
 * Times are milliseconds.
 *
 * @module
 */
export {
  type Address,
  AddressInUseError,
  BrokenPipeError,
  Clock,
  type ClockTimer,
  ConnectionError,
  ConnectionResetError,
  DatagramSocket,
  IncompleteReadError,
  type InetAddress,
  ManualClock,
  Socket,
  SocketError,
  TimeoutError,
  formatAddress,
  systemClock,
} from '@socketserver/socket';
export { AsyncMixIn, type AsyncServer, type Mixable } from './async-mix-in';
export { BaseRequestHandler } from './base-request-handler';
export { BaseServer } from './base-server';
export type { MaybePromise } from './maybe-promise';
export type { RequestOf, ServeOptions, ServerConstructor, ServerSocket } from './server-types';
export { type CloseReason, type DeadlineName, reasonOf } from './close-reason';
export type { DatagramRequest } from './datagram-request';
export { DatagramRequestHandler } from './datagram-request-handler';
export * from './errors';
export { escapeControls } from './escape-controls';
export {
  type ConnectionStart,
  type ConnectionStop,
  type RequestFailure,
  type ServerFailure,
  type ServerStart,
  type ServerStop,
  type WorkerFailure,
  type WorkerStart,
  type WorkerStop,
  channels,
} from './events';
export type { RequestHandlerClass } from './handler-factory';
export * from './injection';
export { MessageHandler, type Send } from './message-handler';
export type { PacketWriter } from './packet-writer';
export { registerError } from './remote/error-registry';
export * from './remote/errors';
export { ForkingMixIn, type ForkingServer } from './forking-mix-in';
export type { PooledServer } from './workers/pooled-mix-in';
export type { SetupModule, WorkerSetup } from './workers/messages';
export { ThreadingMixIn, type ThreadingServer } from './threading-mix-in';
export { SelectingMixIn, type SelectingServer } from './selecting-mix-in';
export type {
  DeadlineOptions,
  OverflowHandlerClass,
  ResolvedOptions,
  ServerOptions,
  WorkerSetupOptions,
} from './server-options';
export type { CutConnection, ServerView, ShutdownReport } from './server-view';
export * from './servers';
export type { ErrorClass } from './remote/error-registry';
export {
  type AsyncMethods,
  type Cloneable,
  type HasNoData,
  type NoData,
  type ServiceToken,
  type SharedService,
  shared,
} from './shared-service';
export {
  type ServerClasses,
  type InProcessStrategy,
  type Strategy,
  type WorkerStrategy,
  type Transport,
  serverClass,
  strategies,
  transports,
  workerStrategies,
} from './strategies';
export type { ByteSource, StreamReader, StreamReaderLimits } from './stream-reader';
export { StreamRequestHandler } from './stream-request-handler';
export type { StreamWriter } from './stream-writer';
export { TCPServer } from './tcp-server';
export { UDPServer } from './udp-server';
export { UnixDatagramServer, UnixStreamServer } from './unix-servers';
