/**
 * From the name of a plugin to its file, as seen from the working directory and not from where this package lies: the
 * command may be installed elsewhere than the plugin.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginLoadError, PluginNotFoundError } from './errors';
import { isRecord } from './is-record';
import { codeOf, reasonOf } from './thrown';

/**
 * Finds the file of a plugin.
 * @param plugin a path (`./my-plugin`, `plugin.js`), a package (`@acme/meter`), or a short name: `monitor` is
 *   `@socketserver/monitor`, else `socketserver-monitor`, else the package `monitor`
 * @param cwd the folder where the search begins
 * @throws {PluginNotFoundError}
 */
export function resolvePlugin(plugin: string, cwd: string): string {
  const tried = candidatesOf(plugin, cwd);
  const require = createRequire(join(cwd, 'package.json'));
  for (const candidate of tried) {
    try {
      return require.resolve(candidate);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return importEntryOf(plugin, candidate, require, error);
      if (code !== 'MODULE_NOT_FOUND') throw new PluginLoadError(plugin, candidate, reasonOf(error), { cause: error });
    }
  }
  throw new PluginNotFoundError(plugin, cwd, tried);
}

function candidatesOf(plugin: string, cwd: string): string[] {
  if (plugin.startsWith('file:')) return [fileURLToPath(plugin)];
  if (/^\.{0,2}[\\/]|^\.{1,2}$|^[a-z]:[\\/]|\.[cm]?[jt]s$/i.test(plugin)) return [resolve(cwd, plugin)];
  if (plugin.startsWith('@') || plugin.includes('/')) return [plugin];
  return [`@socketserver/${plugin}`, `socketserver-${plugin}`, plugin];
}

/** The entry of a package that offers itself to `import` only, which `require.resolve()` refuses to see. */
function importEntryOf(plugin: string, name: string, require: NodeJS.Require, cause: unknown): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const home = join(folder, name);
    if (!existsSync(join(home, 'package.json'))) continue;
    const manifest: unknown = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const exports = isRecord(manifest) ? manifest.exports : undefined;
    const entry = targetOf(isRecord(exports) && '.' in exports ? exports['.'] : exports);
    if (entry !== undefined) return join(home, entry);
  }
  throw new PluginLoadError(plugin, name, 'its package.json exports no main entry', { cause });
}

function targetOf(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (Array.isArray(entry)) return entry.map(targetOf).find((target) => target !== undefined);
  if (!isRecord(entry)) return undefined;
  return targetOf(entry.node ?? entry.import ?? entry.default);
}
