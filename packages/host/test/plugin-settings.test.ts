import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BaseRequestHandler } from '@socketserver/core';
import { z } from 'zod';
import { BadSettingsError, ConfigFileError } from '../src/errors';
import { planRun } from '../src/plan-run';
import { definePlugin } from '../src/plugin';
import { pluginSettings } from '../src/plugin-settings';

const plugin = definePlugin({
  name: 'roll',
  handler: BaseRequestHandler,
  settings: z.object({
    dataDir: z.string().default('data'),
    archive: z.boolean().default(true),
    most: z.int().default(10),
  }),
});

describe('pluginSettings()', () => {
  let cwd: string;

  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'plugin-settings-'));
    writeFileSync(
      join(cwd, 'my.json'),
      '{ "port": 7, "settings": { "dataDir": "file", "archive": false, "most": 1 } }',
    );
    writeFileSync(join(cwd, 'bad.json'), '{ "settings": 1 }');
  });

  afterAll(() => rmSync(cwd, { recursive: true }));

  it('gives the defaults, of the type that the schema makes', async () => {
    const { dataDir, archive, most }: { dataDir: string; archive: boolean; most: number } =
      await pluginSettings(plugin);
    expect({ dataDir, archive, most }).toEqual({ dataDir: 'data', archive: true, most: 10 });
  });

  it('sees the flags, the variables and the file that serving sees', async () => {
    const sources = {
      set: ['dataDir=042'],
      env: { SOCKETSERVER_CONFIG: 'my.json', SOCKETSERVER_SET_DATA_DIR: 'variable', SOCKETSERVER_SET_MOST: '2' },
      cwd,
    };
    const seen = await pluginSettings(plugin, sources);
    expect(seen).toEqual({ dataDir: '042', archive: false, most: 2 });
    expect((await planRun(plugin, sources)).settings).toEqual(seen);
  });

  it('takes a file by --config, and values of a program before all others', async () => {
    const seen = await pluginSettings(plugin, { config: 'my.json', set: ['most=3'], settings: { most: 4 }, cwd });
    expect(seen).toEqual({ dataDir: 'file', archive: false, most: 4 });
  });

  it('does not mind an option of the server that could not be served with', async () => {
    const env = { SOCKETSERVER_PORT: 'none', SOCKETSERVER_STRATEGY: 'magic' };
    await expect(planRun(plugin, { env })).rejects.toThrow('SOCKETSERVER_PORT=none');
    expect((await pluginSettings(plugin, { env })).most).toBe(10);
  });

  it('refuses what serving refuses', async () => {
    await expect(pluginSettings(plugin, { set: ['dataDri=x'] })).rejects.toThrow(BadSettingsError);
    await expect(pluginSettings(plugin, { set: ['most=x'] })).rejects.toThrow(/^--set most="x": /);
    await expect(pluginSettings(plugin, { config: 'bad.json', cwd })).rejects.toThrow(ConfigFileError);
    const plain = definePlugin({ name: 'plain', handler: BaseRequestHandler });
    await expect(pluginSettings(plain, { set: ['a=1'] })).rejects.toThrow('the plugin has no settings');
    expect(await pluginSettings(plain)).toEqual({});
  });
});
