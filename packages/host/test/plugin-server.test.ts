import { BaseRequestHandler, UDPServer, UnixDatagramServer, UnixStreamServer, strategies } from '@socketserver/core';
import { definePlugin, type PluginTransport } from '../src/plugin';
import { pluginServer, transportOf } from '../src/plugin-server';
import { resolveOptions } from '../src/resolve-options';

class Handler extends BaseRequestHandler<never> {}

describe('transportOf()', () => {
  it.each([
    ['tcp', undefined, 'tcp'],
    ['udp', undefined, 'udp'],
    ['tcp', '/run/app.sock', 'unix'],
    ['udp', '/run/app.sock', 'unix-datagram'],
  ] as const)('carries a plugin for %s at the path %p by %s', (transport, unix, carrier) => {
    const plugin = definePlugin<Record<string, never>, PluginTransport>({ name: 'x', transport, handler: Handler });
    expect(transportOf(plugin, resolveOptions({ flags: { unix } }).values)).toBe(carrier);
  });
});

describe('pluginServer()', () => {
  it.each([
    ['udp', UDPServer, ['127.0.0.1', 0]],
    ['unix', UnixStreamServer, '/run/app.sock'],
    ['unix-datagram', UnixDatagramServer, '/run/app.sock'],
  ] as const)('is a server of its strategy for %s', (transport, base, address) => {
    for (const strategy of strategies) {
      const Server = pluginServer(strategy, transport, () => {});
      expect(Server.prototype).toBeInstanceOf(base);
      const server = new Server(address, Handler);
      expect(server.concurrent).toBe(strategy !== 'sequential');
      expect(server.allowReuseAddress).toBe(transport !== 'udp');
    }
  });
});
