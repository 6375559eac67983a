/**
 * Values made ready to be sent: bytes at their exact size, and what is no data refused.
 *
 * A small `Buffer` is a window into a pool that it shares with others, and cloning it clones the whole pool, the bytes of
 * other connections included. So of every view a copy goes that has its memory for itself, and a list says where: cloning
 * keeps identities within a message, so that the list can name the places themselves.
 *
 * ```
 *   { name: 'Ada', key: <Buffer 01 02> }
 *   { name: 'Ada', key: Uint8Array(2) }      restores: [[that object, 'key', 'Buffer']]
 * ```
 *
 * Between processes, what arrives is a window into everything that was read at once. Restored, it is on its own again.
 * A value without bytes goes as it is.
 */
import { EventEmitter } from 'node:events';
import { inspect, types } from 'node:util';

import { DatagramSocket, Socket } from '@socketserver/socket';

/** How deep values may be nested. */
const MAX_DEPTH = 64;
/** From which depth on it is remembered what was seen: before, it does not pay. */
const REMEMBERED_DEPTH = 2;

type Holder = Record<PropertyKey, unknown>;

/** In `holder[key]` is what goes in place of a buffer, a view, a map or a set. Inner ones come before outer ones. */
export type Restore = readonly [holder: object, key: string | number, kind: 'Buffer' | 'Map' | 'Set' | 'view'];

/** Why a value cannot be sent: the cause of a typed error, made where it is known what was called. */
class Unsendable extends TypeError {}

/** What is neither an object nor refused. */
export function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return type === 'object' ? value === null : type !== 'function' && type !== 'symbol';
}

/**
 * Makes the value at `holder[key]` ready, in place. A value that has bytes in it is replaced by a copy.
 *
 * @param restores what other values of the same message have added
 * @returns what belongs beside it into the message, for {@link unpack}; `undefined`: nothing
 * @throws {TypeError} for functions, symbols, sockets, promises and the like, and what is nested too deep; or whatever a
 * getter throws
 */
export function pack(holder: object, key: string | number, restores?: Restore[]): Restore[] | undefined {
  const value = (holder as Holder)[key];
  if (!hasBytes(value, 0, null)) return restores;
  const list = restores ?? [];
  if (ArrayBuffer.isView(value)) copyView(holder as Holder, key, value, list);
  else copyInto(holder as Holder, key, value, list, new Map());
  return list;
}

/** Makes what arrived with {@link pack}'s list what it was. */
export function unpack(restores: readonly Restore[] | undefined): void {
  if (restores === undefined) return;
  // A map that was in several places is one map again.
  let collections: Map<unknown, unknown> | undefined;
  for (const [holder, key, kind] of restores as readonly [Holder, string, string][]) {
    const packed = holder[key];
    if (kind === 'Buffer') holder[key] = Buffer.from(exact(packed as ArrayBufferView).buffer);
    else if (kind === 'view') holder[key] = exact(packed as ArrayBufferView);
    else {
      collections ??= new Map();
      if (!collections.has(packed)) {
        collections.set(packed, kind === 'Map' ? new Map(packed as []) : new Set(packed as []));
      }
      holder[key] = collections.get(packed);
    }
  }
}

/** Whether its bytes are all there is in its memory, and nobody shares that. */
export function isExact(view: ArrayBufferView): view is ArrayBufferView<ArrayBuffer> {
  return view.byteLength > 0 && view.byteLength === view.buffer.byteLength && types.isArrayBuffer(view.buffer);
}

/** The same bytes in memory of their own. Of a `Buffer` it is a `Uint8Array`. */
export function copyBytes(view: ArrayBufferView): ArrayBufferView<ArrayBuffer> {
  if (types.isUint8Array(view)) return new Uint8Array(view);
  if (types.isTypedArray(view)) return (view as Float64Array).slice();
  return new DataView(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer);
}

function exact(view: ArrayBufferView): ArrayBufferView<ArrayBuffer> {
  return isExact(view) ? view : copyBytes(view);
}

/** Whether there are views in it. Throws an {@link Unsendable} for what is no data. */
function hasBytes(value: unknown, depth: number, seen: Set<object> | null): boolean {
  if (typeof value !== 'object') {
    if (typeof value === 'function' || typeof value === 'symbol') throw unsendable(value);
    return false;
  }
  if (value === null) return false;
  if (ArrayBuffer.isView(value)) return true;
  if (depth >= REMEMBERED_DEPTH) {
    seen ??= new Set();
    if (seen.has(value)) return false;
    if (depth > MAX_DEPTH) throw new Unsendable(`it is nested deeper than ${MAX_DEPTH} levels`);
    seen.add(value);
  }
  // Every member is looked at, also after bytes were found: it may be something that has to be refused.
  let found = false;
  if (Array.isArray(value) || types.isMap(value) || types.isSet(value)) {
    // Of a map these are its pairs.
    for (const member of value as Iterable<unknown>) if (hasBytes(member, depth + 1, seen)) found = true;
    return found;
  }
  const keys = Object.keys(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    if (isLeaf(value)) return false;
    if (isNoData(value, keys)) throw unsendable(value);
  }
  for (const key of keys) if (hasBytes((value as Holder)[key], depth + 1, seen)) found = true;
  return found;
}

/** Puts a copy of the value into the holder: views as their bytes, maps and sets as arrays. */
function copyInto(
  holder: Holder,
  key: string | number,
  value: unknown,
  list: Restore[],
  copies: Map<object, object | null>,
): void {
  if (typeof value !== 'object' || value === null || isLeaf(value)) {
    holder[key] = value;
    return;
  }
  if (ArrayBuffer.isView(value)) {
    copyView(holder, key, value, list);
    return;
  }
  const isCollection = types.isMap(value) || types.isSet(value);
  let copy = copies.get(value);
  if (copy === null) throw new Unsendable('a Map or Set in it contains itself, and bytes');
  if (copy === undefined) {
    copy = Array.isArray(value) || isCollection ? [] : (Object.create(null) as object);
    // An array or an object may be in itself; a collection has to be whole before it can be restored.
    copies.set(value, isCollection ? null : copy);
    const entries = Object.entries(isCollection ? [...value] : value);
    for (const [inner, member] of entries) copyInto(copy as Holder, inner, member, list, copies);
    copies.set(value, copy);
  }
  holder[key] = copy;
  if (isCollection) list.push([holder, key, types.isMap(value) ? 'Map' : 'Set']);
}

function copyView(holder: Holder, key: string | number, view: ArrayBufferView, list: Restore[]): void {
  holder[key] = exact(view);
  list.push([holder, key, Buffer.isBuffer(view) ? 'Buffer' : 'view']);
}

/** What is cloned as a whole, and has nothing in it that had to be looked at. */
function isLeaf(value: object): boolean {
  return (
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isNativeError(value) ||
    types.isBoxedPrimitive(value)
  );
}

/** What cannot be cloned, or would arrive as an empty object: all that it is, it keeps private. */
function isNoData(value: object, keys: readonly string[]): boolean {
  return (
    value instanceof Socket ||
    value instanceof DatagramSocket ||
    value instanceof EventEmitter ||
    value instanceof EventTarget ||
    types.isPromise(value) ||
    (keys.length === 0 && isOfClass(value) && Object.getOwnPropertySymbols(value).length === 0)
  );
}

/** Not a plain object, of whatever realm. */
function isOfClass(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype !== null && Object.getPrototypeOf(prototype) !== null;
}

function unsendable(value: unknown): Unsendable {
  const what =
    typeof value === 'object' ? `an object of class ${value?.constructor.name}` : inspect(value, { depth: -1 });
  return new Unsendable(`${what} is no data`);
}
