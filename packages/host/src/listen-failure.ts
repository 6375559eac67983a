/** Says which option to change when the address cannot be bound. */
import { formatAddress, type InetAddress, SocketError } from '@socketserver/core';
import { type HostError, InvalidPluginError, ListenError } from './errors';
import type { AnyPlugin } from './plugin';
import type { ResolvedOptions } from './resolve-options';
import { reasonOf } from './thrown';

/** The error for a server that could not be made: it names the option that the address came from, or the plugin. */
export function listenFailure(cause: unknown, plugin: AnyPlugin, { values, origins }: ResolvedOptions): HostError {
  // Binding opens a socket; everything else makes the plugin's services.
  if (!(cause instanceof SocketError)) return new InvalidPluginError(plugin.name, reasonOf(cause), { cause });
  const address: InetAddress = [values.host, values.port];
  return new ListenError(address, explain(cause, address, origins), { cause });
}

function explain(cause: SocketError, address: InetAddress, origins: ResolvedOptions['origins']): string {
  const where = formatAddress(address);
  const [host, port] = address;
  switch (cause.code) {
    case 'EADDRINUSE':
      return `${origins.port}: the address ${where} is in use; choose another with --port${airplayHint(port)}`;
    case 'EACCES':
    case 'EPERM':
      return `${origins.port}: no permission to listen on ${where}; ports below 1024 need it, choose a higher one with --port`;
    case 'EADDRNOTAVAIL':
      return `${origins.host}: this machine has no address ${host}; choose one of its own with --host, or 0.0.0.0 for all`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${origins.host}: the host name ${host} cannot be resolved; give an address with --host`;
    default:
      return `${origins.host}: cannot listen on ${where}: ${reasonOf(cause.cause ?? cause)}`;
  }
}

function airplayHint(port: number): string {
  if (process.platform !== 'darwin' || (port !== 5000 && port !== 7000)) return '';
  return ` (macOS itself holds ${port} while the AirPlay receiver is on)`;
}
