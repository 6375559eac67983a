/**
 * The server class that a plugin runs on: that of its strategy and its transport, with the plugin's idle work and with
 * logs for a banner.
 */
import { serverClass, type Strategy, type TCPServer, type Transport } from '@socketserver/core';
import type { ServeOptions } from './options';
import type { AnyPlugin } from './plugin';

/** What carries a plugin's requests: on a path, streams for `tcp` and datagrams for `udp`. */
export function transportOf({ transport = 'tcp' }: AnyPlugin, { unix }: ServeOptions): Transport {
  if (unix === undefined) return transport;
  return transport === 'tcp' ? 'unix' : 'unix-datagram';
}

/**
 * Derives a server class for one run of one plugin.
 * @param idle called when nothing was ready for `pollInterval`; only the selecting strategy does. It must not throw
 */
export function pluginServer(
  strategy: Strategy,
  transport: Transport,
  idle: () => void | Promise<void>,
): typeof TCPServer {
  // One of four classes, which TypeScript cannot extend; what is used of them here is the same in all.
  const Base = serverClass(strategy, transport) as typeof TCPServer;
  return class PluginServer extends Base {
    /** A path that an earlier server has left is taken over. With a port it would let two servers share it. */
    override allowReuseAddress = transport.startsWith('unix');

    handleIdle(): void | Promise<void> {
      return idle();
    }

    // The error is in the log already, by the event; Python's banner would say it twice.
    override handleError(): void {}
  };
}
