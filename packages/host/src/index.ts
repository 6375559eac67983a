/**
 * Plugins for `@socketserver/core`, and the `socketserver` command that runs them.
 *
 * @module
 */
export type { AddressList } from './address-list';
export { BackOff } from './back-off';
export { main } from './cli';
export type { CommandIo } from './commands/command-io';
export { newCommand, ownStreams, runCommand, type Streams, USAGE } from './command-line';
export { connectionReason } from './connection-reason';
export * from './errors';
export { escapeControls } from '@socketserver/core';
export { exit, reportError } from './exit';
export { type Language, languageOf, languages } from './language';
export { type LoadedPlugin, type LoadOptions, loadPlugin } from './load-plugin';
export { OptionReader } from './option-reader';
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
export { pluginSettings } from './plugin-settings';
export { readyLine, type RunningPlugin, type RunOptions, runPlugin } from './run-plugin';
export { addSettingOptions } from './setting-options';
export { type SignalOptions, untilSignal } from './signals';
