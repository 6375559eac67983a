/**
 * Where handlers are made: the one place that knows tsyringe's ways.
 *
 * - A class that has nothing injected is simply constructed.
 * - Any other is resolved from a child container, the connection's scope, in which the request, the client's address and
 *   the server are registered. `@scoped(Lifecycle.ContainerScoped)` services live there, and are disposed when the
 *   connection ends. tsyringe's own `dispose()` is never called on a child: it would dispose singletons of the server
 *   that happened to be resolved first by this connection.
 */
import { inspect } from 'node:util';

import { type Address, Clock } from '@socketserver/socket';

import { BaseRequestHandler } from './base-request-handler';
import { HandlerError } from './errors';
import {
  CLIENT_ADDRESS,
  type DependencyContainer,
  type InjectionToken,
  Lifecycle,
  REQUEST,
  SERVER,
  container as globalContainer,
  injectable,
} from './injection';
import type { MessageHandler } from './message-handler';
import type { ResolvedOptions } from './server-options';
import type { ServerView } from './server-view';

/** A class of handlers, or a token that a container resolves to one. A `MessageHandler` serves streams and datagrams. */
export type RequestHandlerClass<R> =
  | (new (...args: any[]) => BaseRequestHandler<R>)
  | (new (...args: any[]) => MessageHandler<unknown, never>)
  | Exclude<InjectionToken<BaseRequestHandler<R> | MessageHandler<unknown, never>>, new (...args: any[]) => unknown>;

type Constructor = new (...args: never[]) => object;

/** A handler, and what is to be done when it has ended. */
export interface MadeHandler {
  readonly handler: BaseRequestHandler<never>;
  /** Disposes what lived as long as the connection. `null`: nothing did. */
  readonly dispose: (() => Promise<void>) | null;
}

export class HandlerFactory {
  /** The scope of the server: a child of the container that the options name. */
  readonly container: DependencyContainer;
  readonly #token: InjectionToken<object>;
  readonly #isPlain: boolean;
  /** Tokens that the handler needs, directly or not, and that live as long as a connection. */
  readonly #scoped: InjectionToken<object>[];

  /**
   * Prepares everything that can be, so that mistakes show when the server starts and not at its first client.
   *
   * @throws {HandlerError} when a shared service cannot be made
   */
  constructor(token: RequestHandlerClass<never>, server: ServerView, options: ResolvedOptions) {
    this.container = (options.container ?? globalContainer).createChildContainer();
    this.container.register(SERVER, { useValue: server });
    this.container.register(Clock as InjectionToken<Clock>, { useValue: options.clock });
    this.#token = token;
    if (isConstructor(token)) inheritInjection(token);
    for (const { token, implementation } of options.shared ?? []) {
      this.container.registerSingleton(token, implementation);
    }
    for (const { token } of options.shared ?? []) this.#resolveEarly('shared service', token);
    this.#isPlain =
      isConstructor(token) && !this.container.isRegistered(this.#token, true) && injected(token).length === 0;
    // A new child has copies of just those registrations that are container-scoped.
    const probe = this.container.createChildContainer();
    this.#scoped = closure(this.#token).filter((each) => probe.isRegistered(each));
  }

  /**
   * Makes the singletons that the handler needs, so that they belong to the server's scope and not to that of the first
   * connection.
   *
   * @throws {HandlerError} for a class that is sure to fail at the first client
   */
  check(): void {
    if (!this.container.isRegistered(this.#token, true)) checkClass(this.#token);
    for (const token of closure(this.#token)) {
      if (isSingleton(token, this.container)) this.#resolveEarly('singleton', token);
    }
  }

  /** @throws {HandlerError} when the class cannot be made, or what came is no handler; the cause says why */
  make(request: object, clientAddress: Address): MadeHandler {
    if (this.#isPlain) return { handler: checkHandler(new (this.#token as new () => object)()), dispose: null };
    const scope = this.container.createChildContainer();
    scope.register(REQUEST, { useValue: request });
    scope.register(CLIENT_ADDRESS, { useValue: clientAddress });
    const services: object[] = [];
    for (const token of this.#scoped) {
      scope.afterResolution(token, (_token, service) => services.push(service as object), { frequency: 'Once' });
    }
    try {
      const handler = checkHandler(this.#resolve(scope));
      return { handler, dispose: this.#scoped.length === 0 ? null : () => disposeAll(services) };
    } catch (error) {
      // Why there is no handler says more than what goes wrong after that.
      void disposeAll(services).catch(() => undefined);
      throw error;
    }
  }

  #resolve(scope: DependencyContainer): object {
    try {
      return scope.resolve(this.#token);
    } catch (error) {
      throw new HandlerError(`${nameOf(this.#token)} cannot be made: ${messageOf(error)}`, { cause: error });
    }
  }

  #resolveEarly(what: string, token: InjectionToken<object>): void {
    try {
      this.container.resolve(token);
    } catch (error) {
      throw new HandlerError(`the ${what} ${nameOf(token)} cannot be made: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}

/** What tsyringe knows of a token and does not say: how long its instance lives. */
interface Registrations {
  getRegistration?(token: InjectionToken): { readonly options: { readonly lifecycle: Lifecycle } } | null;
}

function isSingleton(token: InjectionToken, container: DependencyContainer): boolean {
  if (!container.isRegistered(token, true)) return false;
  return (container as Registrations).getRegistration?.(token)?.options.lifecycle === Lifecycle.Singleton;
}

/** Disposes the connection's services, the last made first; every one, also when one of them fails. */
async function disposeAll(services: readonly object[]): Promise<void> {
  const failures: unknown[] = [];
  for (const service of [...services].reverse() as Partial<AsyncDisposable & Disposable & { dispose(): unknown }>[]) {
    try {
      await (service[Symbol.asyncDispose] ?? service[Symbol.dispose] ?? service.dispose)?.call(service);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** All tokens that are needed to make `root`, itself included: what is needed before what needs it. */
export function closure(root: InjectionToken<object>): InjectionToken<object>[] {
  const seen = new Set<unknown>();
  const ordered: InjectionToken<object>[] = [];
  const visit = (token: InjectionToken<object>): void => {
    if (seen.has(token)) return;
    seen.add(token);
    if (isConstructor(token)) injected(token).forEach(visit);
    ordered.push(token);
  };
  visit(root);
  return ordered;
}

/** What tsyringe injects into a class: its parameters' types, or the tokens that `@inject` names. */
function injected(target: Constructor): InjectionToken<object>[] {
  const types = (Reflect.getMetadata('design:paramtypes', target) ?? []) as InjectionToken<object>[];
  const named = (Reflect.getMetadata('injectionTokens', target) ?? {}) as Record<
    string,
    { token?: unknown } | undefined
  >;
  return Array.from({ length: Math.max(types.length, target.length) }, (_, index) => {
    const name = named[String(index)];
    return ((name as { token?: unknown } | undefined)?.token ??
      name ??
      types[index] ??
      Object) as InjectionToken<object>;
  });
}

/**
 * A class that takes its constructor from an injected one is injected the same. Without a decorator of its own, tsyringe
 * would construct it with no arguments and say nothing.
 */
function inheritInjection(target: Constructor): void {
  if (target.length > 0 || Reflect.hasOwnMetadata('design:paramtypes', target) || injected(target).length === 0) return;
  Reflect.defineMetadata('injectionTokens', Reflect.getMetadata('injectionTokens', target) ?? {}, target);
  injectable()(target);
}

function isConstructor(token: unknown): token is Constructor {
  return typeof token === 'function';
}

/** @throws {HandlerError} for what can only fail at the first client */
function checkClass(token: unknown): void {
  if (!isConstructor(token)) {
    // A token that nobody knows yet may be registered before the first client comes.
    if (typeof token === 'string' || typeof token === 'symbol' || isDelayed(token)) return;
    throw new HandlerError(
      `a server needs a request handler: a class that extends BaseRequestHandler; got ${inspect(token, { depth: 0 })}`,
    );
  }
  if (typeof (token.prototype as Partial<BaseRequestHandler> | undefined)?.run !== 'function') {
    throw new HandlerError(`${nameOf(token)} is not a request handler: extend BaseRequestHandler`);
  }
  const unknown = token.length === 0 ? -1 : injected(token).indexOf(Object as never);
  if (unknown !== -1) {
    throw new HandlerError(
      `${nameOf(token)} cannot be made: nothing says what parameter ${unknown + 1} of its constructor is; add @injectable() ` +
        'and compile with tsc and emitDecoratorMetadata, or name it with @inject(token), as an interface must be',
    );
  }
}

/** What tsyringe's `delay()` gives. */
function isDelayed(token: unknown): boolean {
  return typeof (token as { createProxy?: unknown } | null | undefined)?.createProxy === 'function';
}

function checkHandler(made: object): BaseRequestHandler<never> {
  if (typeof (made as Partial<BaseRequestHandler>).run === 'function') return made as BaseRequestHandler<never>;
  throw new HandlerError(`${nameOf(made.constructor)} is not a request handler: extend BaseRequestHandler`);
}

/** What a token is called in messages, in every thread and process the same. */
export function nameOf(token: unknown): string {
  return isConstructor(token) ? token.name : String(token);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
