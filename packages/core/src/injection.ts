/**
 * Dependency injection: what handlers need of tsyringe, and the tokens of this package.
 *
 * Importing this loads `reflect-metadata`, which decorators write to. Take tsyringe's names from here rather than from a
 * copy of your own: two copies do not know each other's classes.
 */
import 'reflect-metadata';

import type { InjectionToken } from 'tsyringe';

import type { Address } from '@socketserver/socket';

import type { ServerView } from './server-view';

export {
  type DependencyContainer,
  type Disposable,
  type InjectionToken,
  Lifecycle,
  container,
  delay,
  inject,
  injectAll,
  injectable,
  registry,
  scoped,
  singleton,
} from 'tsyringe';

/** The request that a handler serves: a `Socket`. Connection scope. */
export const REQUEST: InjectionToken<object> = Symbol('socketserver.request');
/** Where the request comes from. Connection scope. */
export const CLIENT_ADDRESS: InjectionToken<Address> = Symbol('socketserver.clientAddress');
/** The server, as far as a handler sees it. Server scope. */
export const SERVER: InjectionToken<ServerView> = Symbol('socketserver.server');
/** The settings of a plugin, validated. Server scope, registered by the host. */
export const SETTINGS: InjectionToken = Symbol('socketserver.settings');

/**
 * Where programs tell their operators what happens: a message of one line for people, and values by name for machines.
 * A class, so that it is its own injection token.
 */
export abstract class Logger {
  /** Details, for who looks for a fault. */
  abstract debug(fields: object, message: string): void;
  /** What happens when all is well. */
  abstract info(fields: object, message: string): void;
  /** What is not right, and did no harm yet. */
  abstract warn(fields: object, message: string): void;
  /** What has failed. An error goes into the field `error`. */
  abstract error(fields: object, message: string): void;
}

/** Where apps print what they are for, as opposed to what happens to them. A class, so that it is its own token. */
export abstract class Output {
  /** Writes text as it is; a line brings its own `\n`. */
  abstract write(text: string): void;
}
