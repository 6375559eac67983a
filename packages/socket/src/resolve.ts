import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';

import type { InetAddress } from './address';
import { AF_INET, AF_INET6, SOCK_STREAM } from './constants';
import { GetAddressInfoError, socketError } from './errors';

/** One way to reach a host: what Python gives as a tuple of five. */
export interface AddressInfo {
  /** `AF_INET` or `AF_INET6`. */
  readonly family: number;
  /** `SOCK_STREAM`. */
  readonly type: number;
  /** The address as digits, with the port that was asked for. */
  readonly address: InetAddress;
}

/** This machine's name. Source: `socket.gethostname()`. */
export function gethostname(): string {
  return hostname();
}

/**
 * The first IPv4 address of a host, as the system's resolver has it. Source: `socket.gethostbyname(hostname)`.
 *
 * On Debian the address of the machine's own name is often 127.0.1.1.
 *
 * @throws {GetAddressInfoError} when the name is not known, or no resolver can be reached
 */
export async function gethostbyname(name: string): Promise<string> {
  if (name === '') return '0.0.0.0';
  try {
    return (await lookup(name, { family: 4 })).address;
  } catch (error) {
    throw nameError(error, name);
  }
}

/**
 * Every address of a host, IPv4 and IPv6, for stream sockets. Source: `socket.getaddrinfo(host, port)`.
 *
 * @throws {GetAddressInfoError} when the name is not known, or no resolver can be reached
 */
export async function getaddrinfo(host: string, port: number): Promise<AddressInfo[]> {
  try {
    const found = host === '' ? [] : await lookup(host, { all: true });
    if (found.length === 0) throw new GetAddressInfoError('no address', 'ENOTFOUND');
    return found.map(({ address, family }) => ({
      family: family === 6 ? AF_INET6 : AF_INET,
      type: SOCK_STREAM,
      address: [address, port],
    }));
  } catch (error) {
    throw nameError(error, host);
  }
}

function nameError(error: unknown, name: string): GetAddressInfoError {
  const { code, message } = socketError(error, 'getaddrinfo', name);
  return new GetAddressInfoError(message, code, { operation: 'getaddrinfo', cause: error });
}
