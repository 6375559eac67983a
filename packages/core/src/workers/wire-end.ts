/** The end of a request, as data. */
import { type Address, ConnectionResetError } from '@socketserver/socket';

import type { ConnectionEnd } from '../connection';
import { fromWire, toWire } from '../remote/wire-error';
import type { EndedMessage } from './messages';

/** A reset by the peer: there may be thousands in a second, and nobody asks where in the code it was noticed. */
export interface WireReset {
  readonly message: string;
  readonly code: string;
  readonly operation: string | undefined;
  readonly address: Address | undefined;
}

/** @param isFailure whether `handleError()` is to hear of it */
export function toEnded(id: number, end: ConnectionEnd, isFailure: boolean): EndedMessage {
  const { reason, error, bytesRead, bytesWritten } = end;
  const type = 'ended';
  // Whole at once: what a spread copies and then adds to, V8 handles slowly.
  if (error === undefined) return { type, id, reason, bytesRead, bytesWritten, isFailure };
  if (!(error instanceof ConnectionResetError)) {
    return { type, id, reason, bytesRead, bytesWritten, isFailure, thrown: toWire(error) };
  }
  const { message, code, operation, address } = error;
  const reset = { message, code, operation, address };
  return { type, id, reason, bytesRead, bytesWritten, isFailure, reset };
}

export function fromEnded({ reason, bytesRead, bytesWritten, thrown, reset }: EndedMessage): ConnectionEnd {
  const error = reset === undefined ? thrown && fromWire(thrown) : toError(reset);
  return { reason, error, bytesRead, bytesWritten };
}

function toError({ message, code, operation, address }: WireReset): ConnectionResetError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new ConnectionResetError(message, code, { operation, address });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
