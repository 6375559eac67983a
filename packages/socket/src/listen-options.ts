import type * as net from 'node:net';

import type { Address } from './address';
import { hostToBind } from './check-address';
import type { Clock } from './clock';
import { probeConnectionHook } from './connection-hook';
import { SOMAXCONN } from './constants';
import { UnsupportedError } from './errors';
import type { ReadPath } from './read-path';

/** How to listen. */
export interface ListenOptions {
  /** Connections that wait in the kernel. @default 1024 */
  readonly backlog?: number | undefined;
  /** An IPv6 listener takes IPv4 connections as well. @default false */
  readonly dualStack?: boolean | undefined;
  /** Several processes may listen on one port (SO_REUSEPORT). Needs Node 22.12, or 23.1 or later. @default false */
  readonly reusePort?: boolean | undefined;
  /** Before binding at a path: remove the file of a socket that nobody uses any more. @default false */
  readonly removeStale?: boolean | undefined;
  /** How accepted connections read. @default what this Node can do, or the environment's SOCKETSERVER_READ_PATH */
  readonly readPath?: ReadPath | undefined;
  /**
   * Accepted connections do not read before somebody receives from them or watches them, so that a `HandOff` can give
   * them to another thread or process with all that was sent. @default false
   */
  readonly handOver?: boolean | undefined;
  /**
   * A socket that listens at the address already, by its descriptor: one that was inherited from the process which has
   * started this one. It belongs to the new socket. @default a new one is bound
   */
  readonly fd?: number | undefined;
  /** Whether to use the gate. @default where it can be had, unless the environment says SOCKETSERVER_ACCEPT_GATE=off */
  readonly acceptGate?: boolean | undefined;
  /** Hears of connections that could not be accepted. The listener lives on. */
  readonly onError?: ((error: Error) => void) | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** At least 1, like Linux: with 0 nobody could ever come in. */
export function checkBacklog(backlog: number = SOMAXCONN): number {
  if (Number.isInteger(backlog)) return Math.max(1, backlog);
  throw new UnsupportedError(`listen: the backlog must be a whole number of connections; got ${backlog}`, 'EINVAL');
}

/** How accepted connections read when nobody says: as the environment asks, or else the best way that works here. */
export async function defaultReadPath(): Promise<ReadPath> {
  const asked = process.env.SOCKETSERVER_READ_PATH;
  if (asked === 'shared-buffer' || asked === 'data-events') return asked;
  return (await probeConnectionHook()) ? 'shared-buffer' : 'data-events';
}

/** @throws {UnsupportedError} when this Node cannot do what is asked */
export function netOptions(address: Address, family: number, options: ListenOptions): net.ListenOptions {
  const backlog = checkBacklog(options.backlog);
  if (typeof address === 'string') return { path: address, backlog };
  const { dualStack = false } = options;
  const host = hostToBind(address[0], family, dualStack);
  if (options.reusePort === true) checkReusePort();
  const reusePort = options.reusePort === true ? { reusePort: true } : {};
  return { host, port: address[1], backlog, ipv6Only: !dualStack, ...reusePort };
}

/** @throws {UnsupportedError} when this Node cannot share ports */
export function checkReusePort(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) return;
  throw new UnsupportedError(
    `bind: reusePort needs Node 22.12, or 23.1 or later; this is ${process.version}`,
    'ERR_REUSE_PORT',
  );
}
