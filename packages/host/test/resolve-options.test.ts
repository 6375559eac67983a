import { resolveOptions } from '../src/resolve-options';

const config = { file: 'my.json', options: { port: 3, host: 'from.file', strategy: 'sequential' }, settings: {} };
const defaults = { address: ['from.plugin', 4], strategy: 'selecting', deadlines: { idle: 30_000 } } as const;

describe('resolveOptions()', () => {
  it('takes flags before environment before file before the plugin', () => {
    const env = { SOCKETSERVER_PORT: '2', SOCKETSERVER_HOST: 'from.env' };
    const { values, sources } = resolveOptions({ flags: { port: '1' }, env, config, defaults });
    expect(values).toMatchObject({ port: 1, host: 'from.env', strategy: 'sequential', idleTimeout: 30_000 });
    expect(sources).toMatchObject({ port: 'flag', host: 'environment', strategy: 'file', idleTimeout: 'default' });
  });

  it('has a default for each option', () => {
    expect(resolveOptions({}).values).toEqual({
      host: '127.0.0.1',
      port: 0,
      strategy: 'async',
      pollInterval: 500,
      drainTimeout: 15_000,
      idleTimeout: 0,
      messageTimeout: 0,
      handlerTimeout: 0,
      loadTimeout: 10_000,
      logLevel: 'info',
    });
  });

  it('takes an empty variable as none', () => {
    expect(resolveOptions({ env: { SOCKETSERVER_PORT: '' }, defaults }).values.port).toBe(4);
  });

  it.each([
    ['a flag', { flags: { port: '70000' } }, '--port 70000: expected a whole number from 0 to 65535'],
    ['an empty flag', { flags: { host: '' } }, '--host "": expected a host name or an address'],
    [
      'the environment',
      { env: { SOCKETSERVER_PORT: 'x' } },
      'SOCKETSERVER_PORT=x: expected a whole number from 0 to 65535',
    ],
    [
      'the file',
      { config: { ...config, options: { port: '5 ' } } },
      '"port": "5 " in my.json: expected a whole number from 0 to 65535',
    ],
  ])('names %s and the value that it refuses', (_where, sources, message) => {
    expect(() => resolveOptions(sources)).toThrow(expect.objectContaining({ code: 'BAD_OPTION', message }) as Error);
  });

  it('lists the strategies when it does not know one', () => {
    expect(() => resolveOptions({ flags: { strategy: 'quantum' } })).toThrow(
      /^--strategy quantum: expected one of sequential, async, selecting/,
    );
  });

  it.each(['-1', '1.5', '0x10', '1e3', ' 5', '99999999999', true, null, 5.5, NaN])('refuses %p as a port', (port) => {
    expect(() => resolveOptions({ flags: { port } })).toThrow(/^--port /);
  });

  it.each(['0', '65535', 5000])('takes %p as a port', (port) => {
    expect(resolveOptions({ flags: { port } }).values.port).toBe(Number(port));
  });
});
