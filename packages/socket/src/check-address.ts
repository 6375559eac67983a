import { type Address, familyOf, formatAddress } from './address';
import { AF_INET6, AF_UNIX, familyName } from './constants';
import { UnsupportedError } from './errors';
import { checkPath } from './unix-path';

/**
 * Refuses a path for an Internet socket, and the reverse. Both Internet families take each other's addresses: which one
 * it is shows when a name has been looked up.
 *
 * @throws {UnsupportedError} also for a path that is too long
 */
export function checkAddress(operation: string, family: number, address: Address): void {
  if (typeof address !== 'string' && family !== AF_UNIX) return; // For every datagram: nothing to look at.
  if ((family === AF_UNIX) !== (familyOf(address) === AF_UNIX)) {
    const takes = family === AF_UNIX ? 'a path; open socket(AF_INET)' : '[host, port]; open socket(AF_UNIX)';
    throw new UnsupportedError(
      `${operation} ${formatAddress(address)}: an ${familyName(family)} socket takes ${takes} for this address`,
      'EAFNOSUPPORT',
      { operation, address },
    );
  }
  if (typeof address === 'string') checkPath(operation, address);
}

/** The host to bind for the one asked for: an empty one means every address, of IPv6 too if the socket takes that. */
export function hostToBind(host: string, family: number, dualStack = false): string {
  if (host !== '') return host;
  return family === AF_INET6 || dualStack ? '::' : '0.0.0.0';
}
