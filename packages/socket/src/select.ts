import { systemClock } from './clock';
import type { Pollable } from './pollable';

/**
 * Waits until one of the sockets is ready, and gives three lists: which can be read (or accepted), which take more to
 * send, which have an error. All three are empty when the time was over. Source: `select.select(rlist, wlist, xlist)`.
 *
 * ```ts
 * const [readable] = await select([listener, ...connections], [], [], 2000);
 * ```
 *
 * For more than one call with the same sockets a {@link Selector} is cheaper.
 *
 * @param timeout milliseconds; 0: look and do not wait; `null`: as long as it takes
 */
export async function select<R extends Pollable, W extends Pollable, X extends Pollable>(
  rlist: readonly R[],
  wlist: readonly W[],
  xlist: readonly X[],
  timeout: number | null = null,
): Promise<[R[], W[], X[]]> {
  const all = new Set<Pollable>([...rlist, ...wlist, ...xlist]);
  const look = (): [R[], W[], X[]] => [
    rlist.filter((each) => each.readable),
    wlist.filter((each) => each.writable),
    xlist.filter((each) => each.exceptional),
  ];
  let wake = (): void => undefined;
  let isOver = timeout !== null && timeout <= 0;
  const stir = (): void => wake();
  const giveUp = (): void => {
    isOver = true;
    wake();
  };
  const timer = timeout === null || isOver ? null : systemClock.setTimeout(giveUp, timeout);
  for (const each of all) each.watch(stir);
  try {
    for (;;) {
      const found = look();
      if (isOver || found.some((list) => list.length > 0)) return found;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    timer?.cancel();
    for (const each of all) each.unwatch(stir);
  }
}
