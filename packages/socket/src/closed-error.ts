import { type SocketError, SocketStateError } from './errors';

/** The error of whatever is done with a socket after `close()`. */
export function closedError(operation: string): SocketError {
  return new SocketStateError(`${operation}: the socket is closed`, 'EBADF', { operation });
}
