/** What the disk takes to keep something: the least that a durable reply can cost. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const SYNCS = 200;
/** What SQLite adds to its log for one small change. */
const BYTES = 4096;

/**
 * Appends to a file and syncs it, many times over.
 *
 * @param {string} folder an existing one on the disk in question
 * @returns {{ median: number, p99: number }} milliseconds of one append with its sync
 */
export function measureSync(folder) {
  const file = openSync(join(folder, 'sync'), 'a');
  try {
    const page = Buffer.alloc(BYTES, 'x');
    const times = Array.from({ length: SYNCS }, () => {
      const start = performance.now();
      writeSync(file, page);
      fdatasyncSync(file);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    return { median: times[SYNCS / 2], p99: times[Math.floor(SYNCS * 0.99)] };
  } finally {
    closeSync(file);
  }
}

/** The same in words. */
export function describeSync({ median, p99 }) {
  return `${median.toFixed(2)} ms for an append of ${BYTES / 1024} KiB with its sync; one of 100 takes ${p99.toFixed(2)} ms`;
}
