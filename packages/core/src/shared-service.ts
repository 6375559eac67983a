import type { InjectionToken } from 'tsyringe';

import type { DatagramSocket, Socket } from '@socketserver/socket';

/** A service with one instance for a whole server: see {@link shared}. */
export interface SharedService {
  /** @internal What handlers ask for. */
  readonly token: InjectionToken<object>;
  /** @internal The class of the one instance. */
  readonly implementation: new (...args: any[]) => object;
}

/**
 * A class whose public methods all return promises and take data only, so that it can be called from another thread or
 * process. Functions, symbols and sockets cannot be sent there, nor objects that have such in them, as those with methods.
 */
export type AsyncMethods<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? HasNoData<A> extends false
      ? R extends PromiseLike<unknown>
        ? T[K]
        : (...args: A) => Promise<R>
      : 'arguments of a shared service are data: no functions, no symbols, no sockets'
    : T[K];
};

/** What cannot be sent. */
export type NoData =
  ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown) | symbol | Socket | DatagramSocket;

/** What can be sent, although it has methods. */
export type Cloneable = ArrayBuffer | ArrayBufferView | Date | Error | RegExp;

/**
 * `false`, or `never`, when there is none of that in a type, down to a depth that keeps the compiler from following types
 * that contain themselves.
 */
export type HasNoData<T, Depth extends unknown[] = []> = 0 extends 1 & T
  ? false // any
  : Depth['length'] extends 5
    ? false
    : T extends NoData
      ? true
      : T extends Cloneable
        ? false
        : T extends readonly (infer E)[] | ReadonlySet<infer E>
          ? HasNoData<E, [...Depth, 0]>
          : T extends ReadonlyMap<infer K, infer V>
            ? HasNoData<K | V, [...Depth, 0]>
            : T extends object
              ? { [K in keyof T]-?: HasNoData<T[K], [...Depth, 0]> }[keyof T]
              : false;

/** What a shared service is asked for by. */
export type ServiceToken<T> = (abstract new (...args: any[]) => T) | string | symbol;

/**
 * Declares a service of which the server's process holds the one instance, wherever its handlers run.
 *
 * The methods must return promises and take data: where handlers run in threads or processes, they are called across. The
 * compiler refuses others.
 *
 * ```ts
 * shared(HostTable, MemoryHostTable)
 * ```
 *
 * @param token what handlers ask for: the abstract class that describes the service. Or a name, which says nothing of it:
 * then give its type (`shared<Hosts>(HOSTS, MemoryHosts)`), or all of the implementation has to be asynchronous
 * @param implementation the class of the instance; what it needs is injected
 */
export function shared<T extends object & AsyncMethods<T>, I extends T = T>(
  token: Exclude<ServiceToken<T>, string | symbol>,
  implementation: new (...args: any[]) => I,
): SharedService;
export function shared<T extends object & AsyncMethods<T>>(
  token: string | symbol,
  implementation: new (...args: any[]) => T,
): SharedService;
export function shared(token: unknown, implementation: new (...args: any[]) => object): SharedService {
  return { token: token as InjectionToken<object>, implementation };
}
