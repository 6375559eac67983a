/** Every error of this package: one root class, a stable `code` each. */
import { inspect } from 'node:util';

import { type Address, formatAddress } from '@socketserver/socket';

import type { DeadlineName } from './close-reason';

/** The root of this package's errors. */
export class ServerError extends Error {
  /** Stable, for programs: `ERR_…`. The text of a message may change. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An option that cannot be used. */
export class OptionError extends ServerError {
  constructor(
    /** Its name, with dots: `deadlines.idle`. */
    readonly option: string,
    /** What was given. */
    readonly value: unknown,
    /** What would be right, in words. */
    readonly expected: string,
  ) {
    super(`${option}: expected ${expected}; got ${inspect(value, { depth: 0 })}`, 'ERR_OPTION');
  }
}

/** The server is closed, not yet bound, or serving already. The message says which and what to do. */
export class ServerStateError extends ServerError {
  constructor(message: string) {
    super(message, 'ERR_SERVER_STATE');
  }
}

/** What was given as a handler cannot be made, or is none. */
export class HandlerError extends ServerError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_HANDLER', options);
  }
}

/** A deadline was over: what a handler that waited then sees. The connection is closed. */
export class DeadlineError extends ServerError {
  constructor(
    /** Which one. */
    readonly deadline: DeadlineName,
    /** Milliseconds that were given. */
    readonly ms: number,
    /** Whose request it was. */
    readonly clientAddress: Address,
  ) {
    super(`${formatAddress(clientAddress)}: the ${deadline} deadline of ${ms} ms is over`, 'ERR_DEADLINE');
  }
}

/** The server drains (as the reason of a signal), or the time to drain is over (as an error). */
export class ShutdownError extends ServerError {
  constructor(
    /** Milliseconds that are left to end by oneself. */
    readonly remaining: number,
  ) {
    const text = remaining > 0 ? `ends in at most ${remaining} ms` : 'has cut the connection';
    super(`the server is shutting down and ${text}`, 'ERR_SHUTDOWN');
  }
}

/** A line is longer than the handler's `maxLineLength`. */
export class LineTooLongError extends ServerError {
  constructor(
    /** Bytes that a line may have. */
    readonly limit: number,
  ) {
    super(`a line is longer than ${limit} bytes; raise maxLineLength if such lines are meant`, 'ERR_LINE_TOO_LONG');
  }
}

/** `rfile.read()` without a size found more than the handler's `maxReadLength` before the end of the stream. */
export class ReadTooLongError extends ServerError {
  constructor(
    /** Bytes that may be read at once. */
    readonly limit: number,
  ) {
    super(`the stream is longer than ${limit} bytes; read it in parts, with read(n)`, 'ERR_READ_TOO_LONG');
  }
}

/** The thread or process in which a handler ran has ended: by itself, by an error that nobody caught, or for want of memory. */
export class WorkerDiedError extends ServerError {
  constructor(
    /** Which one: `thread 3`. */
    readonly worker: string,
    /** What has ended it, in words. */
    readonly reason: string,
  ) {
    super(`${worker} has ended, and its handlers with it: ${reason}`, 'ERR_WORKER_DIED');
  }
}

/** A handler wrote more than one datagram can hold. */
export class PacketTooLongError extends ServerError {
  constructor(
    /** Bytes that a datagram may have. */
    readonly limit: number,
  ) {
    super(
      `an answer is longer than ${limit} bytes; send it as several datagrams, with socket.sendto()`,
      'ERR_PACKET_TOO_LONG',
    );
  }
}

/**
 * An error that stops more than its request: it is not given to `handleError()`, and ends `serveForever()`.
 *
 * What Python does with exceptions that are not an `Exception` (SystemExit, KeyboardInterrupt).
 */
export class FatalError extends ServerError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_FATAL', options);
  }
}
