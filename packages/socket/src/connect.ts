import * as net from 'node:net';

import { type Address, type InetAddress, formatAddress } from './address';
import type { Clock } from './clock';
import { SocketError, socketError, systemError, timedOut } from './errors';
import { sharedRead } from './read-path';

/** How `connect()` and `createConnection()` connect. */
export interface ConnectOptions {
  /** Milliseconds until it is given up; 0: do not even try; `null`: as long as the operating system tries. @default null */
  readonly timeout?: number | null | undefined;
  /** Gives it up when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** The address to connect from. @default any */
  readonly sourceAddress?: InetAddress | undefined;
}

/**
 * A connected socket of Node's that reads by the shared buffer; it does not read before it is attached to ours.
 *
 * @param onCancel is given a function that ends the waiting with an error
 * @throws {SocketError} of the class that fits what went wrong; nothing stays open
 */
export function connectNet(
  address: Address,
  options: ConnectOptions,
  clock: Clock,
  onCancel: (cancel: (reason: Error) => void) => void,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const { signal, timeout } = options;
    if (signal?.aborted === true) throw aborted(address, signal);
    if (timeout === 0) throw systemError('EAGAIN', 'connect', address);
    const socket = open(address, options);
    const giveUp = (): void => fail(timedOut('connect', timeout ?? 0, address));
    const timer = timeout == null ? null : clock.setTimeout(giveUp, timeout);
    const onAbort = (): void => fail(aborted(address, signal));
    const onError = (error: Error): void => fail(socketError(firstOf(error), 'connect', address));
    const settle = (): void => {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('connect', onConnect);
    };
    const onConnect = (): void => {
      settle();
      resolve(socket);
    };
    const fail = (error: Error): void => {
      settle();
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    signal?.addEventListener('abort', onAbort);
    socket.on('error', onError).on('connect', onConnect);
    onCancel(fail);
  });
}

/** Begins to connect; what Node refuses at once, such as a port out of range, is thrown as an error of ours. */
function open(address: Address, options: ConnectOptions): net.Socket {
  try {
    return net.connect(connectOptions(address, options));
  } catch (error) {
    throw socketError(error, 'connect', address);
  }
}

function connectOptions(address: Address, { sourceAddress }: ConnectOptions): net.NetConnectOpts {
  const common = { allowHalfOpen: true, onread: sharedRead };
  if (typeof address === 'string') return { path: address, ...common };
  const [host, port] = address;
  const source = sourceAddress === undefined ? {} : { localAddress: sourceAddress[0], localPort: sourceAddress[1] };
  return { host: host === '' ? '127.0.0.1' : host, port, ...source, ...common };
}

/** When a name has several addresses Node reports all failures together; the first one says most. */
function firstOf(error: Error): unknown {
  const { errors } = error as { errors?: unknown[] };
  return errors?.[0] ?? error;
}

function aborted(address: Address, signal: AbortSignal | undefined): SocketError {
  return new SocketError(`connect ${formatAddress(address)}: aborted`, 'ABORT_ERR', {
    operation: 'connect',
    address,
    cause: signal?.reason,
  });
}
