/** Turns the events of a server into log lines. A subscriber that threw would end the process, so none can. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  channels,
  type CloseReason,
  type ConnectionStart,
  type ConnectionStop,
  formatAddress,
  type Logger,
  reasonOf,
  type RequestFailure,
  type ServerFailure,
  type ServerStop,
  type ServerView,
  type WorkerFailure,
  type WorkerStart,
  type WorkerStop,
} from '@socketserver/core';
import { codeOf, reasonOf as messageOf } from './thrown';

type Level = 'debug' | 'info' | 'warn';

/** How much each end of a connection matters to those who run the server. */
const levels: Readonly<Record<CloseReason, Level>> = {
  finished: 'debug',
  'peer-closed': 'debug',
  // A failed handler has a line of its own.
  error: 'debug',
  reset: 'info',
  refused: 'info',
  limit: 'info',
  'deadline:handshake': 'info',
  'deadline:firstByte': 'info',
  'deadline:message': 'info',
  'deadline:idle': 'info',
  'deadline:drain': 'info',
  'deadline:lifetime': 'info',
  'deadline:handler': 'warn',
  'protocol-error': 'warn',
  'worker-died': 'warn',
  shutdown: 'warn',
};

/**
 * Logs what happens to a server. The channels are shared by all servers of the process.
 * @returns what ends it
 */
export function logEvents(logger: Logger, server: ServerView): () => void {
  const ends = [
    on<ConnectionStart>(channels.connectionStart, server, ({ id, clientAddress }) => {
      logger.debug({ id, peer: formatAddress(clientAddress) }, 'connection started');
    }),
    on<ConnectionStop>(channels.connectionStop, server, (event) => {
      const { id, clientAddress, reason, durationMs, bytesRead, bytesWritten } = event;
      const fields = { id, peer: formatAddress(clientAddress), reason, durationMs, bytesRead, bytesWritten };
      logger[levels[reason] ?? 'warn'](fields, `connection ended: ${reason}`);
    }),
    on<RequestFailure>(channels.requestError, server, ({ id, clientAddress, error }) => {
      const peer = formatAddress(clientAddress);
      // What a peer does is no failure of ours, and needs no stack; that it went away is told when the connection ends.
      const reason = reasonOf(error);
      if (reason === 'protocol-error')
        logger.warn({ id, peer, ...faultOf(error) }, 'the peer sent what is not a message');
      else if (reason === 'error') logger.error({ id, peer, error }, 'the handler failed');
    }),
    on<ServerFailure>(channels.serverError, server, ({ error }) => {
      const code = codeOf(error);
      // It says how many there are and what to do; where it was noticed helps nobody.
      if (code === 'EMFILE' || code === 'ENFILE') logger.warn({ code }, messageOf(error));
      else logger.error({ error }, 'the server had an error and goes on');
    }),
    on<WorkerStart>(channels.workerStart, server, ({ worker }) => logger.debug({ worker }, 'worker started')),
    on<WorkerStop>(channels.workerStop, server, ({ worker, reason, served, durationMs }) => {
      logger.debug({ worker, reason, served, durationMs }, 'worker ended');
    }),
    on<WorkerFailure>(channels.workerError, server, ({ worker, error, retryMs }) => {
      // How it ended is all there is to know; a stack is of use only where its handler could not be loaded.
      const fields = codeOf(error) === 'ERR_WORKER_DIED' ? { reason: messageOf(error) } : { error };
      logger.error({ worker, ...fields, retryMs }, 'a worker failed; another one is started');
    }),
    on<ServerStop>(channels.serverStop, server, ({ report: { durationMs, finished, cut } }) => {
      const peers = cut.slice(0, 20).map(({ clientAddress }) => formatAddress(clientAddress));
      if (cut.length > 0) logger.warn({ durationMs, finished, cut: cut.length, peers }, 'stopped; some were cut');
      else logger.info({ durationMs, finished }, 'stopped');
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** What was wrong with what a peer sent, and the beginning of it, as two digits a byte. */
function faultOf(error: unknown): object {
  const { code, message, bytes } = error as { code?: unknown; message?: unknown; bytes?: unknown };
  if (!Buffer.isBuffer(bytes)) return { code, fault: message };
  return { code, fault: message, bytes: bytes.toString('hex', 0, LOGGED_BYTES).replace(/..(?!$)/g, '$& ') };
}

/** Bytes of a peer's fault that are worth a place in the log. */
const LOGGED_BYTES = 80;

function on<E extends { readonly server: ServerView }>(
  channel: string,
  server: ServerView,
  log: (event: E) => void,
): () => void {
  const subscriber = (message: unknown) => {
    try {
      const event = message as E;
      if (event.server === server) log(event);
    } catch {
      // A line that cannot be logged must not cost a connection.
    }
  };
  subscribe(channel, subscriber);
  return () => unsubscribe(channel, subscriber);
}
