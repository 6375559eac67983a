import type { SharedCalls } from './shared-calls';
import type { ServiceDescription } from './shared-messages';

/**
 * What handlers in a worker are injected for a shared service: an object with its public methods, each of which calls the
 * one instance in the server's process.
 *
 * It is plain, so that it can be awaited, inspected and compared, and has no more methods than there are.
 *
 * @param description of the service, from the server's process
 * @param index the place of the service in the list of the server
 */
export function sharedProxy<T extends object>(description: ServiceDescription, index: number, calls: SharedCalls): T {
  const { name, methods } = description;
  return Object.freeze(
    Object.fromEntries(
      methods.map((method) => [method, (...args: unknown[]) => calls.call(index, name, method, args)]),
    ),
  ) as T;
}
