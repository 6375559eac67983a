/** Says which option to change when the address cannot be bound. */
import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatAddress, type InetAddress, SocketError } from '@socketserver/core';
import { HostError, InvalidPluginError, ListenError } from './errors';
import { addressOf } from './options';
import type { AnyPlugin } from './plugin';
import type { ResolvedOptions } from './resolve-options';
import { reasonOf } from './thrown';

/** The error for a server that could not be made: it names the option that the address came from, or the plugin. */
export function listenFailure(cause: unknown, plugin: AnyPlugin, { values, origins }: ResolvedOptions): HostError {
  // A worker could not load the plugin, or configure it.
  if (cause instanceof HostError) return cause;
  // Binding opens a socket; everything else makes the plugin's services.
  if (!(cause instanceof SocketError)) return new InvalidPluginError(plugin.name, reasonOf(cause), { cause });
  const address = addressOf(values);
  const why =
    typeof address === 'string'
      ? `${origins.unix}: ${explainPath(cause, address)}`
      : explainInet(cause, address, origins);
  return new ListenError(address, why, { cause });
}

function explainInet(cause: SocketError, address: InetAddress, origins: ResolvedOptions['origins']): string {
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

function explainPath(cause: SocketError, path: string): string {
  const folder = dirname(path);
  switch (cause.code) {
    case 'EADDRINUSE': {
      const who = isThere(path, 'isSocket') ? 'a server listens there already' : 'a file that is no socket is there';
      return `${who}; choose another path with --unix`;
    }
    case 'ENAMETOOLONG':
      return `the path is too long for a socket (${Buffer.byteLength(path)} bytes); choose a shorter one with --unix`;
    // Systems do not agree on which of these it is.
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
    case 'ENOTDIR':
      return isThere(folder, 'isDirectory')
        ? `no permission to make a socket in ${folder}; choose another folder with --unix`
        : `there is no folder ${folder}; make it, or choose another with --unix`;
    default:
      return `cannot listen there: ${reasonOf(cause)}`;
  }
}

function isThere(path: string, what: 'isSocket' | 'isDirectory'): boolean {
  try {
    return (what === 'isSocket' ? lstatSync(path) : statSync(path))[what]();
  } catch {
    return false;
  }
}
