import { optionSources, type RunSources } from './plan-run';
import type { Plugin, PluginTransport } from './plugin';
import { resolveSettings } from './settings';

/**
 * The settings that a plugin would be served with, for the app's other commands: from the same flags, variables and file.
 *
 *     const { dataDir } = await pluginSettings(attendance, { ...command.opts(), env: process.env });
 *
 * @returns what the plugin's schema made of them, with its defaults
 * @throws {ConfigFileError} when the configuration file is not right
 * @throws {BadSettingsError} when the plugin's schema refuses the settings
 */
export async function pluginSettings<Settings>(
  plugin: Pick<Plugin<Settings, PluginTransport>, 'settings'>,
  sources: Pick<RunSources, 'settings' | 'set' | 'config' | 'env' | 'cwd'> = {},
): Promise<Settings> {
  const { set, settings: given, env } = sources;
  const { config } = optionSources(sources);
  return (await resolveSettings(plugin, { set, given, env, config })) as Settings;
}
