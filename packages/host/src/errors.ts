/**
 * Every error of this package. All of them tell a person what to change: the command prints the message as one line
 * and ends with exit code 2.
 */
import { type Address, registerError } from '@socketserver/core';
import { reasonOf } from './thrown';

/** What an error of this package is made with, beside its message. */
export interface HostErrorOptions {
  /** The error below this one. */
  cause?: unknown;
}

/** The root of all errors of this package. */
export class HostError extends Error {
  /** Stable, for programs: the text of a message may change. */
  readonly code: string;

  constructor(code: string, message: string, options?: HostErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** No module answers to the name that was given. */
export class PluginNotFoundError extends HostError {
  constructor(
    /** What was asked for: a path, a package or a short name. */
    readonly plugin: string,
    /** The folder where the search began. */
    readonly from: string,
    /** The paths or package names that were looked for, in order. */
    readonly tried: readonly string[],
    options?: HostErrorOptions,
  ) {
    super(
      'PLUGIN_NOT_FOUND',
      `plugin ${quote(plugin)} was not found from ${from} (tried ${tried.join(', ')}); give a path or install the package`,
      options,
    );
  }
}

/** The plugin's module was found, but threw while it was loading. */
export class PluginLoadError extends HostError {
  constructor(
    /** What was asked for: a path, a package or a short name. */
    readonly plugin: string,
    /** The file that was being loaded. */
    readonly file: string,
    reason: string,
    options?: HostErrorOptions,
  ) {
    super('PLUGIN_LOAD_FAILED', `plugin ${quote(plugin)} could not be loaded from ${file}: ${reason}`, options);
  }
}

/** The plugin's module, its `start` or its `stop` did not finish in time. */
export class PluginTimeoutError extends HostError {
  constructor(
    /** What was asked for while it loads; later the plugin's own name. */
    readonly plugin: string,
    doing: string,
    /** Milliseconds that were given. */
    readonly timeout: number,
  ) {
    super('PLUGIN_TIMEOUT', `plugin ${quote(plugin)} did not finish ${doing} within ${timeout} ms (--load-timeout)`);
  }
}

/** The module is not a plugin, or its definition is not usable. */
export class InvalidPluginError extends HostError {
  constructor(
    /** The plugin's own name, or what was asked for. */
    readonly plugin: string,
    reason: string,
    options?: HostErrorOptions,
  ) {
    super('PLUGIN_INVALID', `plugin ${quote(plugin)}: ${reason}`, options);
  }
}

/** A hook of the plugin, such as `start`, threw or rejected. */
export class PluginHookError extends HostError {
  constructor(
    /** The plugin's own name. */
    readonly plugin: string,
    /** Which of its hooks. */
    readonly hook: 'configure' | 'start' | 'stop',
    options: { cause: unknown },
  ) {
    super('PLUGIN_HOOK_FAILED', `plugin ${quote(plugin)}: ${hook}() failed: ${reasonOf(options.cause)}`, options);
  }
}

/** An option of the server has a value that it cannot have. */
export class BadOptionError extends HostError {
  constructor(
    /** The option's name, for instance `port`. */
    readonly option: string,
    /** Where the value came from, for instance `--port 70000`. */
    readonly origin: string,
    reason: string,
    options?: HostErrorOptions,
  ) {
    super('BAD_OPTION', `${origin}: ${reason}`, options);
  }
}

/** One thing that is wrong with the settings of a plugin. */
export interface SettingProblem {
  /** The setting's path, for instance `alert.cpu`. */
  readonly path: string;
  /** One line: where the value came from, the value, what was expected. */
  readonly message: string;
}

/** The settings of a plugin do not fit its schema. The message has one line for each problem. */
export class BadSettingsError extends HostError {
  constructor(
    /** All that is wrong, one entry for each setting. */
    readonly problems: readonly SettingProblem[],
  ) {
    super('BAD_SETTINGS', problems.map((problem) => problem.message).join('\n'));
  }
}

/** The file of `--config` cannot be read, or is not what it should be. */
export class ConfigFileError extends HostError {
  constructor(
    /** The path as it was given. */
    readonly file: string,
    reason: string,
    options?: HostErrorOptions,
  ) {
    super('BAD_CONFIG_FILE', `--config ${file}: ${reason}`, options);
  }
}

/** The server could not bind its address. Nothing is left open. */
export class ListenError extends HostError {
  constructor(
    /** The address that was asked for. */
    readonly address: Address,
    message: string,
    options: { cause: unknown },
  ) {
    super('LISTEN_FAILED', message, options);
  }
}

/** A flag of a command of an app's own cannot be used. The message is one whole line for people, in their language. */
export class UsageError extends HostError {
  constructor(
    message: string,
    /** The flag, such as `--port`. */
    readonly option: string,
    /** What was given. */
    readonly value: string,
    options?: HostErrorOptions,
  ) {
    super('BAD_USAGE', message, options);
  }
}

// Those that a worker may have when it loads the plugin: the command tells them as its own.
registerError(PluginLoadError, PluginTimeoutError, InvalidPluginError, PluginHookError);

function quote(name: string): string {
  return `"${name}"`;
}
