import type { InjectionToken } from 'tsyringe';

/** A service with one instance for a whole server: see {@link shared}. */
export interface SharedService {
  /** @internal What handlers ask for. */
  readonly token: InjectionToken<object>;
  /** @internal The class of the one instance. */
  readonly implementation: new (...args: any[]) => object;
}

/** A class whose public methods all return promises, so that it can be called from another thread or process. */
export type AsyncMethods<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R
    ? R extends PromiseLike<unknown>
      ? T[K]
      : (...args: A) => Promise<R>
    : T[K];
};

/** What a shared service is asked for by. */
export type ServiceToken<T> = (abstract new (...args: any[]) => T) | string | symbol;

/**
 * Declares a service of which the server's process holds the one instance, wherever its handlers run.
 *
 * The methods must return promises: where handlers run in threads or processes, they are called across. The compiler
 * refuses others.
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
