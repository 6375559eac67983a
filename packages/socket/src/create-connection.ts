import type { Address } from './address';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM, familyName, typeName } from './constants';
import type { ConnectOptions } from './connect';
import { UnsupportedError } from './errors';
import { Socket, type SocketOptions } from './socket';

/**
 * A socket that is not connected yet. Source: `socket.socket(family, type)`.
 *
 * @throws {UnsupportedError} for families and types that Node cannot open
 */
export function socket(family: number = AF_INET, type: number = SOCK_STREAM, options: SocketOptions = {}): Socket {
  if (![AF_INET, AF_INET6, AF_UNIX].includes(family)) {
    const message = `socket: Node cannot open ${familyName(family)}; use AF_INET, AF_INET6 or AF_UNIX`;
    throw new UnsupportedError(message, 'EAFNOSUPPORT');
  }
  if (type !== SOCK_STREAM) {
    throw new UnsupportedError(`socket: Node cannot open ${typeName(type)}; use SOCK_STREAM`, 'ESOCKTNOSUPPORT');
  }
  return new Socket(family, options);
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
  const connection = new Socket(AF_INET, options);
  await connection.connect(address, options);
  return connection;
}
