import type { BlockList } from 'node:net';

import type { DependencyContainer } from 'tsyringe';

import { type Clock, systemClock } from '@socketserver/socket';

import type { BaseRequestHandler } from './base-request-handler';
import type { DeadlineName } from './close-reason';
import { OptionError } from './errors';
import type { SharedService } from './shared-service';

/** How long things may take, in milliseconds each. What is not given has no limit. */
export interface DeadlineOptions {
  /** From accepting to the handler: what `verifyRequest()` takes. */
  readonly handshake?: number | undefined;
  /** From accepting to the peer's first byte. Until that has come, `idle` does not count. */
  readonly firstByte?: number | undefined;
  /** From the first byte of a message to its last. A peer that drips byte by byte makes no progress by this measure. */
  readonly message?: number | undefined;
  /** The handler waits for its peer, and nothing comes. */
  readonly idle?: number | undefined;
  /** The handler is at work on what it has received: it waits neither to receive nor to send. */
  readonly handler?: number | undefined;
  /** One send waits for a peer that does not read; also what is still to be sent when the handler has ended. */
  readonly drain?: number | undefined;
  /** From accepting to the end, whatever happens between. */
  readonly lifetime?: number | undefined;
}

/** How workers are prepared by a module. */
export interface WorkerSetupOptions {
  /** The absolute path of a CommonJS file whose `setupWorker(data, tell)` gives the handler and its container. */
  readonly file: string;
  /** What it is called with: plain data. */
  readonly data: unknown;
  /** Called with what it tells. Must not throw. */
  readonly onTold: (message: object) => void;
}

/** A class of handlers, as far as options know it. */
export type OverflowHandlerClass = new (...args: any[]) => Pick<BaseRequestHandler<never>, 'run'>;

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
  /** Requests that run at the same time. @default for connections no limit but that of descriptors; for datagrams 1024 */
  readonly maxConnections?: number | undefined;
  /** Requests of one host that run at the same time; more are turned away. @default no limit */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * What happens beyond `maxConnections`: `queue`: the client waits in the kernel's backlog; `reject`: its connection is
   * closed; a class of handlers: that one serves it, to say that the server is busy, in 5 seconds at most and for 64
   * clients at a time.
   *
   * A client beyond `maxConnectionsPerAddress` cannot wait without making all others wait: `queue` closes it, too.
   *
   * @default 'queue'
   */
  readonly overflow?: 'queue' | 'reject' | OverflowHandlerClass | undefined;
  /** If given, only clients with these addresses are served. Those without an address, of Unix sockets, always are. */
  readonly allow?: BlockList | undefined;
  /** Clients with these addresses are refused, also if `allow` has them. */
  readonly deny?: BlockList | undefined;
  /** How many threads or processes run handlers, where the strategy has such. @default one for each processor */
  readonly workers?: number | undefined;
  /**
   * For hosts of plugins: prepares each worker by a module instead of by the handler's own, where the strategy has
   * workers. @default the module that the handler's class names
   */
  readonly workerSetup?: WorkerSetupOptions | undefined;
  /** An IPv6 listener takes IPv4 connections as well. @default false */
  readonly dualStack?: boolean | undefined;
  /** At a path: first removes a socket that nobody listens at any more. @default the server's `allowReuseAddress` */
  readonly removeStale?: boolean | undefined;
}

/** What `deadlines` is when none is set: connections compare with it, and then watch nothing. */
export const NO_DEADLINES: DeadlineOptions = Object.freeze({});

/** The options with their defaults. */
export interface ResolvedOptions extends ServerOptions {
  readonly clock: Clock;
  readonly deadlines: DeadlineOptions;
  readonly drainTimeout: number;
  readonly overflow: 'queue' | 'reject' | OverflowHandlerClass;
}

/** @throws {OptionError} when a name is not known, or a value cannot be used */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  checkObject('options', options);
  checkNames('', options, OPTIONS);
  const deadlines = options.deadlines ?? NO_DEADLINES;
  checkObject('deadlines', deadlines);
  checkNames('deadlines.', deadlines, DEADLINES);
  for (const name of DEADLINES) checkSpan(`deadlines.${name}`, deadlines[name], 1);
  checkSpan('drainTimeout', options.drainTimeout, 0);
  checkCount('maxConnections', options.maxConnections);
  checkCount('maxConnectionsPerAddress', options.maxConnectionsPerAddress);
  checkCount('workers', options.workers);
  checkMethod('container', options.container, 'createChildContainer', 'a container of tsyringe');
  checkMethod('clock', options.clock, 'now', 'a Clock');
  checkFlag('dualStack', options.dualStack);
  checkFlag('removeStale', options.removeStale);
  if (options.shared !== undefined && !Array.isArray(options.shared)) {
    throw new OptionError('shared', options.shared, 'a list of what shared() gives');
  }
  checkMethod('allow', options.allow, 'check', 'a net.BlockList');
  checkMethod('deny', options.deny, 'check', 'a net.BlockList');
  const hasDeadline = DEADLINES.some((name) => deadlines[name] !== undefined);
  return Object.freeze({
    ...options,
    clock: options.clock ?? systemClock,
    deadlines: hasDeadline ? Object.freeze({ ...deadlines }) : NO_DEADLINES,
    drainTimeout: options.drainTimeout ?? 15_000,
    overflow: checkOverflow(options.overflow ?? 'queue'),
  });
}

const DEADLINES: readonly DeadlineName[] = [
  'handshake',
  'firstByte',
  'message',
  'idle',
  'handler',
  'drain',
  'lifetime',
];

const OPTIONS: readonly string[] = [
  'allow',
  'clock',
  'container',
  'deadlines',
  'deny',
  'drainTimeout',
  'dualStack',
  'maxConnections',
  'maxConnectionsPerAddress',
  'overflow',
  'removeStale',
  'shared',
  'workerSetup',
  'workers',
];

/** A misspelt option would be no option at all: a deadline that never comes. */
export function checkNames(prefix: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new OptionError(
    `${prefix}${unknown}`,
    (given as Record<string, unknown>)[unknown],
    `one of ${known.join(', ')}`,
  );
}

function checkCount(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new OptionError(name, value, 'a whole number, 1 or more');
}

/** By a method: there may be more than one class of a name in a process. */
function checkMethod(name: string, value: object | undefined, method: string, expected: string): void {
  if (value === undefined) return;
  if (typeof (value as Record<string, unknown> | null)?.[method] === 'function') return;
  throw new OptionError(name, value, expected);
}

function checkFlag(name: string, value: boolean | undefined): void {
  if (value !== undefined && typeof value !== 'boolean') throw new OptionError(name, value, 'true or false');
}

/** For those who write JavaScript. */
export function checkObject(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new OptionError(name, value, 'an object');
}

function checkOverflow(value: unknown): 'queue' | 'reject' | OverflowHandlerClass {
  if (value === 'queue' || value === 'reject' || typeof value === 'function') return value as 'queue';
  throw new OptionError('overflow', value, "'queue', 'reject' or a class of handlers");
}

/** What Node's timers can hold: a longer span would fire at once. */
const LONGEST_SPAN = 2 ** 31 - 1;

/** @throws {OptionError} when `value` is given and no number of milliseconds that Node can wait, from `least` on */
export function checkSpan(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isFinite(value) && value >= least && value <= LONGEST_SPAN)) return;
  throw new OptionError(name, value, `a number of milliseconds, ${least} to ${LONGEST_SPAN}`);
}
