/** Everything that must be right before a socket is opened: the options, the settings, and that they suit the plugin. */
import type { AddressList } from './address-list';
import { readConfigFile } from './config-file';
import { BadOptionError } from './errors';
import type { ListName, ServeOptions } from './options';
import type { AnyPlugin } from './plugin';
import { resolveOptions, type OptionSources, type ResolvedOptions } from './resolve-options';
import { resolveSettings } from './settings';

/** Options and settings, by where they come from. Options may be texts, as the command's flags are. */
export interface RunSources extends Partial<{
  readonly [Name in keyof Omit<ServeOptions, ListName>]: ServeOptions[Name] | string;
}> {
  /** Only clients with these addresses are served: `10.0.0.0/8,::1`. */
  readonly allow?: AddressList | undefined;
  /** Clients with these addresses are refused. */
  readonly deny?: AddressList | undefined;
  /** Settings of the plugin from a program. They win over all others. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** Settings as `--set` takes them: `maxHosts=100`. */
  readonly set?: readonly string[] | undefined;
  /** A configuration file. @default the environment's SOCKETSERVER_CONFIG */
  readonly config?: string | undefined;
  /** The environment variables. @default none */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The folder that the configuration file's path starts from. @default process.cwd() */
  readonly cwd?: string | undefined;
}

export interface RunPlan {
  readonly options: ResolvedOptions;
  readonly settings: unknown;
}

/**
 * @throws {BadOptionError} for an option that is not right, or a strategy that the plugin cannot have
 * @throws {ConfigFileError} when the configuration file is not right
 * @throws {BadSettingsError} when the plugin's schema refuses the settings
 */
export async function planRun(plugin: AnyPlugin, sources: RunSources): Promise<RunPlan> {
  const from = optionSources(sources);
  const options = resolveOptions({ ...from, defaults: plugin.defaults });
  if (plugin.concurrent === true && options.values.strategy === 'sequential') {
    const reason = `plugin "${plugin.name}" serves several clients at the same time; choose another strategy`;
    throw new BadOptionError('strategy', options.origins.strategy, reason);
  }
  const { set, settings: given, env } = sources;
  return { options, settings: await resolveSettings(plugin, { set, given, env, config: from.config }) };
}

/** Where options come from, with the configuration file read. */
export function optionSources(sources: RunSources): OptionSources {
  const { env, cwd = process.cwd() } = sources;
  const file = sources.config ?? (env?.SOCKETSERVER_CONFIG === '' ? undefined : env?.SOCKETSERVER_CONFIG);
  return { flags: sources, env, config: file === undefined ? undefined : readConfigFile(file, cwd) };
}
