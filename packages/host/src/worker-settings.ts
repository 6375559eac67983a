import { types } from 'node:util';
import { InvalidPluginError } from './errors';

/**
 * Makes sure that settings arrive in a worker as what they are: an instance of a class would be an empty object there.
 * @throws {InvalidPluginError} that names the setting
 */
export function checkWorkerSettings(plugin: string, settings: unknown): void {
  const found = findStranger(settings, 'settings', new Set());
  if (found === undefined) return;
  const { path, what } = found;
  throw new InvalidPluginError(
    plugin,
    `${path} is ${what}, which cannot be sent to a thread or process; let the schema give plain data, and make more of it in configure()`,
  );
}

/** What is neither a primitive nor a plain container of such. */
function findStranger(value: unknown, path: string, seen: Set<unknown>): { path: string; what: string } | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return { path, what: `a ${typeof value}` };
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  if (types.isDate(value) || types.isRegExp(value)) return undefined;
  seen.add(value);
  const isList = Array.isArray(value) || types.isMap(value) || types.isSet(value);
  if (!isList && !isPlain(value)) return { path, what: `of class ${classOf(value)}` };
  for (const [key, member] of Object.entries(isList ? [...(value as Iterable<unknown>)] : value)) {
    const found = findStranger(member, `${path}.${key}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of no class, in whatever realm it was made. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function classOf(value: object): string {
  return String((value.constructor as { readonly name?: unknown } | undefined)?.name);
}
