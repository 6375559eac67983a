/**
 * The shared services of a server, in its own process: one table for all of its workers.
 *
 * ```
 *   sharedProxy ─▶ SharedCalls ─── calls ───▶ SharedAnswers ─▶ the one instance, by SharedHost
 *                      ▲                           │
 *                      └───────── results ─────────┘
 * ```
 */
import { UnknownMethodError } from './errors';
import type { ServiceDescription } from './shared-messages';

type Method = (...args: unknown[]) => unknown;

/** A service and its one instance. */
export interface HostedService {
  /** Of its token, for messages. */
  readonly name: string;
  readonly instance: object;
}

export class SharedHost {
  /** What a worker has to know to call them: plain data, in the order of the list. */
  readonly descriptions: readonly ServiceDescription[];
  readonly #services: readonly HostedService[];
  readonly #methods: readonly ReadonlySet<string>[];

  constructor(services: readonly HostedService[]) {
    this.#services = services;
    this.#methods = services.map(({ instance }) => publicMethods(instance));
    this.descriptions = services.map(({ name }, index) => ({ name, methods: [...(this.#methods[index] ?? [])] }));
  }

  /**
   * Calls a method of a service.
   *
   * @param service its place in the list
   * @throws {UnknownMethodError} when there is no such service, or no such public method
   * @throws whatever the method throws at once
   */
  call(service: number, method: string, args: unknown[]): unknown {
    if (this.#methods[service]?.has(method) !== true) throw new UnknownMethodError(this.name(service), method);
    const instance = this.#services[service]?.instance as Record<string, Method>;
    return instance[method]?.(...args);
  }

  /** Of a service, for messages. */
  name(service: number): string {
    return this.#services[service]?.name ?? `service ${service}`;
  }
}

/**
 * What may be called from afar: the functions of an instance and of its classes, except what every object has. Accessors
 * are not asked. What TypeScript alone calls private is among them: at run time it is like any other.
 */
function publicMethods(instance: object): Set<string> {
  const methods = new Set<string>();
  for (let each: object = instance; ;) {
    const next = Object.getPrototypeOf(each) as object | null;
    // The last one is Object.prototype, of whatever realm.
    if (next === null) return methods;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (typeof value === 'function' && name !== 'then' && !(name in Object.prototype)) methods.add(name);
    }
    each = next;
  }
}
