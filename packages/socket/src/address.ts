import { isIPv6 } from 'node:net';

import { AF_INET, AF_INET6, AF_UNIX } from './constants';

/** A host (a name, or an IPv4 or IPv6 address) and a port, 0 to 65535. */
export type InetAddress = readonly [host: string, port: number];

/** Where a socket is, as Python writes it: `[host, port]`, or the path of a Unix socket (`''` for an unnamed one). */
export type Address = InetAddress | string;

/** The family that an address belongs to: a path is Unix, a host with a colon is IPv6, any other is IPv4. */
export function familyOf(address: Address): number {
  if (typeof address === 'string') return AF_UNIX;
  return isIPv6(address[0]) ? AF_INET6 : AF_INET;
}

/** An address as one reads it in a message: `127.0.0.1:5000`, `[::1]:5000`, `/run/app.sock`. */
export function formatAddress(address: Address): string {
  if (typeof address === 'string') return address === '' ? '(unnamed)' : address;
  const [host, port] = address;
  return `${host.includes(':') ? `[${host}]` : host === '' ? '*' : host}:${port}`;
}

/** Whether two addresses are the same, letter by letter. */
export function sameAddress(a: Address, b: Address): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a[0] === b[0] && a[1] === b[1];
}
