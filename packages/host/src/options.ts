/**
 * The options of a server, in one table. From it come the flags, their help, the environment variables, the keys of
 * the configuration file and the messages about bad values.
 */
import type { BlockList } from 'node:net';
import {
  type Address,
  type OverflowHandlerClass,
  strategies,
  type Strategy,
  workerStrategies,
} from '@socketserver/core';
import { addressList, longestTime, oneOf, type OptionValue, showValue, text, wholeNumber } from './option-values';
import type { PluginDefaults } from './plugin';

/** Every level of logging, the most talkative first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
/** The least important lines that are logged. */
export type LogLevel = (typeof logLevels)[number];

/** Every strategy there is. */
export const allStrategies: readonly Strategy[] = [...strategies, ...workerStrategies];

/** All options. Times are milliseconds; 0 switches a deadline or a limit off. */
export interface ServeOptions {
  /** The address or host name to listen on. @default '127.0.0.1' */
  host: string;
  /** The port to listen on; 0 picks a free one. @default 0 */
  port: number;
  /** The path of a Unix socket, in place of a host and a port. @default none */
  unix: string | undefined;
  /** How requests share the process. @default 'async' */
  strategy: Strategy;
  /** Threading and forking: how many threads or processes run handlers; 0: one for each processor. @default 0 */
  workers: number;
  /** Selecting: milliseconds in which nothing must be ready before `idle` is called. @default 500 */
  pollInterval: number;
  /** How many requests may run at a time; 0: no limit, or 1024 for datagrams. @default 0 */
  maxConnections: number;
  /** How many requests of one host may run at a time; 0: no limit. @default 0 */
  maxConnectionsPerAddress: number;
  /** What happens to clients beyond these limits: see `ServerOptions` of core. @default 'queue' */
  overflow: 'queue' | 'reject' | OverflowHandlerClass;
  /** Only clients with these addresses are served. @default all are */
  allow: BlockList | undefined;
  /** Clients with these addresses are refused. @default none are */
  deny: BlockList | undefined;
  /** Milliseconds until the handler must begin; 0: no limit. @default 0 */
  handshakeTimeout: number;
  /** Milliseconds that a peer may take to send its first byte; 0: no limit. @default 0 */
  firstByteTimeout: number;
  /** Milliseconds that one message may take to arrive; 0: no limit. @default 0 */
  messageTimeout: number;
  /** Milliseconds that a peer may be silent; 0: no limit. @default 0 */
  idleTimeout: number;
  /** Milliseconds that a handler may take for one request; 0: no limit. @default 0 */
  handlerTimeout: number;
  /** Milliseconds that a peer may go without reading what it is sent; 0: no limit. @default 0 */
  sendTimeout: number;
  /** Milliseconds that a connection may last; 0: no limit. @default 0 */
  lifetime: number;
  /** Milliseconds that running requests may go on after shutdown began. @default 15000 */
  drainTimeout: number;
  /** Milliseconds that the plugin has to load, again to start and again to stop. @default 10000 */
  loadTimeout: number;
  /** The least that is logged. @default 'info' */
  logLevel: LogLevel;
}

export type OptionName = keyof ServeOptions;

/** Options whose flags may be repeated. */
export type ListName = 'allow' | 'deny';

/** Where the server listens. */
export function addressOf({ unix, host, port }: ServeOptions): Address {
  return unix ?? [host, port];
}

interface OptionRow<T> extends OptionValue<T> {
  /** What stands for the value in the help. */
  readonly takes: string;
  readonly help: string;
  /** The value when nobody gives one. */
  readonly fallback: T;
  /** What is shown when there is no value. @default 'none' */
  readonly shownNone?: string;
  /** What the plugin would like. Without this it is not asked. */
  readonly ofPlugin?: (defaults: PluginDefaults) => unknown;
}

const rows: { readonly [Name in OptionName]: OptionRow<ServeOptions[Name]> } = {
  host: {
    takes: 'host',
    help: 'address or host name to listen on; 0.0.0.0 for every IPv4 interface',
    fallback: '127.0.0.1',
    ofPlugin: ({ address }) => (typeof address === 'string' ? undefined : address?.[0]),
    ...text('a host name or an address', /^\S+$/),
  },
  port: {
    takes: 'n',
    help: 'port to listen on; 0 picks a free one',
    fallback: 0,
    ofPlugin: ({ address }) => (typeof address === 'string' ? undefined : address?.[1]),
    ...wholeNumber(65_535),
  },
  unix: {
    takes: 'path',
    help: 'Unix socket to listen on, in place of a host and a port',
    fallback: undefined,
    ofPlugin: ({ address }) => (typeof address === 'string' ? address : undefined),
    // Linux's abstract names begin with a zero byte.
    ...text('the path of a socket, such as /run/app.sock', /^\0?[^\0]+$/),
  },
  strategy: {
    takes: 'name',
    help: `how requests are served: ${allStrategies.join(', ')}`,
    fallback: 'async',
    ofPlugin: ({ strategy }) => strategy,
    ...oneOf(allStrategies),
  },
  workers: {
    takes: 'n',
    help: 'threading and forking: how many threads or processes run handlers; 0: one for each processor',
    fallback: 0,
    ofPlugin: ({ workers }) => workers,
    ...wholeNumber(1024),
  },
  pollInterval: {
    takes: 'ms',
    help: 'selecting: time without a ready socket after which the plugin may do idle work',
    fallback: 500,
    ofPlugin: ({ pollInterval }) => pollInterval,
    ...wholeNumber(longestTime, 1),
  },
  maxConnections: limit('maxConnections', 'requests that may run at a time; 0 for no limit, or 1024 for datagrams'),
  maxConnectionsPerAddress: limit(
    'maxConnectionsPerAddress',
    'requests of one host that may run at a time; 0 for no limit',
  ),
  overflow: {
    takes: 'policy',
    help: 'beyond --max-connections: queue lets clients wait, reject closes their connections',
    fallback: 'queue',
    ofPlugin: ({ overflow }) => overflow,
    expected: 'one of queue, reject',
    // A class of handlers, from a plugin or a program; core looks closer at it.
    read: (value) =>
      value === 'queue' || value === 'reject' || typeof value === 'function' ? (value as 'queue') : undefined,
  },
  allow: {
    takes: 'list',
    help: 'serve only these addresses and ranges, such as 10.0.0.0/8,::1; may be repeated',
    fallback: undefined,
    shownNone: 'all',
    ofPlugin: ({ allow }) => allow,
    ...addressList,
  },
  deny: {
    takes: 'list',
    help: 'refuse these addresses and ranges, also if they are allowed; may be repeated',
    fallback: undefined,
    ofPlugin: ({ deny }) => deny,
    ...addressList,
  },
  handshakeTimeout: deadline('handshake', 'how long it may take until the handler begins'),
  firstByteTimeout: deadline('firstByte', 'how long a peer may take to send its first byte'),
  messageTimeout: deadline('message', 'how long one message may take to arrive'),
  idleTimeout: deadline('idle', 'how long a peer may be silent'),
  handlerTimeout: deadline('handler', 'how long the handler may take for one request'),
  sendTimeout: deadline('drain', 'how long a peer may go without reading what it is sent'),
  lifetime: deadline('lifetime', 'how long a connection may last'),
  drainTimeout: {
    takes: 'ms',
    help: 'how long running requests may go on after SIGINT or SIGTERM',
    fallback: 15_000,
    ofPlugin: ({ drainTimeout }) => drainTimeout,
    ...wholeNumber(longestTime),
  },
  loadTimeout: {
    takes: 'ms',
    help: 'how long the plugin may take to load, to start and to stop',
    fallback: 10_000,
    ...wholeNumber(longestTime, 1),
  },
  logLevel: {
    takes: 'level',
    help: `the least that is logged: ${logLevels.join(', ')}`,
    fallback: 'info',
    ...oneOf(logLevels),
  },
};

function limit(name: 'maxConnections' | 'maxConnectionsPerAddress', help: string): OptionRow<number> {
  return { takes: 'n', help, fallback: 0, ofPlugin: (defaults) => defaults[name], ...wholeNumber(1_000_000_000) };
}

function deadline(name: keyof NonNullable<PluginDefaults['deadlines']>, help: string): OptionRow<number> {
  return {
    takes: 'ms',
    help: `${help}; 0 for ever`,
    fallback: 0,
    ofPlugin: ({ deadlines }) => deadlines?.[name],
    ...wholeNumber(longestTime),
  };
}

export interface OptionSpec<T = unknown> extends OptionRow<T> {
  /** As commander writes it: `--port <n>`. */
  readonly flag: string;
  /** The environment variable. */
  readonly env: string;
  /** What the help says about the default. */
  readonly shownDefault: string;
}

export const optionNames = Object.keys(rows) as OptionName[];

export const options = Object.fromEntries(optionNames.map((name) => [name, specOf(name)])) as {
  readonly [Name in OptionName]: OptionSpec<ServeOptions[Name]>;
};

function specOf(name: OptionName): OptionSpec {
  const row: OptionRow<unknown> = rows[name];
  const shown = showOption(name, row.fallback);
  return {
    ...row,
    flag: `${flagOf(name)} <${row.takes}>`,
    env: `SOCKETSERVER_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`,
    shownDefault: row.ofPlugin === undefined ? shown : `the plugin's, else ${shown}`,
  };
}

/** A value as people write it, or what stands for none. */
export function showOption(name: OptionName, value: unknown): string {
  const row: OptionRow<unknown> = rows[name];
  return value === undefined ? (row.shownNone ?? 'none') : showValue(value);
}

/** `--log-level` for `logLevel`: the option's name in messages. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}
