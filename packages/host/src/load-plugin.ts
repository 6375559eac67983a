/** Loads a plugin's module, CommonJS or ESM, and makes sure that what it exports can be served here. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { BaseRequestHandler } from '@socketserver/core';
import { InvalidPluginError, PluginLoadError, PluginTimeoutError } from './errors';
import { isPlugin, sharesCore, type AnyPlugin } from './plugin';
import { resolvePlugin } from './resolve-plugin';
import { codeOf, reasonOf } from './thrown';
import { withTimeout } from './with-timeout';

/** How {@link loadPlugin} searches and waits. */
export interface LoadOptions {
  /** The folder where the search begins. @default process.cwd() */
  cwd?: string;
  /** Milliseconds that the module may take. A module that never returns control cannot be stopped. @default 10000 */
  timeout?: number;
}

/** A plugin, and what is known of its module. */
export interface LoadedPlugin {
  /** The module's default export. */
  readonly plugin: AnyPlugin;
  /** The file that it was loaded from. */
  readonly file: string;
  /** What works but is likely to go wrong later, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Loads a plugin by path, package or short name.
 * @throws {PluginNotFoundError} when there is no such module
 * @throws {PluginLoadError} when the module throws while loading
 * @throws {PluginTimeoutError} when it does not finish loading
 * @throws {InvalidPluginError} when its default export is not a plugin that can be served here
 */
export async function loadPlugin(name: string, options: LoadOptions = {}): Promise<LoadedPlugin> {
  const { cwd = process.cwd(), timeout = 10_000 } = options;
  const file = resolvePlugin(name, cwd);
  const module = await withTimeout(load(name, file), timeout, () => new PluginTimeoutError(name, 'loading', timeout));
  const plugin = pluginOf(module);
  if (plugin === undefined) {
    throw new InvalidPluginError(name, `${file} has no default export made by definePlugin()`);
  }
  if (!sharesCore(plugin)) throw new InvalidPluginError(name, explainCopies(file));
  if (!isServable(plugin)) throw new InvalidPluginError(name, 'its handler must extend BaseRequestHandler');
  return { plugin, file, warnings: warningsOf(name, file) };
}

async function load(name: string, file: string): Promise<unknown> {
  try {
    return await requireOrImport(file);
  } catch (cause) {
    throw new PluginLoadError(name, file, explain(file, cause), { cause });
  }
}

async function requireOrImport(file: string): Promise<unknown> {
  try {
    return createRequire(__filename)(file);
  } catch (error) {
    // Some versions of Node cannot require() an ES module, and none can where one awaits at its top level.
    if (!['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE'].includes(codeOf(error) ?? '')) throw error;
    return import(pathToFileURL(file).href);
  }
}

/** The default export, whether the module was written as ESM, as CommonJS, or compiled from one to the other. */
function pluginOf(module: unknown): AnyPlugin | undefined {
  const first = defaultOf(module);
  return [module, first, defaultOf(first)].find(isPlugin);
}

function defaultOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'default' in value ? value.default : undefined;
}

function explain(file: string, cause: unknown): string {
  if (/\.[cm]?ts$/.test(file)) return `${reasonOf(cause)}; it is TypeScript: give its compiled .js file`;
  return reasonOf(cause) + placeOf(cause);
}

/** ` (at file:line:column)`, from the first line of the stack outside this package that names one. */
function placeOf(cause: unknown): string {
  const stack = typeof cause === 'object' && cause !== null && 'stack' in cause ? String(cause.stack) : '';
  const lines = stack.split('\n');
  // A syntax error puts its place above the message, without "at".
  const syntax = lines.find((line) => /^(\/|[a-z]:\\|file:).*:\d+$/i.test(line));
  const place = syntax ?? lines.find((line) => /^\s+at /.test(line) && !line.includes(__dirname));
  return place === undefined ? '' : ` (at ${/\((.+)\)$/.exec(place)?.[1] ?? place.trim().replace(/^at /, '')})`;
}

/** A handler may also be an injection token, of which nothing can be said before it is resolved. */
function isServable({ handler }: AnyPlugin): boolean {
  if (typeof handler !== 'function' || handler === BaseRequestHandler) return true;
  return (handler.prototype as unknown) instanceof BaseRequestHandler;
}

function explainCopies(file: string): string {
  const theirs = locate('@socketserver/core', file);
  const ours = locate('@socketserver/core', __filename);
  const where =
    theirs === ours ? 'the plugin brings its own' : `it uses ${String(theirs)}, this command uses ${String(ours)}`;
  return (
    `two copies of @socketserver/core (${where}); ` +
    'run the command of the folder that the plugin is installed in (npx socketserver), or make core a peer dependency'
  );
}

function warningsOf(name: string, file: string): string[] {
  // As core sees it: that is the copy which resolves the handlers.
  const ours = locate('tsyringe', locate('@socketserver/core', __filename) ?? __filename);
  const theirs = locate('tsyringe', file);
  if (theirs === undefined || theirs === ours) return [];
  return [
    `plugin "${name}" sees another copy of tsyringe (${theirs}) than the server (${String(ours)}); ` +
      'import injectable and the like from @socketserver/core, or injection fails with "TypeInfo not known"',
  ];
}

function locate(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
