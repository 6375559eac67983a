import { type Look, type Soaked, before } from './soak';
import type { Usage } from './usage';

/** Bytes by which the heap may be larger than when all code had been compiled: what one connection leaves is more. */
const MOST_HEAP = 262_144;

/**
 * Bytes by which the memory of a process may grow, and more for each connection. This only finds what is very large: Node
 * takes and keeps tens of megabytes for what is short-lived.
 */
const MOST_RESIDENT = 134_217_728;
const MOST_RESIDENT_EACH = 4096;

/** What was left of the connections, a line for each thing; nothing, as a rule. */
export function leftovers({ short, atOnce, answered, before: closed, looks, after, said }: Soaked): string[] {
  const left: string[] = [];
  const total = short + atOnce;
  if (answered < total) left.push(`${total - answered} of ${total} connections were not answered`);
  if (said !== '') left.push(`the server said: ${said.trimEnd()}`);
  left.push(...more('the closed server', closed, after, [...OPEN, 'timers']));

  const [first, , second] = looks;
  const last = looks.at(-1);
  if (first === undefined || second === undefined || last === undefined) return [...left, 'nobody has looked'];
  left.push(...more('the server', first.server, last.server, OPEN));
  for (const worker of last.workers) {
    left.push(...more(`worker ${worker.name}`, before(worker, first) ?? worker, worker, OPEN));
  }
  if (last.workers.length !== first.workers.length) {
    left.push(`there are ${last.workers.length} workers instead of ${first.workers.length}`);
  }

  const all = (look: Look): readonly Usage[] => [look.server, ...look.workers];
  for (const now of all(last)) {
    const then = all(second).find(({ name }) => name === now.name);
    if (then !== undefined && now.heap > then.heap + MOST_HEAP)
      left.push(grown('the heap', now.name, then.heap, now.heap));
    const atFirst = all(first).find(({ name }) => name === now.name);
    if (atFirst === undefined) continue;
    if (now.resident > atFirst.resident + MOST_RESIDENT + MOST_RESIDENT_EACH * total) {
      left.push(grown('the memory', now.name, atFirst.resident, now.resident));
    }
  }
  return left;
}

type Countable = 'descriptors' | 'threads' | 'children' | 'timers';

/** What does not come and go while a server waits for connections. */
const OPEN: readonly Countable[] = ['descriptors', 'threads', 'children'];

/** A line for each count that is higher than it was. */
function more(who: string, then: Usage, now: Usage, counts: readonly Countable[]): string[] {
  return counts
    .filter((count) => now[count] > then[count])
    .map((count) => `${who} has ${now[count]} ${count} instead of ${then[count]}`);
}

function grown(what: string, name: string, then: number, now: number): string {
  return `${what} of ${name} has grown from ${megabytes(then)} to ${megabytes(now)} MB`;
}

/** In words: `9.3`. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
