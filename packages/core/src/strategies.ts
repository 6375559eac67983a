import { OptionError } from './errors';
import * as servers from './servers';
import { TCPServer } from './tcp-server';
import { UDPServer } from './udp-server';
import { UnixDatagramServer, UnixStreamServer } from './unix-servers';

/** How requests run beside each other, by its word on the command line. */
export type Strategy = InProcessStrategy | WorkerStrategy;

/** Strategies that run handlers in the server's own thread. */
export type InProcessStrategy = 'sequential' | 'async' | 'selecting';

/** Strategies that run handlers in workers: threads or processes. */
export type WorkerStrategy = 'threading' | 'forking';

/** The strategies that run any handler. */
export const strategies: readonly InProcessStrategy[] = ['sequential', 'async', 'selecting'];

/** The strategies with workers: a handler's class says where those load it from. */
export const workerStrategies: readonly WorkerStrategy[] = ['threading', 'forking'];

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
  tcp: {
    sequential: TCPServer,
    async: servers.AsyncTCPServer,
    selecting: servers.SelectingTCPServer,
    threading: servers.ThreadingTCPServer,
    forking: servers.ForkingTCPServer,
  },
  udp: {
    sequential: UDPServer,
    async: servers.AsyncUDPServer,
    selecting: servers.SelectingUDPServer,
    threading: servers.ThreadingUDPServer,
    forking: servers.ForkingUDPServer,
  },
  unix: {
    sequential: UnixStreamServer,
    async: servers.AsyncUnixStreamServer,
    selecting: servers.SelectingUnixStreamServer,
    threading: servers.ThreadingUnixStreamServer,
    forking: servers.ForkingUnixStreamServer,
  },
  'unix-datagram': {
    sequential: UnixDatagramServer,
    async: servers.AsyncUnixDatagramServer,
    selecting: servers.SelectingUnixDatagramServer,
    threading: servers.ThreadingUnixDatagramServer,
    forking: servers.ForkingUnixDatagramServer,
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
  const found = Object.hasOwn(classes[transport], strategy) ? classes[transport][strategy] : undefined;
  if (found !== undefined) return found;
  throw new OptionError('strategy', strategy, `one of ${Object.keys(classes[transport]).join(', ')}`);
}
