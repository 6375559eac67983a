import * as net from 'node:net';

import { type Address, type InetAddress, formatAddress } from './address';
import { type SocketError, SocketError as RootError, socketError, timedOut } from './errors';
import { sharedRead } from './read-path';

export interface ConnectOptions {
  /** Milliseconds until it is given up; `null`: as long as the operating system tries. @default null */
  readonly timeout?: number | null | undefined;
  /** Gives it up when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** The address to connect from. @default any */
  readonly sourceAddress?: InetAddress | undefined;
}

/**
 * A connected socket of Node's that reads by the shared buffer; it does not read before it is attached to ours.
 *
 * @throws {SocketError} of the class that fits what went wrong; nothing stays open
 */
export function connectNet(address: Address, options: ConnectOptions = {}): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const { signal, timeout } = options;
    if (signal?.aborted === true) {
      reject(aborted(address, signal));
      return;
    }
    const socket = net.connect(connectOptions(address, options));
    const timer = timeout == null ? undefined : setTimeout(() => fail(timedOut('connect', timeout, address)), timeout);
    const onAbort = (): void => fail(aborted(address, signal));
    const onError = (error: Error): void => fail(socketError(firstOf(error), 'connect', address));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('connect', onConnect);
    };
    const onConnect = (): void => {
      settle();
      resolve(socket);
    };
    const fail = (error: SocketError): void => {
      settle();
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    signal?.addEventListener('abort', onAbort);
    socket.on('error', onError).on('connect', onConnect);
  });
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
  return new RootError(`connect ${formatAddress(address)}: aborted`, 'ABORT_ERR', {
    operation: 'connect',
    address,
    cause: signal?.reason,
  });
}
