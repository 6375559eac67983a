import type { ServerConstructor } from './server-types';
import { OptionError } from './errors';
import { AsyncTCPServer, SelectingTCPServer } from './servers';
import { TCPServer } from './tcp-server';

/** How requests run beside each other, by its word on the command line. */
export type Strategy = 'sequential' | 'async' | 'selecting';

/** What carries the requests. */
export type Transport = 'tcp';

const servers: Record<Transport, Record<Strategy, ServerConstructor<TCPServer> & typeof TCPServer>> = {
  tcp: { sequential: TCPServer, async: AsyncTCPServer, selecting: SelectingTCPServer },
};

const transports = Object.keys(servers);

/** Every strategy there is. */
export const strategies: readonly Strategy[] = ['sequential', 'async', 'selecting'];

/**
 * The class of servers for a strategy and a transport.
 *
 * @throws {OptionError} when there is no such strategy or transport
 */
export function serverClass(strategy: Strategy, transport: Transport = 'tcp'): typeof TCPServer {
  if (!Object.hasOwn(servers, transport))
    throw new OptionError('transport', transport, `one of ${transports.join(', ')}`);
  if (!strategies.includes(strategy)) throw new OptionError('strategy', strategy, `one of ${strategies.join(', ')}`);
  return servers[transport][strategy];
}
