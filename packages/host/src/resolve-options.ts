/** Decides the options of a server: flags before environment before file before the plugin's defaults. */
import type { ConfigFile } from './config-file';
import { BadOptionError } from './errors';
import { flagOf, optionNames, options, type OptionName, type ServeOptions } from './options';
import type { PluginDefaults } from './plugin';

export interface OptionSources {
  /** From the command line, as text, or from a program. */
  readonly flags?: Readonly<Partial<Record<OptionName, unknown>>> | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly config?: ConfigFile | undefined;
  readonly defaults?: PluginDefaults | undefined;
}

export interface ResolvedOptions {
  readonly values: Readonly<ServeOptions>;
  /** Where each value came from, for messages: `--port 5000`, `SOCKETSERVER_PORT=5000`, `"port": 5000 in my.json`. */
  readonly origins: Readonly<Record<OptionName, string>>;
  /** Which of the four sources decided. */
  readonly sources: Readonly<Record<OptionName, OptionSource>>;
}

export type OptionSource = 'flag' | 'environment' | 'file' | 'default';

interface Found {
  readonly given: unknown;
  readonly origin: string;
  readonly source: OptionSource;
}

/**
 * @throws {BadOptionError} for the first value that is not a right one
 */
export function resolveOptions(sources: OptionSources): ResolvedOptions {
  const values: Partial<Record<OptionName, unknown>> = {};
  const origins: Partial<Record<OptionName, string>> = {};
  const decided: Partial<Record<OptionName, OptionSource>> = {};
  for (const name of optionNames) {
    const { given, origin, source } = find(name, sources);
    const value = options[name].read(given);
    if (value === undefined) throw new BadOptionError(name, origin, `expected ${options[name].expected}`);
    values[name] = value;
    origins[name] = origin;
    decided[name] = source;
  }
  return {
    values: values as ServeOptions,
    origins: origins as Record<OptionName, string>,
    sources: decided as Record<OptionName, OptionSource>,
  };
}

function find(name: OptionName, { flags, env, config, defaults }: OptionSources): Found {
  const flag = flags?.[name];
  if (flag !== undefined) return { given: flag, origin: `${flagOf(name)} ${show(flag)}`, source: 'flag' };
  const variable = options[name].env;
  const exported = env?.[variable];
  // An empty variable counts as not set: that is how shells and container files switch one off.
  if (exported !== undefined && exported !== '') {
    return { given: exported, origin: `${variable}=${exported}`, source: 'environment' };
  }
  const filed = config?.options[name];
  if (filed !== undefined) {
    return { given: filed, origin: `"${name}": ${JSON.stringify(filed)} in ${String(config?.file)}`, source: 'file' };
  }
  const given = defaultOf(name, defaults ?? {});
  return { given, origin: `${flagOf(name)} ${show(given)}`, source: 'default' };
}

function defaultOf(name: OptionName, defaults: PluginDefaults): ServeOptions[OptionName] {
  const all: ServeOptions = {
    host: defaults.address?.[0] ?? '127.0.0.1',
    port: defaults.address?.[1] ?? 0,
    strategy: defaults.strategy ?? 'async',
    pollInterval: defaults.pollInterval ?? 500,
    drainTimeout: defaults.drainTimeout ?? 15_000,
    idleTimeout: defaults.deadlines?.idle ?? 0,
    messageTimeout: defaults.deadlines?.message ?? 0,
    handlerTimeout: defaults.deadlines?.handler ?? 0,
    loadTimeout: 10_000,
    logLevel: 'info',
  };
  return all[name];
}

function show(value: unknown): string {
  return typeof value === 'string' ? (value === '' ? '""' : value) : JSON.stringify(value);
}
