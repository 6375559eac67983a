import { type Address, familyOf } from './address';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, familyName, typeName } from './constants';
import type { ConnectOptions } from './connect';
import { DatagramSocket } from './datagram-socket';
import { UnsupportedError } from './errors';
import { Socket, type SocketOptions } from './socket';

/**
 * A socket that is not connected or bound yet: a {@link Socket} for `SOCK_STREAM`, a {@link DatagramSocket} for
 * `SOCK_DGRAM`. Source: `socket.socket(family, type)`.
 *
 * @throws {UnsupportedError} for families and types that Node cannot open
 */
export function socket(family?: number, type?: typeof SOCK_STREAM, options?: SocketOptions): Socket;
export function socket(family: number, type: typeof SOCK_DGRAM, options?: SocketOptions): DatagramSocket;
export function socket(family: number, type: number, options?: SocketOptions): Socket | DatagramSocket;
export function socket(
  family: number = AF_INET,
  type: number = SOCK_STREAM,
  options: SocketOptions = {},
): Socket | DatagramSocket {
  if (![AF_INET, AF_INET6, AF_UNIX].includes(family)) {
    const message = `socket: Node cannot open ${familyName(family)}; use AF_INET, AF_INET6 or AF_UNIX`;
    throw new UnsupportedError(message, 'EAFNOSUPPORT');
  }
  if (type === SOCK_STREAM) return new Socket(family, options);
  if (type === SOCK_DGRAM) return new DatagramSocket(family, options);
  const message = `socket: Node cannot open ${typeName(type)}; use SOCK_STREAM or SOCK_DGRAM`;
  throw new UnsupportedError(message, 'ESOCKTNOSUPPORT');
}

/**
 * A connection to `address`. Source: `socket.create_connection(address, timeout)`.
 *
 * ```ts
 * const connection = await createConnection(['127.0.0.1', 5000], { timeout: 1000 });
 * await connection.sendall('hello');
 * ```
 *
 * Differs from Python: the timeout is for connecting only, because what is sent and received mostly needs another one.
 *
 * @throws {SocketError} of the class that fits what went wrong; nothing stays open
 */
export async function createConnection(
  address: Address,
  options: ConnectOptions & SocketOptions = {},
): Promise<Socket> {
  const connection = new Socket(familyOf(address), options);
  await connection.connect(address, options);
  return connection;
}
