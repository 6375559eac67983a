import { BaseRequestHandler } from '@socketserver/core';
import { z } from 'zod';
import { definePlugin, isPlugin, sharesCore, type PluginDefinition } from '../src/plugin';

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

  it.each([
    [{ handler: Handler }, /its name must be/],
    [{ name: 'Two Words', handler: Handler }, /its name must be/],
    [{ name: 'echo' }, 'plugin "echo": it has no handler'],
    [{ name: 'echo', handler: Handler, settings: { port: 1 } }, 'plugin "echo": its settings are not a zod schema'],
  ])('refuses %o', (definition, message) => {
    expect(() => definePlugin(definition as unknown as PluginDefinition)).toThrow(message);
  });
});
