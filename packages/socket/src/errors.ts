/**
 * Every error of this package: one root class, Python's names where Python has one, and one table from the operating
 * system's codes to them.
 *
 * A message says what was being done to which address, what went wrong, and what to do next.
 */
import { type Address, formatAddress } from './address';

/** What a socket error knows beyond its message. */
export interface SocketErrorDetails {
  /** What was tried: `bind`, `connect`, `recv`, … */
  operation?: string | undefined;
  /** The address it was tried on. */
  address?: Address | undefined;
  /** The error below this one. */
  cause?: unknown;
}

/** The root of all socket errors: Python's `OSError`, as far as sockets go. */
export class SocketError extends Error {
  /** The operating system's name (`ECONNRESET`), or one of ours (`ERR_…`). Stable. */
  readonly code: string;
  /** What was tried, in one word: `bind`, `connect`, `recv`, … */
  readonly operation: string | undefined;
  /** The address that it was tried on, or the peer's; undefined when there is none. */
  readonly address: Address | undefined;

  constructor(message: string, code: string, details: SocketErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.operation = details.operation;
    this.address = details.address;
  }
}

/** The other side is not there, or no longer: the root of the four below, as in Python. */
export class ConnectionError extends SocketError {}
/** Nobody listens at the address (ECONNREFUSED). */
export class ConnectionRefusedError extends ConnectionError {}
/** The peer reset the connection (ECONNRESET). */
export class ConnectionResetError extends ConnectionError {}
/** The connection was given up on this side (ECONNABORTED). */
export class ConnectionAbortedError extends ConnectionError {}
/** Bytes were sent after one of the sides had ended the stream (EPIPE). */
export class BrokenPipeError extends ConnectionError {}
/** The address is taken by another socket (EADDRINUSE). */
export class AddressInUseError extends SocketError {}
/** The address is not one of this machine's (EADDRNOTAVAIL). */
export class AddressNotAvailableError extends SocketError {}
/** The process may not do this (EACCES, EPERM), as with ports below 1024. */
export class PermissionError extends SocketError {}
/** It took longer than the timeout, or than the operating system waits (ETIMEDOUT). The socket is still open. */
export class TimeoutError extends SocketError {}
/** It would have to wait, and the timeout is 0 (EAGAIN). The socket is still open. */
export class BlockingIOError extends SocketError {}
/** The name cannot be resolved: Python's `gaierror`. `code` is `ENOTFOUND` or one of `EAI_…`. */
export class GetAddressInfoError extends SocketError {}
/** No route leads to the address (EHOSTUNREACH, ENETUNREACH). */
export class UnreachableError extends SocketError {}
/** The process or the system has no descriptor left (EMFILE, ENFILE). */
export class TooManyOpenFilesError extends SocketError {}
/** Nothing is at the path (ENOENT). */
export class FileNotFoundError extends SocketError {}
/** The socket is closed, or not yet connected, bound or listening (`EBADF`, `ENOTCONN`, `EINVAL`). */
export class SocketStateError extends SocketError {}
/** A family, type, address or option that cannot be used here. */
export class UnsupportedError extends SocketError {}

/** The stream ended before `recvExactly()` had all its bytes. */
export class IncompleteReadError extends SocketError {
  constructor(
    /** The bytes that came before the end. */
    readonly partial: Buffer,
    /** How many bytes were asked for. */
    readonly expected: number,
  ) {
    super(`recvExactly: the stream ended after ${partial.length} of ${expected} bytes`, 'ERR_INCOMPLETE_READ', {
      operation: 'recvExactly',
    });
  }
}

type SocketErrorClass = new (message: string, code: string, details?: SocketErrorDetails) => SocketError;
type ErrorTable = Record<string, readonly [SocketErrorClass, text: string] | undefined>;

const bySystemCode: ErrorTable = {
  EACCES: [PermissionError, 'permission denied; ports below 1024 need privileges, choose a higher one'],
  EADDRINUSE: [AddressInUseError, 'the address is already in use; choose another port, or 0 for any free one'],
  EADDRNOTAVAIL: [AddressNotAvailableError, 'this machine has no such address; use one of its own, or 0.0.0.0 for all'],
  EAFNOSUPPORT: [UnsupportedError, 'the address belongs to another family than the socket; open one of its family'],
  EAGAIN: [BlockingIOError, 'nothing is ready now, and the timeout is 0; wait with select() or set a timeout'],
  ECONNABORTED: [ConnectionAbortedError, 'the connection was aborted on this side'],
  ECONNREFUSED: [ConnectionRefusedError, 'the connection was refused; check that a server listens there'],
  ECONNRESET: [ConnectionResetError, 'the peer reset the connection'],
  EDESTADDRREQ: [SocketStateError, 'an address is missing; name one, or connect() first'],
  EHOSTUNREACH: [UnreachableError, 'no route leads to this host; check the address and the network'],
  EISCONN: [SocketStateError, 'the socket is connected already; use another one'],
  EMFILE: [TooManyOpenFilesError, 'the process has too many open files; raise `ulimit -n` or limit connections'],
  EMSGSIZE: [SocketError, 'too long for one datagram, which holds 65507 bytes over IPv4; send parts, or use a stream'],
  ENETDOWN: [UnreachableError, 'the network is down; check the interface'],
  ENETUNREACH: [UnreachableError, 'no route leads to this network; check the address and the network'],
  ENFILE: [TooManyOpenFilesError, 'the system has too many open files'],
  ENOBUFS: [SocketError, 'too much waits to leave; await each send before the next'],
  ENOTCONN: [SocketStateError, 'the socket is not connected; connect() comes first'],
  ENOTFOUND: [GetAddressInfoError, 'the name is not known; check its spelling and the network'],
  EPERM: [PermissionError, 'the operation is not permitted'],
  EPIPE: [BrokenPipeError, 'the stream is already ended, so nothing more can be sent'],
  ETIMEDOUT: [TimeoutError, 'it took too long'],
};

/** What the same codes mean where the address is a path. */
const byPathCode: ErrorTable = {
  // libuv gives this also for a folder that is not there.
  EACCES: [PermissionError, 'permission denied, or no such folder; check the path and who may write there'],
  EADDRINUSE: [
    AddressInUseError,
    'a file is there already; if no server uses it, remove it or bind with `removeStale`, else choose another path',
  ],
  EAGAIN: [BlockingIOError, 'nothing is ready now, or the other side has no room; try again later or set a timeout'],
  ECONNREFUSED: [ConnectionRefusedError, 'nobody listens at this path; check that the server runs'],
  EINVAL: [UnsupportedError, 'no socket can have this name; name a path'],
  EMSGSIZE: [SocketError, "longer than the socket's send buffer; send parts, or use a stream"],
  ENAMETOOLONG: [UnsupportedError, 'the path is too long for a socket; choose a shorter one'],
  ENOENT: [FileNotFoundError, 'no such file or folder; check the path, and that a server has bound it'],
  ENOTDIR: [FileNotFoundError, 'a part of the path is no folder; check it'],
  ENOTSOCK: [UnsupportedError, 'the file there is no socket; check the path'],
  EPROTOTYPE: [
    UnsupportedError,
    'the socket there is of another type; use SOCK_STREAM or SOCK_DGRAM as its server does',
  ],
  EROFS: [PermissionError, 'the file system is read-only; choose another folder'],
};

/**
 * The error of this package for one of Node's system errors; an error that is already ours passes as it is.
 *
 * @param error what Node gave: an error with a `code`
 * @param operation what was being done, in one word
 * @param address the address it was done to, if there is one
 */
export function socketError(error: unknown, operation: string, address?: Address): SocketError {
  if (error instanceof SocketError) return error;
  const code = codeOf(error);
  const byPath = typeof address === 'string' ? byPathCode[code] : undefined;
  const entry = byPath ?? bySystemCode[code] ?? (code.startsWith('EAI_') ? bySystemCode.ENOTFOUND : undefined);
  const details = { operation, address, cause: error };
  const where = address === undefined ? operation : `${operation} ${formatAddress(address)}`;
  if (entry !== undefined) return new entry[0](`${where}: ${entry[1]} (${code})`, code, details);
  const reason = error instanceof Error || isErrorLike(error) ? error.message : String(error);
  return new SocketError(`${where}: ${reason}`, code, details);
}

/**
 * Like {@link socketError}, for errors that come as events: the stack would lead nowhere, and a peer that resets its
 * connections should cost as little as it can. The stack of the cause is there.
 */
export function socketErrorOfEvent(error: unknown, operation: string, address?: Address): SocketError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return socketError(error, operation, address);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A system error by its code alone, for what is noticed here before the operating system would say it. */
export function systemError(code: string, operation: string, address?: Address): SocketError {
  return socketError({ code, message: code }, operation, address);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'ERR_UNKNOWN';
}

function isErrorLike(error: unknown): error is { message: string } {
  return typeof (error as { message?: unknown } | null)?.message === 'string';
}

/** The error for an operation that took longer than the timeout of its socket. */
export function timedOut(operation: string, ms: number, address?: Address): TimeoutError {
  const where = address === undefined ? operation : `${operation} ${formatAddress(address)}`;
  return new TimeoutError(`${where}: timed out after ${ms} ms`, 'ETIMEDOUT', { operation, address });
}
