import { BlockList } from 'node:net';
import { BaseRequestHandler, DatagramRequestHandler, MessageHandler, StreamRequestHandler } from '@socketserver/core';
import { lines } from '@socketserver/framing';
import { z } from 'zod';
import { type AnyPlugin, definePlugin, isPlugin, sharesCore, type PluginDefinition } from '../src/plugin';

class Handler extends BaseRequestHandler {}

describe('definePlugin()', () => {
  it('gives a frozen copy that is known as a plugin of this copy', () => {
    const definition = { name: 'echo', handler: Handler };
    const plugin = definePlugin(definition);
    expect(plugin).not.toBe(definition);
    expect(plugin).toMatchObject(definition);
    expect(Object.isFrozen(plugin)).toBe(true);
    expect(isPlugin(plugin)).toBe(true);
    expect(sharesCore(plugin)).toBe(true);
    expect(isPlugin(definition)).toBe(false);
  });

  it.each([
    ['handlr', { name: 'echo', handler: Handler, handlr: Handler }],
    ['defaults.port', { name: 'echo', handler: Handler, defaults: { port: 3 } }],
  ])('refuses the field %s, which means nothing', (field, definition) => {
    expect(() => definePlugin(definition as PluginDefinition)).toThrow(
      `it has a field ${field}, which means nothing; there are `,
    );
  });

  it('types the settings of the hooks by the schema', () => {
    const plugin = definePlugin({
      name: 'typed',
      handler: Handler,
      settings: z.object({ limit: z.coerce.number() }),
      configure(_container, settings) {
        settings.limit satisfies number;
        // @ts-expect-error: the schema has no such key
        void settings.limits;
      },
      start({ settings }) {
        settings.limit satisfies number;
      },
    });
    expect(plugin.name).toBe('typed');
  });

  it('takes for datagrams what handles datagrams, and for streams what reads streams', () => {
    class Shout extends MessageHandler<string> {
      override readonly codec = lines();
      override onMessage() {}
    }
    class Packets extends DatagramRequestHandler {}
    class Stream extends StreamRequestHandler {}
    const good = [
      definePlugin({ name: 'a', transport: 'udp', handler: Packets }),
      definePlugin({ name: 'b', transport: 'udp', handler: Shout }),
      definePlugin({ name: 'c', transport: 'tcp', handler: Shout }),
      definePlugin({ name: 'd', handler: Stream }),
    ] satisfies AnyPlugin[];
    expect(good.map(({ transport }) => transport)).toEqual(['udp', 'udp', 'tcp', undefined]);
    // @ts-expect-error: a datagram is no stream
    expect(() => definePlugin({ name: 'e', transport: 'udp', handler: Stream })).toThrow(
      'plugin "e": its handler reads a stream; for transport "udp" extend DatagramRequestHandler or MessageHandler',
    );
    // @ts-expect-error: a stream is no datagram
    expect(() => definePlugin({ name: 'f', handler: Packets })).toThrow(
      'plugin "f": its handler answers datagrams; add transport: "udp" to the plugin',
    );
    // @ts-expect-error: its request is a socket, which only the compiler can know
    definePlugin({ name: 'g', transport: 'udp', handler: Handler });
  });

  it('takes a path, limits, deadlines and lists as defaults', () => {
    const plugin = definePlugin({
      name: 'careful',
      handler: Handler,
      defaults: {
        address: '/run/careful.sock',
        deadlines: { handshake: 1, firstByte: 2, drain: 3, lifetime: 4 },
        maxConnections: 5,
        maxConnectionsPerAddress: 6,
        overflow: Handler,
        deny: new BlockList(),
      },
    });
    expect(plugin.defaults).toMatchObject({ overflow: Handler, maxConnections: 5 });
  });

  it.each([
    [{ handler: Handler }, /its name must be/],
    [{ name: 'Two Words', handler: Handler }, /its name must be/],
    [{ name: 'echo' }, 'plugin "echo": it has no handler'],
    [
      { name: 'echo', handler: Handler, transport: 'unix' },
      'plugin "echo": its transport is "unix"; it must be "tcp" or "udp"',
    ],
    [{ name: 'echo', handler: Handler, settings: { port: 1 } }, 'plugin "echo": its settings are not a zod schema'],
  ])('refuses %o', (definition, message) => {
    expect(() => definePlugin(definition as unknown as PluginDefinition)).toThrow(message);
  });
});
