/// <reference types="jest" />
import { readdirSync, readlinkSync } from 'node:fs';

import { nameOfSocket } from './socket-names';
import { Started } from './started';

/**
 * What keeps a process running, by the names that Node gives it. Requests and immediates come and go by themselves;
 * threads and children are known by their names.
 */
const KINDS = /^(TCPServerWrap|TCPSocketWrap|PipeWrap|UDPWrap|MessagePort)$/;

/** Turns of the event loop in which what was closed has to be gone. */
const PATIENCE = 200;

/**
 * Fails a test file, or a `describe()`, that leaves something behind: a listening server, a connection, a descriptor, a
 * timer, a thread or a child. Call it once, at the top.
 *
 * @param of `test`: fails the very test that leaves something; for files whose tests share nothing that they open
 */
export function expectNoLeaks(of: 'file' | 'test' = 'file'): void {
  let check: LeakCheck;
  const [before, after] = of === 'file' ? [beforeAll, afterAll] : [beforeEach, afterEach];
  before(() => {
    check = new LeakCheck();
  });
  after(async () => {
    const leaks = await check.leaks();
    check[Symbol.dispose]();
    expect(leaks).toEqual([]);
  });
}

/** Some things of one kind that are left. */
interface Leak {
  readonly kind: string;
  readonly count: number;
  /** What they are, in words. To be asked for at the end only: the system takes its time. */
  readonly names?: () => string[];
}

/** Finds what was opened since it was made and is still there. */
export class LeakCheck {
  readonly #before = resources();
  readonly #sockets = new Set(sockets());
  readonly #started = new Started();
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

  /**
   * What there is more of than before, once everything has had the time to close: `2 TCPSocketWrap`,
   * `1 thread (thread 3)`, `1 socket descriptor (tcp 127.0.0.1:9999, listening)`.
   */
  async leaks(): Promise<string[]> {
    for (let turn = 0; ; turn += 1) {
      const leaks = this.#look();
      if (leaks.length === 0 || turn === PATIENCE) return leaks.map(describeLeak);
      await new Promise(setImmediate);
    }
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
    globalThis.clearTimeout = this.#clearTimeout;
    this.#started[Symbol.dispose]();
  }

  #look(): Leak[] {
    const { threads, children } = this.#started;
    const found = [
      ...[...resources()].map(([kind, count]) => ({ kind, count: count - (this.#before.get(kind) ?? 0) })),
      // A closed accept gate is a bare descriptor, which Node knows nothing of; so is a Unix datagram socket.
      named('socket descriptor', [...new Set(sockets().filter((socket) => !this.#sockets.has(socket)))], nameOfSocket),
      named('thread', threads),
      named('child', children),
      { kind: 'timer', count: this.#timers.size },
    ];
    return found.filter(({ count }) => count > 0);
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

function named(kind: string, things: readonly string[], nameOf = (thing: string): string => thing): Leak {
  return { kind, count: things.length, names: () => things.map(nameOf) };
}

function describeLeak({ kind, count, names }: Leak): string {
  return names === undefined ? `${count} ${kind}` : `${count} ${kind} (${names().join('; ')})`;
}

/** How many there are of each kind. */
function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (KINDS.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** The sockets among the descriptors: `socket:[1234]`, each as often as it is open. */
function sockets(): string[] {
  return descriptors().filter((descriptor) => descriptor.startsWith('socket:'));
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
