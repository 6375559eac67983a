import { BlockList } from 'node:net';
import { addressOf } from '../src/options';
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
      unix: undefined,
      strategy: 'async',
      workers: 0,
      pollInterval: 500,
      maxConnections: 0,
      maxConnectionsPerAddress: 0,
      overflow: 'queue',
      allow: undefined,
      deny: undefined,
      handshakeTimeout: 0,
      firstByteTimeout: 0,
      messageTimeout: 0,
      idleTimeout: 0,
      handlerTimeout: 0,
      sendTimeout: 0,
      lifetime: 0,
      drainTimeout: 15_000,
      loadTimeout: 10_000,
      logLevel: 'info',
    });
  });

  it('takes an empty variable as none', () => {
    expect(resolveOptions({ env: { SOCKETSERVER_PORT: '' }, defaults }).values.port).toBe(4);
  });

  it.each([
    ['a flag', { flags: { port: '70000' } }, '--port 70000: expected a whole number from 0 to 65535'],
    [
      'the wrong part of a list',
      { flags: { allow: ['::1', '10.0.0.0/33,x'] } },
      '--allow ::1,10.0.0.0/33,x: expected addresses and ranges with commas between them, such as 10.0.0.0/8,::1; ' +
        'got "10.0.0.0/33"',
    ],
    ['a policy', { flags: { overflow: 'drop' } }, '--overflow drop: expected one of queue, reject'],
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

  it('takes limits, policies and lists from the plugin', () => {
    class Busy {
      async run() {}
    }
    const deny = new BlockList();
    const limits = { maxConnections: 5, maxConnectionsPerAddress: 2, overflow: Busy, deny };
    expect(resolveOptions({ defaults: limits }).values).toMatchObject(limits);
    expect(resolveOptions({ flags: { maxConnections: '0' }, defaults: limits }).values.maxConnections).toBe(0);
  });

  it('takes a list from a file as text or as an array', () => {
    for (const allow of ['10.0.0.0/8,::1', ['10.0.0.0/8', '::1']]) {
      const { values } = resolveOptions({ config: { file: 'my.json', options: { allow }, settings: {} } });
      expect(values.allow?.check('10.1.1.1')).toBe(true);
      expect(values.allow?.check('::1', 'ipv6')).toBe(true);
    }
  });
});

describe('resolveOptions(), of a path, or a host and a port', () => {
  const path = '/run/app.sock';
  const file = (options: object) => ({ config: { file: 'my.json', options, settings: {} } });

  it.each([
    ['a flag before the plugin', { flags: { unix: path }, defaults }, path],
    ['a flag before the environment', { flags: { unix: path }, env: { SOCKETSERVER_PORT: '2' } }, path],
    ['the environment before the file', { env: { SOCKETSERVER_UNIX: path }, ...file({ host: 'h', port: 3 }) }, path],
    ['the file before the plugin', { ...file({ unix: path }), defaults }, path],
    ['the plugin, when nobody says another', { defaults: { address: path } }, path],
  ])('takes the path of %s', (_what, sources, address) => {
    expect(addressOf(resolveOptions(sources).values)).toBe(address);
  });

  it.each([
    ['a flag', { flags: { port: '5' }, env: { SOCKETSERVER_UNIX: path } }, ['127.0.0.1', 5]],
    ['the environment', { env: { SOCKETSERVER_HOST: 'h' }, ...file({ unix: path, port: 3 }) }, ['h', 3]],
    ['the file', { ...file({ port: 3 }), defaults: { address: path } }, ['127.0.0.1', 3]],
  ])('takes the host and the port of %s before a path of a weaker source', (_what, sources, address) => {
    expect(addressOf(resolveOptions(sources).values)).toEqual(address);
  });

  it.each([
    [
      { flags: { unix: path, port: '5' } },
      `--unix ${path}: not together with --port 5; give a path, or a host and a port`,
    ],
    [
      { flags: { unix: path, host: 'h' } },
      `--unix ${path}: not together with --host h; give a path, or a host and a port`,
    ],
    [
      { env: { SOCKETSERVER_UNIX: path, SOCKETSERVER_PORT: '5' } },
      `SOCKETSERVER_UNIX=${path}: not together with SOCKETSERVER_PORT=5; give a path, or a host and a port`,
    ],
    [
      file({ unix: path, host: 'h' }),
      `"unix": "${path}" in my.json: not together with "host": "h" in my.json; give a path, or a host and a port`,
    ],
  ])('refuses both from the same place: %j', (sources, message) => {
    expect(() => resolveOptions(sources)).toThrow(expect.objectContaining({ code: 'BAD_OPTION', message }) as Error);
  });

  it('does not mind both where a stronger source decides', () => {
    const env = { SOCKETSERVER_UNIX: path, SOCKETSERVER_PORT: '5' };
    expect(addressOf(resolveOptions({ flags: { unix: '/run/b' }, env }).values)).toBe('/run/b');
    expect(addressOf(resolveOptions({ flags: { host: 'h' }, env }).values)).toEqual(['h', 5]);
  });

  it.each(['', 5, 'a\0b'])('refuses %j as a path', (unix) => {
    expect(() => resolveOptions({ flags: { unix } })).toThrow(/: expected the path of a socket, such as /);
  });
});
