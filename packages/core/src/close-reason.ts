import {
  type FramingError,
  MalformedMessageError,
  MessageTooLongError,
  TruncatedMessageError,
} from '@socketserver/framing';
import { ConnectionError } from '@socketserver/socket';

import { LineTooLongError } from './errors';

/**
 * Why a connection ended: exactly one for each.
 *
 * | Reason | What happened |
 * |---|---|
 * | `finished` | the handler ended first |
 * | `peer-closed` | the peer ended its stream, then the handler ended |
 * | `reset` | the peer reset the connection |
 * | `protocol-error` | the peer sent what is not a message |
 * | `error` | the handler threw |
 * | `refused` | `verifyRequest()` said no, or the lists `allow` and `deny` |
 * | `limit` | there were as many connections as there may be |
 * | `deadline:…` | that deadline was over |
 * | `worker-died` | the thread or process in which its handler ran has ended |
 * | `shutdown` | the server was shut down and the time to drain was over |
 */
export type CloseReason =
  | 'finished'
  | 'peer-closed'
  | 'reset'
  | 'protocol-error'
  | 'error'
  | 'refused'
  | 'limit'
  | `deadline:${DeadlineName}`
  | 'worker-died'
  | 'shutdown';

/** The deadlines, by the names of their options. */
export type DeadlineName = 'handshake' | 'firstByte' | 'message' | 'idle' | 'handler' | 'drain' | 'lifetime';

/** The reason that fits an error of a handler. */
export function reasonOf(error: unknown): CloseReason {
  if (error instanceof ConnectionError) return 'reset';
  return isProtocolError(error) || error instanceof LineTooLongError ? 'protocol-error' : 'error';
}

/** Whether the peer has broken the protocol; a message of ours that cannot be encoded is not its fault. */
export function isProtocolError(error: unknown): error is FramingError {
  return (
    error instanceof MalformedMessageError ||
    error instanceof MessageTooLongError ||
    error instanceof TruncatedMessageError
  );
}
