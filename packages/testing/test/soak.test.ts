import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { strategies } from '@socketserver/core';

const exec = promisify(execFile);

/** Descriptors that 2,000 clients, their connections and what is kept in reserve take. */
const NEEDED = 5000;

interface Soaked {
  readonly short: number;
  readonly atOnce: number;
  /** Bytes after each 5,000 connections. */
  readonly heaps: readonly number[];
  readonly heapAtEnd: number;
  readonly report: unknown;
  readonly before: object;
  readonly after: object;
}

/** How many descriptors a child may be allowed; 0 where there is no shell to allow it. */
function mostDescriptors(): number {
  try {
    const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
    return limit === 'unlimited' ? Infinity : Number(limit);
  } catch {
    return 0;
  }
}

async function soak(strategy: string): Promise<Soaked> {
  const run =
    `ulimit -n ${NEEDED}; ` +
    'exec "$0" --expose-gc --require esbuild-register --conditions=@socketserver/source "$1" "$2"';
  const program = join(__dirname, 'fixtures', 'soak.ts');
  const { stdout } = await exec('sh', ['-c', run, process.execPath, program, strategy], { timeout: 60_000 });
  return JSON.parse(stdout) as Soaked;
}

const isEnough = mostDescriptors() >= NEEDED;
const title = 'serves 20,000 short connections, and 2,000 at once, and nothing is left of them';

describe.each(strategies)('soak: %s', (strategy) => {
  const reason = ` (skipped: a process may have fewer than ${NEEDED} descriptors here)`;
  (isEnough ? it : it.skip)(
    isEnough ? title : title + reason,
    async () => {
      const { short, atOnce, heaps, heapAtEnd, report, before, after } = await soak(strategy);
      expect(short).toBe(20_000);
      expect(atOnce).toBe(2000);
      expect(report).toMatchObject({ finished: 0, cut: [] });
      expect(after).toEqual(before);
      const [, second = 0, third = 0, fourth = 0] = heaps;
      expect(third).toBeLessThan(1.2 * second);
      expect(fourth).toBeLessThan(1.2 * second);
      expect(heapAtEnd).toBeLessThan(1.5 * second);
    },
    90_000,
  );
});
