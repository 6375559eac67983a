/**
 * What was thrown, as data that can be sent to another thread or process, and back.
 *
 * Cloning alone makes plain `Error`s of all errors. Here an error keeps its class, if that is known at the other side (see
 * {@link registerError}), and its name, message, stack, cause and fields anyway. Of what is very large or deep, a part
 * is left out. Neither direction ever throws.
 */
import { types } from 'node:util';

import { classNames, errorClass } from './error-registry';
import { type Restore, pack, unpack } from './pack';
import { CopyBudget, copyFields, omitted, plainCopy } from './plain-copy';

/** How many causes below one another, or errors of an `AggregateError` within one another, are kept. */
const MAX_DEPTH = 8;
/** How many errors of an `AggregateError` are kept. */
const MAX_ERRORS = 100;
/** Characters of a message or a stack. */
const MAX_TEXT = 32 * 1024;

/** An error. */
export interface WireError {
  /** The names of its classes, the most derived first. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** What it has beside that. */
  readonly fields: Record<string, unknown>;
  restores?: readonly Restore[] | undefined;
  readonly cause?: WireThrown;
  /** Those of an `AggregateError`. */
  readonly errors?: readonly WireThrown[];
}

/** What was thrown: an error, or whatever else. */
export interface WireThrown {
  readonly error?: WireError;
  readonly value?: unknown;
  restores?: readonly Restore[] | undefined;
}

/** What was thrown, as data. */
export function toWire(thrown: unknown): WireThrown {
  return convert(thrown, new CopyBudget(), 0);
}

/** What was thrown at the other side. */
export function fromWire({ error, value, restores }: WireThrown): unknown {
  if (error !== undefined) return rebuild(error);
  const holder = { value };
  unpack(restores);
  return holder.value;
}

function convert(thrown: unknown, budget: CopyBudget, depth: number): WireThrown {
  try {
    if (isError(thrown)) return { error: describe(thrown, budget, depth) };
    let value = plainCopy(thrown, budget);
    // An instance of some class. As a field it would say little, but here it is all there is.
    if (value === omitted && typeof thrown === 'object' && thrown !== null) value = copyFields(thrown, budget);
    if (value === omitted) return { error: bare(`${typeof thrown} was thrown, which cannot be sent`) };
    const wire: { value: unknown; restores?: readonly Restore[] | undefined } = { value };
    wire.restores = pack(wire, 'value');
    return wire;
  } catch {
    return { error: bare('something was thrown that cannot be read') };
  }
}

function describe(error: Error, budget: CopyBudget, depth: number): WireError {
  if (!budget.take(0)) return bare('more errors than can be sent');
  const name = textOf(error, 'name', budget) ?? 'Error';
  const message = textOf(error, 'message', budget) ?? '';
  const { name: _name, message: _message, stack: _stack, cause: _cause, ...fields } = copyFields(error, budget);
  const code = read(error, 'code');
  if (typeof code === 'string' || typeof code === 'number') fields.code ??= code;
  const wire: { -readonly [K in keyof WireError]: WireError[K] } = {
    classes: classNames(Object.getPrototypeOf(error) as object),
    name,
    message,
    stack: textOf(error, 'stack', budget) ?? `${name}: ${message}`,
    fields,
  };
  if (depth < MAX_DEPTH) {
    if (Object.hasOwn(error, 'cause')) wire.cause = convert(read(error, 'cause'), budget, depth + 1);
    const errors = read(error, 'errors');
    if (Array.isArray(errors) && errors.some(isError)) {
      delete fields.errors;
      wire.errors = errors.slice(0, MAX_ERRORS).map((each) => convert(each, budget, depth + 1));
    }
  }
  wire.restores = pack(wire, 'fields');
  return wire;
}

function rebuild(wire: WireError): Error {
  const error = withoutStack(wire.message);
  Object.setPrototypeOf(error, errorClass(wire.classes).prototype as object);
  define(error, 'name', wire.name, false);
  define(error, 'stack', wire.stack, false);
  unpack(wire.restores);
  for (const [key, value] of Object.entries(wire.fields)) define(error, key, value, true);
  if (wire.cause !== undefined) define(error, 'cause', fromWire(wire.cause), false);
  if (wire.errors !== undefined) define(error, 'errors', wire.errors.map(fromWire), false);
  return error;
}

/** A true error of the runtime, whatever prototype it is given: `util.types.isNativeError()` and `inspect()` look at that. */
function withoutStack(message: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(message);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** Never sets through a class's accessors: they may need what is not there. */
function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}

function bare(message: string): WireError {
  return { classes: [], name: 'Error', message, stack: `Error: ${message}`, fields: {} };
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function textOf(error: Error, key: 'name' | 'message' | 'stack', budget: CopyBudget): string | undefined {
  const value = read(error, key);
  return typeof value === 'string' ? budget.text(value.slice(0, MAX_TEXT)) : undefined;
}

function read(error: Error, key: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
