/**
 * A plugin is a module whose default export is `definePlugin({...})`: a handler with all that is needed to run it by
 * name: its defaults, the settings that it understands, its services, and what to do when the server starts and stops.
 */
import {
  type Address,
  BaseRequestHandler,
  type BaseServer,
  type DatagramRequest,
  DatagramRequestHandler,
  type DependencyContainer,
  type Logger,
  type Output,
  type RequestHandlerClass,
  type ServerOptions,
  type SharedService,
  type Socket,
  type Strategy,
  StreamRequestHandler,
} from '@socketserver/core';
import type { z } from 'zod';
import { InvalidPluginError } from './errors';

/** What a plugin's hooks get. */
export interface PluginContext<Settings = unknown> {
  /** The container that handlers and shared services are resolved from. */
  readonly container: DependencyContainer;
  /** The settings, validated and with their defaults. */
  readonly settings: Settings;
  /** The server, bound to its address. */
  readonly server: BaseServer;
  /** How requests share the process. */
  readonly strategy: Strategy;
  /** Where a plugin prints: standard output. */
  readonly output: Output;
  /** Where a plugin reports: standard error. */
  readonly logger: Logger;
}

/** What a plugin would like, unless a flag, the environment or a file says otherwise. */
export interface PluginDefaults extends Pick<
  ServerOptions,
  'allow' | 'deadlines' | 'deny' | 'drainTimeout' | 'maxConnections' | 'maxConnectionsPerAddress' | 'overflow'
> {
  /** Host and port, or the path of a Unix socket. @default ['127.0.0.1', 0] */
  address?: Address;
  /** How requests share the process. @default 'async' */
  strategy?: Strategy;
  /** How many threads or processes run handlers, under a strategy that has such. @default one for each processor */
  workers?: number;
  /** Milliseconds without a ready socket after which the selecting strategy calls `idle`. @default 500 */
  pollInterval?: number;
}

/** What a handler's request is, by what carries it. On a Unix path too it is streams for `tcp`, datagrams for `udp`. */
export interface PluginRequests {
  /** A connection. */
  tcp: Socket;
  /** One datagram, and the socket to answer by. */
  udp: DatagramRequest;
}

/** What carries a plugin's requests. */
export type PluginTransport = keyof PluginRequests;

/** What {@link definePlugin} takes. */
export interface PluginDefinition<Settings = unknown, T extends PluginTransport = 'tcp'> {
  /** Short, in lower case: `monitor`. */
  name: string;
  /** One line for `socketserver list` and `check`. */
  description?: string;
  /** The class, or the injection token, of the request handler. */
  handler: RequestHandlerClass<PluginRequests[T]>;
  /** Streams or datagrams: what the handler is made for. @default 'tcp' */
  transport?: T;
  /** A zod schema. Its output is what the hooks get; keys that it does not name are refused. */
  settings?: z.ZodType<Settings>;
  /** Options of the server that suit it; a flag, the environment or a file wins over them. */
  defaults?: PluginDefaults;
  /**
   * The plugin's file, `__filename` or `import.meta.url`: where threads and processes load it from.
   * @default what the `socketserver` command has loaded
   */
  module?: string;
  /** Services of which there is one instance in the server's process. */
  shared?: readonly SharedService[];
  /** The service makes sense only for simultaneous clients: the sequential strategy is refused. @default false */
  concurrent?: boolean;
  /** Registers what handlers need. Called once for each container, before anything is resolved from it. */
  configure?(container: DependencyContainer, settings: Settings): void;
  /** Called in the server's process when the address is bound, before the first request. What it throws ends the start. */
  start?(context: PluginContext<Settings>): void | Promise<void>;
  /** Called in the server's process after the last request. Also when serving failed, but not when `start` did. */
  stop?(context: PluginContext<Settings>): void | Promise<void>;
  /** Selecting only: called when nothing was ready for `pollInterval`. */
  idle?(context: PluginContext<Settings>): void | Promise<void>;
}

/** What `definePlugin()` returns: the definition, checked, frozen and marked. */
export type Plugin<Settings = unknown, T extends PluginTransport = 'tcp'> = Readonly<PluginDefinition<Settings, T>>;

/** A plugin whose settings and transport are not known to the compiler. */
// `never` as a parameter type: a hook that wants particular settings fits here too.
export type AnyPlugin = Plugin<any, PluginTransport>; // eslint-disable-line @typescript-eslint/no-explicit-any

// Registered globally, so that the mark of another copy of this package can be read too.
const mark = Symbol.for('@socketserver/host:plugin');

/**
 * Marks a definition as a plugin. The type of `settings` flows into the hooks, and that of `transport` to the handler.
 * @throws {InvalidPluginError} when the definition cannot be used
 */
export function definePlugin<Settings = Record<string, never>, T extends PluginTransport = 'tcp'>(
  definition: PluginDefinition<Settings, T>,
): Plugin<Settings, T> {
  const { name, handler, settings, transport } = definition;
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9._-]*$/.test(name)) {
    throw new InvalidPluginError(
      String(name),
      `its name must be lower-case letters, digits and . _ -, such as "monitor"`,
    );
  }
  // Said here although the compiler says it too: many plugins are plain JavaScript.
  if ((handler as unknown) === undefined || handler === null) {
    throw new InvalidPluginError(name, 'it has no handler; give definePlugin() the class of one');
  }
  checkNames(name, '', definition, FIELDS);
  checkNames(name, 'defaults.', definition.defaults ?? {}, DEFAULTS);
  checkTransport(name, handler, transport);
  if (settings !== undefined && typeof settings.safeParseAsync !== 'function') {
    throw new InvalidPluginError(name, 'its settings are not a zod schema; write settings: z.object({ … })');
  }
  const plugin = { ...definition };
  Object.defineProperty(plugin, mark, { value: BaseRequestHandler });
  return Object.freeze(plugin);
}

/** A misspelt field would be none at all, and nobody would notice. */
function checkNames(plugin: string, prefix: string, given: object, known: object): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const names = Object.keys(known).join(', ');
  throw new InvalidPluginError(plugin, `it has a field ${prefix}${unknown}, which means nothing; there are ${names}`);
}

const FIELDS: Readonly<Record<keyof PluginDefinition, true>> = {
  name: true,
  description: true,
  handler: true,
  transport: true,
  settings: true,
  defaults: true,
  module: true,
  shared: true,
  concurrent: true,
  configure: true,
  start: true,
  stop: true,
  idle: true,
};

const DEFAULTS: Readonly<Record<keyof PluginDefaults, true>> = {
  address: true,
  strategy: true,
  workers: true,
  pollInterval: true,
  drainTimeout: true,
  deadlines: true,
  maxConnections: true,
  maxConnectionsPerAddress: true,
  overflow: true,
  allow: true,
  deny: true,
};

/** Of a token, and of a class that extends `BaseRequestHandler` itself, nobody knows what it is made for. */
function checkTransport(plugin: string, handler: unknown, transport: unknown = 'tcp'): void {
  if (transport !== 'tcp' && transport !== 'udp') {
    throw new InvalidPluginError(plugin, `its transport is ${JSON.stringify(transport)}; it must be "tcp" or "udp"`);
  }
  const prototype: unknown = typeof handler === 'function' ? handler.prototype : undefined;
  if (transport === 'udp' && prototype instanceof StreamRequestHandler) {
    throw new InvalidPluginError(
      plugin,
      'its handler reads a stream; for transport "udp" extend DatagramRequestHandler or MessageHandler',
    );
  }
  if (transport === 'tcp' && prototype instanceof DatagramRequestHandler) {
    throw new InvalidPluginError(plugin, 'its handler answers datagrams; add transport: "udp" to the plugin');
  }
}

/** Whether a value came from `definePlugin()`, of this copy of the package or another. */
export function isPlugin(value: unknown): value is AnyPlugin {
  return typeof value === 'object' && value !== null && mark in value;
}

/** Whether the plugin was defined with the copy of core that this process serves with. */
export function sharesCore(plugin: AnyPlugin): boolean {
  return (plugin as { [mark]?: unknown })[mark] === BaseRequestHandler;
}
