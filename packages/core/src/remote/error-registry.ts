/** The classes of errors that are known by name in every thread and process. */
import * as framing from '@socketserver/framing';
import * as socket from '@socketserver/socket';

import * as core from '../errors';
import * as remote from './errors';

/** A class of errors. */
export type ErrorClass = abstract new (...args: any[]) => Error;

/** By the names of a class and those that it extends: `TimeoutError<SocketError`. */
const known = new Map<string, ErrorClass>();

/**
 * Makes errors of these classes keep their class when they come from another thread or process: a handler's in
 * `handleError()`, a shared service's in a handler. To be called where the classes are defined, so that it happens
 * everywhere.
 *
 * An error that arrives was not constructed: its fields are what was enumerable of them, and private ones are missing.
 * The errors of Node, of JavaScript and of this project need no registering.
 */
export function registerError(...classes: readonly ErrorClass[]): void {
  for (const each of classes) {
    // One without a name would take that of the class that it extends.
    if (each.name !== '') known.set(classNames(each.prototype as object).join('<'), each);
  }
}

/** The names of the classes of an error, the most derived first, without `Error` itself. */
export function classNames(prototype: object): string[] {
  const names: string[] = [];
  for (let each: object | null = prototype; each !== null && names.length < 16;) {
    const name: unknown = Object.hasOwn(each, 'constructor')
      ? (each as { constructor?: { name?: unknown } }).constructor?.name
      : '';
    if (name === 'Error' || name === 'Object') break;
    if (typeof name === 'string' && name !== '') names.push(name.slice(0, 256));
    each = Object.getPrototypeOf(each) as object | null;
  }
  return names;
}

/** The nearest known class of an error whose classes have these names; `Error` when none is. */
export function errorClass(names: readonly string[]): ErrorClass {
  for (let from = 0; from < names.length; from += 1) {
    const found = known.get(names.slice(from).join('<'));
    if (found !== undefined) return found;
  }
  return Error;
}

registerError(AggregateError, DOMException, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError);
for (const exported of [socket, framing, core, remote]) {
  for (const each of Object.values(exported) as unknown[]) {
    if (typeof each === 'function' && each.prototype instanceof Error) registerError(each as ErrorClass);
  }
}
