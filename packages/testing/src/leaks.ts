/// <reference types="jest" />
import { readdirSync, readlinkSync } from 'node:fs';

/** What keeps a process running, by the names that Node gives it. Requests and immediates come and go by themselves. */
const KINDS = /^(TCPServerWrap|TCPSocketWrap|PipeWrap|UDPWrap|ProcessWrap|Worker|MessagePort|Timeout)$/;

/** Turns of the event loop in which what was closed has to be gone. */
const PATIENCE = 200;

/**
 * Fails a test file that leaves something behind: a listening server, a connection, a timer, a thread or a child.
 *
 * Call it once at the top of the file.
 */
export function expectNoLeaks(): void {
  let before: ReadonlyMap<string, number>;
  beforeAll(() => {
    before = resources();
  });
  afterAll(async () => {
    expect(await leaksSince(before)).toEqual([]);
  });
}

/** A reading for {@link leaksSince}: how many there are of each kind. */
export function resources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) if (KINDS.test(kind)) add(counts, kind);
  // A closed accept gate is a bare descriptor, which Node knows nothing of.
  for (const descriptor of descriptors()) if (descriptor.startsWith('socket:')) add(counts, 'socket descriptor');
  return counts;
}

/** What there is more of than at `before`, after everything had the time to close: `2 TCPSocketWrap`. */
export async function leaksSince(before: ReadonlyMap<string, number>): Promise<string[]> {
  for (let turn = 0; ; turn += 1) {
    const leaks: string[] = [];
    for (const [kind, count] of resources()) {
      const more = count - (before.get(kind) ?? 0);
      if (more > 0) leaks.push(`${more} ${kind}`);
    }
    if (leaks.length === 0 || turn === PATIENCE) return leaks;
    await new Promise(setImmediate);
  }
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

function add(counts: Map<string, number>, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}
