import { OptionError } from './errors';
import * as servers from './servers';
import { TCPServer } from './tcp-server';
import { UDPServer } from './udp-server';
import { UnixDatagramServer, UnixStreamServer } from './unix-servers';

/** How requests run beside each other, by its word on the command line. */
export type Strategy = 'sequential' | 'async' | 'selecting';

/** Every strategy there is. */
export const strategies: readonly Strategy[] = ['sequential', 'async', 'selecting'];

/** What the servers of each transport have in common: they are all kinds of this class. */
export interface ServerClasses {
  /** Connections at a host and a port. */
  tcp: typeof TCPServer;
  /** Datagrams at a host and a port. */
  udp: typeof UDPServer;
  /** Connections at a path. */
  unix: typeof UnixStreamServer;
  /** Datagrams at a path. */
  'unix-datagram': typeof UnixDatagramServer;
}

/** What carries the requests. */
export type Transport = keyof ServerClasses;

const classes: { readonly [T in Transport]: Record<Strategy, ServerClasses[T]> } = {
  tcp: { sequential: TCPServer, async: servers.AsyncTCPServer, selecting: servers.SelectingTCPServer },
  udp: { sequential: UDPServer, async: servers.AsyncUDPServer, selecting: servers.SelectingUDPServer },
  unix: {
    sequential: UnixStreamServer,
    async: servers.AsyncUnixStreamServer,
    selecting: servers.SelectingUnixStreamServer,
  },
  'unix-datagram': {
    sequential: UnixDatagramServer,
    async: servers.AsyncUnixDatagramServer,
    selecting: servers.SelectingUnixDatagramServer,
  },
};

/** Every transport there is. */
export const transports = Object.keys(classes) as readonly Transport[];

/**
 * The class of servers for a strategy and a transport.
 *
 * @throws {OptionError} when there is no such strategy or transport
 */
export function serverClass<T extends Transport = 'tcp'>(
  strategy: Strategy,
  transport: T = 'tcp' as T,
): ServerClasses[T] {
  if (!transports.includes(transport)) {
    throw new OptionError('transport', transport, `one of ${transports.join(', ')}`);
  }
  if (!strategies.includes(strategy)) throw new OptionError('strategy', strategy, `one of ${strategies.join(', ')}`);
  return classes[transport][strategy];
}
