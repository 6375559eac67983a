/**
 * The options of a server, in one table. From it come the flags, their help, the environment variables, the keys of
 * the configuration file and the messages about bad values.
 */
import { strategies, type Strategy } from '@socketserver/core';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** All options, with a value for each. Times are milliseconds; 0 switches a deadline off. */
export interface ServeOptions {
  /** @default '127.0.0.1' */
  host: string;
  /** 0 picks a free port. @default 0 */
  port: number;
  /** @default 'async' */
  strategy: Strategy;
  /** Selecting: how long nothing must be ready before `idle` is called. @default 500 */
  pollInterval: number;
  /** How long running requests may go on after shutdown began. @default 15000 */
  drainTimeout: number;
  /** How long a peer may be silent. @default 0 */
  idleTimeout: number;
  /** How long one message may take to arrive. @default 0 */
  messageTimeout: number;
  /** How long a handler may take for one request. @default 0 */
  handlerTimeout: number;
  /** How long the plugin may take to load, again to start and again to stop. @default 10000 */
  loadTimeout: number;
  /** @default 'info' */
  logLevel: LogLevel;
}

export type OptionName = keyof ServeOptions;

export interface OptionSpec<T = unknown> {
  /** As commander writes it: `--port <n>`. */
  readonly flag: string;
  /** The environment variable. */
  readonly env: string;
  readonly help: string;
  /** What the help says about the default. */
  readonly shownDefault: string;
  /** What a right value looks like, for messages. */
  readonly expected: string;
  /** The value, or undefined when it is not a right one. Takes text as well as JSON values. */
  readonly read: (value: unknown) => T | undefined;
}

/** A larger number overflows Node's timers, which then fire at once. */
const longestTime = 2_147_483_647;

export const options: { readonly [Name in OptionName]: OptionSpec<ServeOptions[Name]> } = {
  host: {
    flag: '--host <host>',
    env: 'SOCKETSERVER_HOST',
    help: 'address or host name to listen on; 0.0.0.0 for every IPv4 interface',
    shownDefault: "the plugin's, else 127.0.0.1",
    expected: 'a host name or an address',
    read: (value) => (typeof value === 'string' && value !== '' && !/\s/.test(value) ? value : undefined),
  },
  port: {
    flag: '--port <n>',
    env: 'SOCKETSERVER_PORT',
    help: 'port to listen on; 0 picks a free one',
    shownDefault: "the plugin's, else 0",
    ...wholeNumber(65_535),
  },
  strategy: {
    flag: '--strategy <name>',
    env: 'SOCKETSERVER_STRATEGY',
    help: `how requests are served: ${strategies.join(', ')}`,
    shownDefault: "the plugin's, else async",
    ...oneOf(strategies),
  },
  pollInterval: {
    flag: '--poll-interval <ms>',
    env: 'SOCKETSERVER_POLL_INTERVAL',
    help: 'selecting: time without a ready socket after which the plugin may do idle work',
    shownDefault: "the plugin's, else 500",
    ...wholeNumber(longestTime, 1),
  },
  drainTimeout: {
    flag: '--drain-timeout <ms>',
    env: 'SOCKETSERVER_DRAIN_TIMEOUT',
    help: 'how long running requests may go on after SIGINT or SIGTERM',
    shownDefault: "the plugin's, else 15000",
    ...wholeNumber(longestTime),
  },
  idleTimeout: {
    flag: '--idle-timeout <ms>',
    env: 'SOCKETSERVER_IDLE_TIMEOUT',
    help: 'how long a peer may be silent; 0 for ever',
    shownDefault: "the plugin's, else 0",
    ...wholeNumber(longestTime),
  },
  messageTimeout: {
    flag: '--message-timeout <ms>',
    env: 'SOCKETSERVER_MESSAGE_TIMEOUT',
    help: 'how long one message may take to arrive; 0 for ever',
    shownDefault: "the plugin's, else 0",
    ...wholeNumber(longestTime),
  },
  handlerTimeout: {
    flag: '--handler-timeout <ms>',
    env: 'SOCKETSERVER_HANDLER_TIMEOUT',
    help: 'how long the handler may take for one request; 0 for ever',
    shownDefault: "the plugin's, else 0",
    ...wholeNumber(longestTime),
  },
  loadTimeout: {
    flag: '--load-timeout <ms>',
    env: 'SOCKETSERVER_LOAD_TIMEOUT',
    help: 'how long the plugin may take to load, to start and to stop',
    shownDefault: '10000',
    ...wholeNumber(longestTime, 1),
  },
  logLevel: {
    flag: '--log-level <level>',
    env: 'SOCKETSERVER_LOG_LEVEL',
    help: `the least that is logged: ${logLevels.join(', ')}`,
    shownDefault: 'info',
    ...oneOf(logLevels),
  },
};

export const optionNames = Object.keys(options) as OptionName[];

/** `--port` of `--port <n>`: the option's name in messages. */
export function flagOf(name: OptionName): string {
  return options[name].flag.split(' ', 1)[0] ?? name;
}

function wholeNumber(most: number, least = 0): Pick<OptionSpec<number>, 'expected' | 'read'> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    read: (value) => {
      const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
      return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
        ? number
        : undefined;
    },
  };
}

function oneOf<T extends string>(known: readonly T[]): Pick<OptionSpec<T>, 'expected' | 'read'> {
  return { expected: `one of ${known.join(', ')}`, read: (value) => known.find((candidate) => candidate === value) };
}
