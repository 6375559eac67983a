/** `socketserver list`: the installed packages whose package.json has the keyword `socketserver-plugin`. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandIo } from './command-io';
import { escapeControls } from '@socketserver/core';
import { isRecord } from '../is-record';

export const keyword = 'socketserver-plugin';

interface FoundPlugin {
  /** What to give to `serve`. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly folder: string;
}

export function list({ cwd, stdout }: Pick<CommandIo, 'cwd' | 'stdout'>): number {
  const plugins = findPlugins(cwd);
  if (plugins.length === 0) {
    stdout.write(`No plugins found from ${cwd}; install one, or give a path: socketserver serve ./my-plugin.js\n`);
    return 0;
  }
  const width = Math.max(...plugins.map(({ name }) => name.length));
  for (const { name, version, description, folder } of plugins) {
    stdout.write(escapeControls(`${name.padEnd(width)}  ${version}  ${description}`).trimEnd() + `  ${folder}\n`);
  }
  return 0;
}

/** Plugins in the node_modules of the folder and of those above it; the nearest of one name hides the others. */
export function findPlugins(cwd: string): FoundPlugin[] {
  const found = new Map<string, FoundPlugin>();
  for (let folder = cwd; ; folder = dirname(folder)) {
    for (const home of packagesIn(join(folder, 'node_modules'))) {
      const plugin = pluginAt(home);
      if (plugin !== undefined && !found.has(plugin.name)) found.set(plugin.name, plugin);
    }
    if (folder === dirname(folder)) break;
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function packagesIn(modules: string): string[] {
  return namesIn(modules).flatMap((name) => {
    const path = join(modules, name);
    return name.startsWith('@') ? namesIn(path).map((inner) => join(path, inner)) : [path];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

function pluginAt(folder: string): FoundPlugin | undefined {
  const manifest = manifestOf(folder);
  const { name, version, description, keywords } = manifest;
  if (typeof name !== 'string' || !Array.isArray(keywords) || !keywords.includes(keyword)) return undefined;
  return {
    name: name.replace(/^@socketserver\/|^socketserver-/, ''),
    version: typeof version === 'string' ? version : '',
    description: typeof description === 'string' ? description : '',
    folder,
  };
}

function manifestOf(folder: string): Record<string, unknown> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return isRecord(manifest) ? manifest : {};
  } catch {
    // A broken link or a half-installed package is no plugin.
    return {};
  }
}
