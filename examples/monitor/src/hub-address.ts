/** How a hub is reached, seen from its own machine and from another one. */
import { isIPv6 } from 'node:net';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

import { gethostname, type InetAddress } from '@socketserver/socket';

/** Every address of the machine. */
type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Where an agent on the hub's own machine connects: an address that stands for all of them cannot be dialled. */
export function localAddress([host, port]: InetAddress): InetAddress {
  return [isWildcard(host) ? (isIPv6(host) ? '::1' : '127.0.0.1') : host, port];
}

/** Whether other machines can reach the hub. */
export function isPublic([host]: InetAddress): boolean {
  return host !== 'localhost' && host !== '::1' && !host.startsWith('127.');
}

/** The command that lets another machine report to the hub, once it is public. */
export function agentCommandFor([host, port]: InetAddress, interfaces: Interfaces = networkInterfaces()): string {
  const shown = isWildcard(host) || !isPublic([host, port]) ? addressInNetwork(interfaces) : host;
  return `npm run monitor:agent -- --host ${shown} --port ${port}`;
}

/** The address by which the others on the network know this machine, or its name if it has none. */
function addressInNetwork(interfaces: Interfaces): string {
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return (outside.find(({ family }) => family === 'IPv4') ?? outside[0])?.address ?? gethostname();
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}
