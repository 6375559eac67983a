import { OptionError, TCPServer, systemClock } from '../src';
import { type ServerOptions, resolveOptions } from '../src/server-options';
import { Echo } from './handlers';

describe('the options of a server', () => {
  it('have defaults', () => {
    expect(resolveOptions({})).toMatchObject({ clock: systemClock, deadlines: {}, drainTimeout: 15_000 });
  });

  it('are copied and frozen, and the caller’s own are left alone', () => {
    const deadlines = { idle: 1000 };
    const options: ServerOptions = { deadlines, drainTimeout: 10, dualStack: true };
    const server = new TCPServer(['127.0.0.1', 0], Echo, options);
    expect(server.options).toMatchObject({ deadlines: { idle: 1000 }, drainTimeout: 10, dualStack: true });
    expect(Object.isFrozen(server.options)).toBe(true);
    expect(Object.isFrozen(server.options.deadlines)).toBe(true);
    expect(options).toEqual({ deadlines: { idle: 1000 }, drainTimeout: 10, dualStack: true });
    expect(Object.isFrozen(options)).toBe(false);
    expect(Object.isFrozen(deadlines)).toBe(false);
    deadlines.idle = 5;
    expect(server.options.deadlines.idle).toBe(1000);
  });

  it.each<[name: string, options: ServerOptions]>([
    ['drainTimeout', { drainTimeout: -1 }],
    ['drainTimeout', { drainTimeout: NaN }],
    ['drainTimeout', { drainTimeout: Infinity }],
    ['drainTimeout', { drainTimeout: 2 ** 31 }],
    ['drainTimeout', { drainTimeout: '5' as never }],
    ['deadlines.idle', { deadlines: { idle: 0 } }],
    ['deadlines.message', { deadlines: { message: -5 } }],
    ['deadlines.handler', { deadlines: { handler: NaN } }],
  ])('refuse a bad %s: %p', (option, options) => {
    const make = (): unknown => new TCPServer(['127.0.0.1', 0], Echo, options);
    expect(make).toThrow(OptionError);
    expect(make).toThrow(new RegExp(`^${option}: expected a number of milliseconds, \\d to 2147483647; got `));
  });

  it.each<[name: string, options: object]>([
    ['drainTimout', { drainTimout: 5 }],
    ['deadlines.idel', { deadlines: { idel: 5 } }],
    ['signal', { signal: new AbortController().signal }],
  ])('refuse the unknown %s', (option, options) => {
    expect(() => new TCPServer(['127.0.0.1', 0], Echo, options)).toThrow(`${option}: expected one of `);
  });

  it.each<[option: string, options: unknown, expected: string]>([
    ['options', null, 'an object'],
    ['options', 5, 'an object'],
    ['deadlines', { deadlines: 5 }, 'an object'],
    ['shared', { shared: {} }, 'a list'],
    ['container', { container: {} }, 'a container of tsyringe'],
    ['clock', { clock: {} }, 'a Clock'],
    ['dualStack', { dualStack: 'yes' }, 'true or false'],
    ['removeStale', { removeStale: 1 }, 'true or false'],
    ['allow', { allow: ['127.0.0.1'] }, 'a net.BlockList'],
    ['deny', { deny: null }, 'a net.BlockList'],
  ])('refuse %s of another kind: %p', (option, options, expected) => {
    const make = (): unknown => new TCPServer(['127.0.0.1', 0], Echo, options as never);
    expect(make).toThrow(OptionError);
    expect(make).toThrow(`${option}: expected ${expected}`);
  });

  it('of serveForever() are checked as well', async () => {
    await using server = await TCPServer.listen(['127.0.0.1', 0], Echo);
    await expect(server.serveForever(500 as never)).rejects.toThrow('options: expected an object; got 500');
    await expect(server.serveForever({ poll: 1 } as never)).rejects.toThrow(
      'poll: expected one of pollInterval, signal',
    );
  });

  it.each<[address: unknown]>([
    ['127.0.0.1:80'],
    [{ host: '127.0.0.1', port: 80 }],
    [['127.0.0.1']],
    [['127.0.0.1', 65_536]],
    [['127.0.0.1', '80']],
    [undefined],
  ])('refuse the address %p', (address) => {
    expect(() => new TCPServer(address as never, Echo)).toThrow(/^address: expected a host and a port/);
  });

  it('take a drainTimeout of 0, which cuts at once', () => {
    expect(resolveOptions({ drainTimeout: 0 }).drainTimeout).toBe(0);
  });
});
