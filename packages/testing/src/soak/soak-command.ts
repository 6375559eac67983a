/**
 * `npm run soak`: very many connections to a server of every strategy, and what is left of them, as a table. Fails when
 * something is.
 *
 * ```
 *   npm run soak                                20,000 short connections and 500 at once for each strategy
 *   npm run soak -- threading forking           only for these
 *   npm run soak -- --short 200000 async        more of them
 * ```
 */
import { parseArgs } from 'node:util';

import { type Strategy, strategies, workerStrategies } from '@socketserver/core';

import { leftovers, megabytes } from './leftovers';
import { ROUNDS, type Soaked, soak } from './soak';
import type { Usage } from './usage';

const HEAD = [
  'strategy',
  'answered',
  'descriptors',
  'threads',
  'children',
  'heap',
  'memory',
  'in its workers: descriptors',
  'heap',
];
const WIDTHS = [12, 15, 12, 10, 10, 18, 18, 28, 18];

/** @returns the exit code */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { short: { type: 'string', default: '20000' }, 'at-once': { type: 'string', default: '500' } },
    allowPositionals: true,
  });
  const size = { short: Number(values.short), atOnce: Number(values['at-once']) };
  const all: readonly Strategy[] = [...strategies, ...workerStrategies];
  const chosen = positionals.length > 0 ? all.filter((strategy) => positionals.includes(strategy)) : all;
  if (!(size.short >= ROUNDS && size.atOnce >= 0) || chosen.length < positionals.length) {
    print(`soak [--short N] [--at-once N] [${all.join('|')}]...; --short is ${ROUNDS} or more`);
    return 2;
  }

  print(
    'Before the server listened → when it was closed; for workers: after the first connections → after the last. MB.',
  );
  print(row(HEAD));
  const left: string[] = [];
  for (const strategy of chosen) {
    const soaked = await soak(strategy, size);
    print(row(cells(soaked)));
    left.push(...leftovers(soaked).map((line) => `${strategy}: ${line}`));
  }
  print(left.length === 0 ? 'Nothing is left.' : `Left:\n  ${left.join('\n  ')}`);
  return left.length === 0 ? 0 : 1;
}

function cells({ strategy, short, atOnce, answered, before, looks, after }: Soaked): string[] {
  const first = looks[0]?.workers ?? [];
  const last = looks.at(-1)?.workers ?? [];
  const workers = (count: (usage: Usage) => number, write: (sum: number) => string): string =>
    first.length === 0 ? '' : change(sum(first, count), sum(last, count), write);
  return [
    strategy,
    `${answered}/${short + atOnce}`,
    change(before.descriptors, after.descriptors),
    change(before.threads, after.threads),
    change(before.children, after.children),
    change(before.heap, after.heap, megabytes),
    change(before.resident, after.resident, megabytes),
    workers(({ descriptors }) => descriptors, String),
    workers(({ heap }) => heap, megabytes),
  ];
}

function change(before: number, after: number, write: (value: number) => string = String): string {
  return `${write(before)} → ${write(after)}`;
}

function sum(usages: readonly Usage[], count: (usage: Usage) => number): number {
  return usages.reduce((all, usage) => all + count(usage), 0);
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join('')
    .trimEnd();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (require.main === module) void main().then((code) => (process.exitCode = code));
