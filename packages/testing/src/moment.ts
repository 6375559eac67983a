/** Something that happens once: one part of a test waits for it, another makes it happen. */
export interface Moment<T = void> extends Promise<T> {
  happen(value: T): void;
}

/**
 * A promise with the function that resolves it.
 *
 * ```ts
 * const entered = moment();
 * entered.happen();
 * await entered;
 * ```
 */
export function moment<T = void>(): Moment<T> {
  let happen!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (happen = resolve));
  return Object.assign(promise, { happen });
}
