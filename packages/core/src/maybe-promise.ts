/** A hook may return its value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a hook returned a promise. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function';
}
