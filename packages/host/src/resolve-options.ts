/** Decides the options of a server: flags before environment before file before the plugin's defaults. */
import type { ConfigFile } from './config-file';
import { BadOptionError } from './errors';
import { showValue } from './option-values';
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

/** The sources, the strongest first. */
const ranks = ['flag', 'environment', 'file', 'default'] as const;
export type OptionSource = (typeof ranks)[number];

interface Found {
  given: unknown;
  readonly origin: string;
  readonly source: OptionSource;
}

/**
 * @throws {BadOptionError} for the first value that is not a right one, or a path beside a host or a port
 */
export function resolveOptions(sources: OptionSources): ResolvedOptions {
  const found = Object.fromEntries(optionNames.map((name) => [name, find(name, sources)])) as Record<OptionName, Found>;
  chooseAddress(found);
  return {
    values: mapOptions((name) => read(name, found[name])) as unknown as ServeOptions,
    origins: mapOptions((name) => found[name].origin),
    sources: mapOptions((name) => found[name].source),
  };
}

function mapOptions<T>(valueOf: (name: OptionName) => T): Record<OptionName, T> {
  return Object.fromEntries(optionNames.map((name) => [name, valueOf(name)])) as Record<OptionName, T>;
}

function find(name: OptionName, { flags, env, config, defaults }: OptionSources): Found {
  const flag = flags?.[name];
  if (flag !== undefined) return { given: flag, origin: `${flagOf(name)} ${showValue(flag)}`, source: 'flag' };
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
  const given = options[name].ofPlugin?.(defaults ?? {}) ?? options[name].fallback;
  return { given, origin: `${flagOf(name)} ${showValue(given)}`, source: 'default' };
}

/** A path, or a host and a port: what a stronger source says makes the other void. */
function chooseAddress({ unix, host, port }: Record<OptionName, Found>): void {
  if (unix.given === undefined) return;
  const inet = rankOf(port) <= rankOf(host) ? port : host;
  if (rankOf(inet) < rankOf(unix)) unix.given = undefined;
  else if (unix.source !== 'default' && inet.source === unix.source) {
    throw new BadOptionError(
      'unix',
      unix.origin,
      `not together with ${inet.origin}; give a path, or a host and a port`,
    );
  }
}

function rankOf({ source }: Found): number {
  return ranks.indexOf(source);
}

function read(name: OptionName, { given, origin }: Found): unknown {
  // Nobody gave one, and there is no default.
  if (given === undefined) return undefined;
  const { read, expected, fault } = options[name];
  const value = read(given);
  if (value !== undefined) return value;
  const part = fault?.(given);
  throw new BadOptionError(
    name,
    origin,
    `expected ${expected}${part === undefined ? '' : `; got ${JSON.stringify(part)}`}`,
  );
}
