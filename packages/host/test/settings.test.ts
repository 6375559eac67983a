import { z } from 'zod';
import { BadSettingsError } from '../src/errors';
import type { AnyPlugin } from '../src/plugin';
import { resolveSettings, showSetting, type SettingSources, variableOf } from '../src/settings';

const schema = z.object({
  maxHosts: z.number().int().positive().default(1000),
  title: z.string().default('Hosts'),
  token: z.string().optional(),
  tags: z.array(z.string()).default([]),
  mode: z.enum(['fast', 'safe']).default('safe'),
  alert: z.object({ cpu: z.number().max(100).default(90), hosts: z.number().default(5) }).prefault({}),
});

const resolve = (sources: SettingSources, settings: z.ZodType | undefined = schema) =>
  resolveSettings({ name: 'test', settings } as AnyPlugin, sources);

async function problems(sources: SettingSources, settings?: z.ZodType): Promise<string[]> {
  const error: unknown = await resolve(sources, settings).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(BadSettingsError);
  return (error as BadSettingsError).problems.map((problem) => problem.message);
}

describe('resolveSettings()', () => {
  it('gives the defaults of the schema', async () => {
    expect(await resolve({})).toEqual({
      maxHosts: 1000,
      title: 'Hosts',
      tags: [],
      mode: 'safe',
      alert: { cpu: 90, hosts: 5 },
    });
  });

  it('takes flags before environment before file, key by key', async () => {
    const config = {
      file: 'my.json',
      options: {},
      settings: { maxHosts: 1, title: 'file', alert: { cpu: 1, hosts: 1 } },
    };
    const env = { SOCKETSERVER_SET_TITLE: 'env', SOCKETSERVER_SET_ALERT_CPU: '2', SOCKETSERVER_SET_MODE: '' };
    expect(await resolve({ set: ['alert.cpu=3'], env, config })).toMatchObject({
      maxHosts: 1,
      title: 'env',
      mode: 'safe',
      alert: { cpu: 3, hosts: 1 },
    });
  });

  it('reads values as JSON, and as text where the schema wants text', async () => {
    const set = ['maxHosts=7', 'tags=["a","b"]', 'title=a=b', 'token=042'];
    expect(await resolve({ set })).toMatchObject({ maxHosts: 7, tags: ['a', 'b'], title: 'a=b', token: '042' });
    expect(await resolve({ set: ['title=7', 'token=true'] })).toMatchObject({ title: '7', token: 'true' });
  });

  it('lets a whole object replace its parts, and a part change a whole object', async () => {
    expect(await resolve({ set: ['alert.cpu=1', 'alert={"hosts":9}'] })).toMatchObject({
      alert: { cpu: 90, hosts: 9 },
    });
    const config = { file: 'my.json', options: {}, settings: { alert: { cpu: 1 } } };
    expect(await resolve({ set: ['alert.hosts=2'], config })).toMatchObject({ alert: { cpu: 1, hosts: 2 } });
  });

  it('takes values from a program before all others', async () => {
    expect(await resolve({ given: { maxHosts: 2 }, set: ['maxHosts=1'] })).toMatchObject({ maxHosts: 2 });
  });

  it('names the value, what was expected and where it came from, one line each', async () => {
    const config = { file: 'my.json', options: {}, settings: { alert: { cpu: 120 } } };
    const env = { SOCKETSERVER_SET_MODE: 'slow' };
    expect(await problems({ set: ['maxHosts=many', 'tags=["a",5]'], env, config })).toEqual([
      '--set maxHosts="many": expected number, received string',
      '--set tags=["a",5]: tags.1: expected string, received number',
      'SOCKETSERVER_SET_MODE="slow": invalid option: expected one of "fast"|"safe"',
      '"settings.alert.cpu" in my.json=120: too big: expected number to be <=100',
    ]);
  });

  it('says how to give a setting that has no default', async () => {
    expect(await problems({}, z.object({ key: z.string() }))).toEqual([
      '--set key: expected string; this setting has no default',
    ]);
  });

  it('refuses settings that the schema does not name, on every level', async () => {
    expect(await problems({ set: ['maxHost=1', 'alert.ram=2'] })).toEqual([
      '--set maxHost: unknown setting; known are maxHosts, title, token, tags, mode, alert',
      '--set alert.ram: unknown setting; known are alert.cpu, alert.hosts',
    ]);
    expect(await problems({ env: { SOCKETSERVER_SET_MAXHOSTS: '1' } })).toEqual([
      'SOCKETSERVER_SET_MAXHOSTS: unknown setting; known are maxHosts, title, token, tags, mode, alert',
    ]);
    expect(await problems({ set: ['__proto__.polluted=1'] })).toEqual([
      expect.stringContaining('--set __proto__.polluted: unknown setting'),
    ]);
    expect('polluted' in {}).toBe(false);
  });

  it('refuses every setting of a plugin that has none', async () => {
    const error = await resolveSettings({ name: 'test' } as AnyPlugin, { set: ['a=1'] }).catch((e: unknown) => e);
    expect((error as Error).message).toBe('--set a: unknown setting; the plugin has no settings');
    expect(await resolveSettings({ name: 'test' } as AnyPlugin, {})).toEqual({});
  });

  it.each(['maxHosts', '=1', '.a=1', 'a..b=1'])('refuses --set %s', async (assignment) => {
    expect(await problems({ set: [assignment] })).toEqual([expect.stringContaining('expected key=value')]);
  });

  it('waits for a schema that checks asynchronously', async () => {
    const slow = z.object({ a: z.number().refine(async (n) => n === 1, 'must be one') });
    expect(await resolve({ set: ['a=1'] }, slow)).toEqual({ a: 1 });
    expect(await problems({ set: ['a=2'] }, slow)).toEqual(['--set a=2: must be one']);
  });

  it('does not print a secret', async () => {
    const strict = z.object({ token: z.string().min(8) });
    expect(await problems({ set: ['token=hunter2'] }, strict)).toEqual([
      expect.stringMatching(/^--set token=\(hidden\): too small/),
    ]);
  });
});

describe('variableOf()', () => {
  it('writes a path in capitals', () => {
    expect(variableOf(['alert', 'maxCpuLoad'])).toBe('SOCKETSERVER_SET_ALERT_MAX_CPU_LOAD');
  });
});

describe('showSetting()', () => {
  it('hides secrets inside objects and shortens what is long', () => {
    expect(showSetting('web', { port: 1, password: 'x' })).toBe('{"port":1,"password":"(hidden)"}');
    expect(showSetting('title', 'x'.repeat(200))).toHaveLength(80);
  });
});
