import { type WorkerSetupOptions, workerStrategies } from '@socketserver/core';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidPluginError } from './errors';
import type { AnyPlugin, PluginContext } from './plugin';
import { checkWorkerSettings } from './worker-settings';
import type { PluginWorkerData, PluginWorkerMessage } from './worker-setup';

/** Workers load compiled code, also when this file runs as TypeScript. */
const WORKER_SETUP = join(__dirname, '../dist/worker-setup.js');

/** A plugin that is to run. */
export interface PluginRun extends Pick<PluginContext, 'settings' | 'strategy' | 'output' | 'logger'> {
  readonly plugin: AnyPlugin;
}

/** Where a plugin that runs comes from. */
export interface PluginOrigin {
  /** The file that it was loaded from, if that is known. */
  readonly file: string | undefined;
  /** Milliseconds that it may take to load. */
  readonly loadTimeout: number;
}

/**
 * How workers get a plugin, and what becomes of what it prints and logs there; `undefined` for a strategy without workers.
 *
 * @throws {InvalidPluginError} when nobody knows its file, or its settings cannot be sent
 */
export function pluginWorkers(
  { plugin, strategy, settings, output, logger }: PluginRun,
  { file = fileOf(plugin.module), loadTimeout }: PluginOrigin,
): WorkerSetupOptions | undefined {
  if (!(workerStrategies as readonly string[]).includes(strategy)) return undefined;
  if (file === undefined) {
    throw new InvalidPluginError(
      plugin.name,
      `strategy ${strategy} loads it in other threads or processes; add module: __filename to it (import.meta.url in an ES module)`,
    );
  }
  checkWorkerSettings(plugin.name, settings);
  const data: PluginWorkerData = { file, settings, loadTimeout };
  const onTold = (message: object): void => {
    const told = message as PluginWorkerMessage;
    if ('output' in told) output.write(told.output);
    else logger[told.level](told.fields, told.message);
  };
  return { file: WORKER_SETUP, data, onTold };
}

function fileOf(module: string | undefined): string | undefined {
  return module?.startsWith('file:') === true ? fileURLToPath(module) : module;
}
