/// <reference types="jest" />
import { readdirSync, readlinkSync } from 'node:fs';

/** What keeps a process running, by the names that Node gives it. Requests and immediates come and go by themselves. */
const KINDS = /^(TCPServerWrap|TCPSocketWrap|PipeWrap|UDPWrap|ProcessWrap|Worker|MessagePort)$/;

/** Turns of the event loop in which what was closed has to be gone. */
const PATIENCE = 200;

/**
 * Fails a test file, or a `describe()`, that leaves something behind: a listening server, a connection, a descriptor, a
 * timer, a thread or a child. Call it once, at the top.
 */
export function expectNoLeaks(): void {
  let check: LeakCheck;
  beforeAll(() => {
    check = new LeakCheck();
  });
  afterAll(async () => {
    const leaks = await check.leaks();
    check[Symbol.dispose]();
    expect(leaks).toEqual([]);
  });
}

/** Finds what was opened since it was made and is still there. */
export class LeakCheck {
  readonly #before = resources();
  readonly #timers = new Set<unknown>();
  readonly #setTimeout = globalThis.setTimeout;
  readonly #clearTimeout = globalThis.clearTimeout;

  constructor() {
    // Node's own count of timers has those of Jest in it. Jest does not call these: they belong to the test file.
    globalThis.setTimeout = this.#tracked as typeof setTimeout;
    globalThis.clearTimeout = (timer) => {
      this.#timers.delete(timer);
      this.#clearTimeout(timer);
    };
  }

  /** What there is more of than before, once everything has had the time to close: `2 TCPSocketWrap`. */
  async leaks(): Promise<string[]> {
    for (let turn = 0; ; turn += 1) {
      const leaks: string[] = [];
      for (const [kind, count] of resources()) {
        const more = count - (this.#before.get(kind) ?? 0);
        if (more > 0) leaks.push(`${more} ${kind}`);
      }
      if (this.#timers.size > 0) leaks.push(`${this.#timers.size} timer`);
      if (leaks.length === 0 || turn === PATIENCE) return leaks;
      await new Promise(setImmediate);
    }
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
    globalThis.clearTimeout = this.#clearTimeout;
  }

  readonly #tracked = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): unknown => {
    const timer = this.#setTimeout(() => {
      this.#timers.delete(timer);
      callback(...args);
    }, ms);
    this.#timers.add(timer);
    return timer;
  };
}

/** How many there are of each kind. */
function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const kinds = process.getActiveResourcesInfo().filter((kind) => KINDS.test(kind));
  // A closed accept gate is a bare descriptor, which Node knows nothing of.
  const sockets = descriptors().filter((descriptor) => descriptor.startsWith('socket:'));
  for (const kind of [...kinds, ...sockets.map(() => 'socket descriptor')])
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** What the descriptors of this process are, where the system tells (Linux): `socket:[1234]`, `/tmp/file`. */
export function descriptors(): string[] {
  let numbers: string[];
  try {
    numbers = readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
  return numbers.flatMap((number) => {
    try {
      return [readlinkSync(`/proc/self/fd/${number}`)];
    } catch {
      return []; // Closed meanwhile: that of reading the folder itself.
    }
  });
}
