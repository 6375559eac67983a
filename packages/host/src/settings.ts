/**
 * The settings of a plugin: gathered from `--set key=value`, the environment and the configuration file, then given to
 * the plugin's schema, whose defaults fill the rest.
 *
 *     --set alert.cpu=90   >   SOCKETSERVER_SET_ALERT_CPU=90   >   {"settings": {"alert": {"cpu": 90}}}
 */
import type { ConfigFile } from './config-file';
import { BadSettingsError, type SettingProblem } from './errors';
import { isRecord } from './is-record';
import type { AnyPlugin } from './plugin';
import { settingPaths, shapeOf } from './schema-shape';
import type { z } from 'zod';

/** The prefix of environment variables for settings: `maxHosts` is `SOCKETSERVER_SET_MAX_HOSTS`. */
export const settingPrefix = 'SOCKETSERVER_SET_';

export interface SettingSources {
  /** The texts of `--set`, such as `alert.cpu=90`; a later one wins. */
  readonly set?: readonly string[] | undefined;
  /** Values from a program, as an object. They win over all others. */
  readonly given?: Readonly<Record<string, unknown>> | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly config?: ConfigFile | undefined;
}

interface Value {
  readonly value: unknown;
  /** Where it came from, without the value: `--set alert.cpu`. */
  readonly origin: string;
  /** The text as it was typed, for a setting that wants text and got `042` or `true`. */
  readonly text?: string;
}

/** Values by dotted path. A map, so that no key of a stranger can reach an object's prototype. */
type Values = Map<string, Value>;

/**
 * Validates the settings of a plugin.
 * @returns what the plugin's schema made of them
 * @throws {BadSettingsError} with one line for each problem
 */
export async function resolveSettings(plugin: Pick<AnyPlugin, 'settings'>, sources: SettingSources): Promise<unknown> {
  const schema = plugin.settings as z.ZodType | undefined;
  const values = gather(schema, sources);
  const raw = build(values);
  const strangers = unknownSettings(schema, raw, values);
  if (strangers.length > 0) throw new BadSettingsError(strangers);
  if (schema === undefined) return {};
  const first = await schema.safeParseAsync(raw);
  if (first.success) return first.data;
  // `--set name=042` is a number only until the schema says that it wants text.
  const second = await schema.safeParseAsync(build(asText(values, first.error.issues)));
  if (second.success) return second.data;
  throw new BadSettingsError(second.error.issues.map((issue) => describe(issue, values)));
}

function gather(schema: z.ZodType | undefined, { set, given, env, config }: SettingSources): Values {
  const values: Values = new Map();
  if (config !== undefined) {
    collect(config.settings, [], (path) => `"settings.${path}" in ${config.file}`, values);
  }
  for (const [name, text] of Object.entries(env ?? {})) {
    if (text === undefined || text === '' || !name.startsWith(settingPrefix)) continue;
    const path = settingPaths(schema).find((candidate) => variableOf(candidate) === name);
    if (path === undefined) throw new BadSettingsError([stranger(name, name, schema)]);
    put(values, path.join('.'), { value: parse(text), origin: name, text });
  }
  for (const assignment of set ?? []) {
    const [path, text] = split(assignment);
    put(values, path, { value: parse(text), origin: `--set ${path}`, text });
  }
  collect(given ?? {}, [], (path) => `settings.${path}`, values);
  return values;
}

/** `['alert', 'maxCpu']` is `SOCKETSERVER_SET_ALERT_MAX_CPU`. */
export function variableOf(path: readonly string[]): string {
  return settingPrefix + path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()).join('_');
}

function split(assignment: string): [path: string, text: string] {
  const sign = assignment.indexOf('=');
  const path = assignment.slice(0, sign);
  if (sign < 1 || path.split('.').includes('')) {
    const message = `--set ${assignment}: expected key=value, such as --set maxHosts=100 or --set alert.cpu=90`;
    throw new BadSettingsError([{ path: assignment, message }]);
  }
  return [path, assignment.slice(sign + 1)];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function collect(
  object: Readonly<Record<string, unknown>>,
  above: readonly string[],
  originOf: (path: string) => string,
  values: Values,
): void {
  for (const [key, value] of Object.entries(object)) {
    const keys = [...above, key];
    const path = keys.join('.');
    if (isRecord(value) && Object.keys(value).length > 0) collect(value, keys, originOf, values);
    else put(values, path, { value, origin: originOf(path) });
  }
}

/** A stronger value replaces a weaker one, and also what the weaker one had below or above it. */
function put(values: Values, path: string, value: Value): void {
  for (const other of values.keys()) {
    if (other.startsWith(`${path}.`) || path.startsWith(`${other}.`)) values.delete(other);
  }
  values.set(path, value);
}

function build(values: Values): Record<string, unknown> {
  const root = emptyRecord();
  for (const [path, { value }] of values) {
    const keys = path.split('.');
    const last = keys.pop() ?? path;
    let object = root;
    for (const key of keys) object = (object[key] ??= emptyRecord()) as Record<string, unknown>;
    object[last] = value;
  }
  return root;
}

function asText(values: Values, issues: readonly z.core.$ZodIssue[]): Values {
  const texts = new Map(values);
  for (const issue of issues) {
    const path = issue.path.join('.');
    const value = values.get(path);
    if (issue.code === 'invalid_type' && issue.expected === 'string' && value?.text !== undefined) {
      texts.set(path, { ...value, value: value.text });
    }
  }
  return texts;
}

/** Zod ignores keys that an object schema does not name; a mistyped setting must be heard of. */
function unknownSettings(
  schema: z.ZodType | undefined,
  raw: Record<string, unknown>,
  values: Values,
  above: readonly string[] = [],
): SettingProblem[] {
  const shape = schema === undefined ? { keys: {}, open: false } : shapeOf(schema);
  if (shape === undefined) return [];
  return Object.entries(raw).flatMap(([key, value]) => {
    const path = [...above, key];
    const inner = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined;
    if (inner !== undefined) return isRecord(value) ? unknownSettings(inner, value, values, path) : [];
    return shape.open ? [] : [stranger(path.join('.'), originOf(path.join('.'), values), schema, above)];
  });
}

function stranger(
  path: string,
  origin: string,
  schema: z.ZodType | undefined,
  above: readonly string[] = [],
): SettingProblem {
  const known = Object.keys(shapeOf(schema)?.keys ?? {}).map((key) => [...above, key].join('.'));
  const hint = known.length === 0 ? 'the plugin has no settings' : `known are ${known.join(', ')}`;
  return { path, message: `${origin}: unknown setting; ${hint}` };
}

function describe(issue: z.core.$ZodIssue, values: Values): SettingProblem {
  const keys = issue.path.map(String);
  const path = keys.join('.');
  const reason = lowerFirst(issue.message.replace(/^Invalid input: /, ''));
  // The value itself, or the array that it is in.
  for (let length = keys.length; length > 0; length -= 1) {
    const value = values.get(keys.slice(0, length).join('.'));
    if (value === undefined) continue;
    const within = length === keys.length ? '' : `${path}: `;
    return { path, message: `${value.origin}=${showSetting(path, value.value)}: ${within}${reason}` };
  }
  if (keys.length === 0) return { path, message: `settings: ${reason}` };
  const missing = reason.replace(/, received undefined$/, '; this setting has no default');
  return { path, message: `${originOf(path, values)}: ${missing}` };
}

/** Where the value at a path, or some value below it, came from; else how it could be given. */
function originOf(path: string, values: Values): string {
  for (const [other, { origin }] of values) {
    if (other === path || other.startsWith(`${path}.`)) return origin;
  }
  return `--set ${path}`;
}

const secret = /token|secret|password|apikey/i;

/** A value for people: as JSON, shortened, and hidden where its name says that it is a secret. */
export function showSetting(path: string, value: unknown): string {
  if (secret.test(path)) return '(hidden)';
  const hide = (key: string, inner: unknown) => (secret.test(key) ? '(hidden)' : inner);
  const text = JSON.stringify(value, hide) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function emptyRecord(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
