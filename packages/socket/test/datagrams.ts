/** Datagram sockets for the tests, of each family. */
import { AF_INET, AF_INET6, AF_UNIX, type Address, DatagramSocket, type SocketOptions } from '@socketserver/socket';
import { unixDgram } from '../src/unix-dgram';
import { folder } from './folder';
import { hasIPv6, keep } from './loopback';

/** Whether unix-dgram can be loaded: it is compiled for one version of Node. */
export const hasUnixDatagrams = ((): boolean => {
  try {
    return unixDgram() !== undefined;
  } catch {
    return false;
  }
})();

export const families = [
  { name: 'AF_INET', family: AF_INET },
  ...(hasIPv6 ? [{ name: 'AF_INET6', family: AF_INET6 }] : []),
  ...(hasUnixDatagrams ? [{ name: 'AF_UNIX', family: AF_UNIX }] : []),
];

let count = 0;

/** An address of this machine that is free. */
export function freeAddress(family: number): Address {
  if (family === AF_UNIX) return folder(`${++count}.sock`);
  return [family === AF_INET ? '127.0.0.1' : '::1', 0];
}

export async function bound(family: number = AF_INET, options: SocketOptions = {}): Promise<DatagramSocket> {
  const socket = keep(new DatagramSocket(family, options));
  await socket.bind(freeAddress(family));
  return socket;
}
