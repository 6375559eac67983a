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

/** Every strategy there is. */
export const strategies: readonly Strategy[] = ['sequential', 'async', 'selecting'];

/**
 * The class of servers for a strategy and a transport.
 *
 * @throws {OptionError} when there is no such strategy
 */
export function serverClass(strategy: Strategy, transport: Transport = 'tcp'): typeof TCPServer {
  const found = (servers[transport] as Partial<typeof servers.tcp>)[strategy];
  if (found === undefined) throw new OptionError('strategy', strategy, `one of ${strategies.join(', ')}`);
  return found;
}
