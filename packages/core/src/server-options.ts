import type { DependencyContainer } from 'tsyringe';

import { type Clock, systemClock } from '@socketserver/socket';

import { OptionError } from './errors';
import type { SharedService } from './shared-service';

/** How long things may take, in milliseconds each. What is not given has no limit. */
export interface DeadlineOptions {
  /** The handler waits for its peer, and nothing comes. */
  readonly idle?: number | undefined;
  /** From the first byte of a message to its last. A peer that drips byte by byte makes no progress by this measure. */
  readonly message?: number | undefined;
  /** The handler is at work on what it has received: it waits neither to receive nor to send. */
  readonly handler?: number | undefined;
}

/** What one server is given, beside its address and its handler. Copied, checked and frozen when it is made. */
export interface ServerOptions {
  /** Where handlers and their services are resolved. @default tsyringe's global container */
  readonly container?: DependencyContainer | undefined;
  /** Services with one instance for the whole server: see `shared()`. @default none */
  readonly shared?: readonly SharedService[] | undefined;
  /** What everything that waits is measured by. @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default no deadline */
  readonly deadlines?: DeadlineOptions | undefined;
  /** Milliseconds that running requests have to end after `shutdown()`, before they are cut. @default 15000 */
  readonly drainTimeout?: number | undefined;
  /** An IPv6 listener takes IPv4 connections as well. @default false */
  readonly dualStack?: boolean | undefined;
}

/** What `deadlines` is when none is set: connections compare with it, and then watch nothing. */
export const NO_DEADLINES: DeadlineOptions = Object.freeze({});

/** The options with their defaults. */
export interface ResolvedOptions extends ServerOptions {
  readonly clock: Clock;
  readonly deadlines: DeadlineOptions;
  readonly drainTimeout: number;
}

/** @throws {OptionError} when a span is not a number of milliseconds */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  checkNames('', options, OPTIONS);
  checkNames('deadlines.', options.deadlines ?? {}, DEADLINES);
  const { idle, message, handler } = options.deadlines ?? {};
  checkSpan('deadlines.idle', idle, 1);
  checkSpan('deadlines.message', message, 1);
  checkSpan('deadlines.handler', handler, 1);
  checkSpan('drainTimeout', options.drainTimeout, 0);
  return Object.freeze({
    ...options,
    clock: options.clock ?? systemClock,
    deadlines: (idle ?? message ?? handler) === undefined ? NO_DEADLINES : Object.freeze({ idle, message, handler }),
    drainTimeout: options.drainTimeout ?? 15_000,
  });
}

const DEADLINES = ['idle', 'message', 'handler'];
const OPTIONS = ['clock', 'container', 'deadlines', 'drainTimeout', 'dualStack', 'shared', 'pollInterval', 'signal'];

/** A misspelt option would be no option at all: a deadline that never comes. */
function checkNames(prefix: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new OptionError(
    `${prefix}${unknown}`,
    (given as Record<string, unknown>)[unknown],
    `one of ${known.join(', ')}`,
  );
}

/** What Node's timers can hold: a longer span would fire at once. */
const LONGEST_SPAN = 2 ** 31 - 1;

/** @throws {OptionError} when `value` is given and no number of milliseconds that Node can wait, from `least` on */
export function checkSpan(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isFinite(value) && value >= least && value <= LONGEST_SPAN)) return;
  throw new OptionError(name, value, `a number of milliseconds, ${least} to ${LONGEST_SPAN}`);
}
