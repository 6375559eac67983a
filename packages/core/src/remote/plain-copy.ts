/**
 * Copies of what errors carry: whatever it is, the copy is data that can be sent, and not much of it. What is no data is
 * left out.
 */
import { types } from 'node:util';

import { copyBytes } from './pack';

/** How deep the copy of a field goes. */
const MAX_DEPTH = 4;

/** What may still be copied. One for an error and everything that it carries. */
export class CopyBudget {
  /** Values and containers. */
  values = 1000;
  /** Characters and bytes. */
  size = 256 * 1024;

  /** Whether there was room for one more value of this size. One for which there was none counts, too: it was looked at. */
  take(size: number): boolean {
    if (this.values === 0) return false;
    this.values -= 1;
    if (this.size < size) return false;
    this.size -= size;
    return true;
  }

  /** As much of the text as there is room for. */
  text(text: string): string {
    const taken = text.slice(0, this.size);
    this.size -= taken.length;
    return taken;
  }
}

/** What cannot be copied, or for which there is no room. */
export const omitted = Symbol('omitted');

/** May throw whatever a getter throws. */
export function plainCopy(value: unknown, budget: CopyBudget, depth = 0): unknown {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      budget.take(0);
      return omitted;
    case 'string':
      return budget.take(value.length) ? value : omitted;
    case 'object':
      return value === null ? null : copyObject(value, budget, depth);
    case 'bigint':
      return budget.take(String(value).length) ? value : omitted;
    case 'boolean':
    case 'number':
    case 'undefined':
      return budget.take(8) ? value : omitted;
  }
}

function copyObject(value: object, budget: CopyBudget, depth: number): unknown {
  const isView = ArrayBuffer.isView(value);
  if (!budget.take(isView ? value.byteLength : 8) || depth > MAX_DEPTH || types.isProxy(value)) return omitted;
  if (isView) return ownBytes(value);
  if (types.isDate(value)) return new Date(value.getTime());
  if (Array.isArray(value)) return copyAll(value, budget, depth);
  if (types.isSet(value)) return new Set(copyAll(value, budget, depth));
  if (types.isMap(value)) {
    return new Map(
      copyAll(value, budget, depth).filter((pair) => (pair as unknown[]).length === 2) as [unknown, unknown][],
    );
  }
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Of an instance of a class, its fields say little.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return omitted;
  return copyFields(value, budget, depth + 1);
}

function ownBytes(view: ArrayBufferView): ArrayBufferView {
  const copy = copyBytes(view);
  return Buffer.isBuffer(view) ? Buffer.from(copy.buffer) : copy;
}

function copyAll(values: Iterable<unknown>, budget: CopyBudget, depth: number): unknown[] {
  const copies: unknown[] = [];
  for (const each of values) {
    if (budget.values === 0) break;
    const copy = plainCopy(each, budget, depth + 1);
    if (copy !== omitted) copies.push(copy);
  }
  return copies;
}

/** The own enumerable fields of an object. Those that throw are left out. */
export function copyFields(value: object, budget: CopyBudget, depth = 0): Record<string, unknown> {
  const fields = Object.create(null) as Record<string, unknown>;
  for (const key in value) {
    if (budget.values === 0) break;
    if (!Object.hasOwn(value, key)) continue;
    try {
      const copy = plainCopy((value as Record<string, unknown>)[key], budget, depth);
      if (copy !== omitted && budget.take(key.length)) fields[key] = copy;
    } catch {
      // A field that cannot be read is none.
    }
  }
  return fields;
}
