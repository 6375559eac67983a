/**
 * Plugins for `@socketserver/core`, and the `socketserver` command that runs them.
 *
 * @module
 */
export type { AddressList } from './address-list';
export { main } from './cli';
export type { CommandIo } from './commands/command-io';
export * from './errors';
export { escapeControls } from '@socketserver/core';
export { exit, reportError } from './exit';
export { type LoadedPlugin, type LoadOptions, loadPlugin } from './load-plugin';
export { logLevels, type LogLevel, type ServeOptions } from './options';
export type { RunSources } from './plan-run';
export {
  type AnyPlugin,
  definePlugin,
  isPlugin,
  type Plugin,
  type PluginContext,
  type PluginDefaults,
  type PluginDefinition,
  type PluginRequests,
  type PluginTransport,
} from './plugin';
export { readyLine, type RunningPlugin, type RunOptions, runPlugin } from './run-plugin';
export { type SignalOptions, untilSignal } from './signals';
