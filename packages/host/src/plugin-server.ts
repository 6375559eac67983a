/** The server class that a plugin runs on: that of its strategy, with the plugin's idle work and with logs for a banner. */
import { serverClass, type Strategy } from '@socketserver/core';

export type PluginServerClass = ReturnType<typeof serverClass>;

/**
 * Derives a server class for one run of one plugin.
 * @param idle called when nothing was ready for `pollInterval`; only the selecting strategy does. It must not throw
 */
export function pluginServer(strategy: Strategy, idle: () => void | Promise<void>): PluginServerClass {
  return class PluginServer extends serverClass(strategy, 'tcp') {
    handleIdle(): void | Promise<void> {
      return idle();
    }

    // The error is in the log already, by the event; Python's banner would say it twice.
    override handleError(): void {}
  };
}
