/** The table by strategy, for the page that helps to choose one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { contenders } from './contenders.mjs';
import { figures } from './figures.mjs';
import { middleOf, table } from './report.mjs';

const page = join(import.meta.dirname, '../docs/choosing-a-strategy.md');
/** Between them is what is written. */
const BEGIN = '<!-- Written by the benchmark: begin -->';
const END = '<!-- Written by the benchmark: end -->';

/** A strategy's name, or a contender's, and how the row is called. */
const rows = [
  ['sequential', '`sequential`'],
  ['async', '`async`'],
  ['selecting', '`selecting`'],
  ['threading', '`threading`'],
  ['forking', '`forking`'],
  ['forking recv, children accept', '`forking`, `childrenAccept`'],
];

const columns = [
  { title: '64 B echo', figure: 'echo64', server: 'recv' },
  { title: '16 KiB echo', figure: 'echo16k', server: 'recv' },
  { title: 'connections', figure: 'conn', server: 'recv' },
  { title: 'memory, idle', figure: 'idle', server: 'recv' },
  { title: 'computing', figure: 'cpu', server: 'computing' },
  { title: 'p99 beside a hog', figure: 'hog', server: 'computing', metric: 'beside', unit: 'ms' },
  { title: 'p99 in the other worker', figure: 'hog', server: 'computing', metric: 'elsewhere', unit: 'ms' },
].map(({ figure, metric, ...column }) => {
  const found = figures.find(({ name }) => name === figure);
  return { ...column, figure: found, metric: found.metrics.find(({ key }) => key === metric) };
});

const contenderOf = (row, { server }) => contenders.find(({ name }) => name === row || name === `${row} ${server}`);

/** What has to be measured for it: names of figures and of servers. */
export const namesOfStrategies = [
  ...new Set([
    ...columns.map(({ figure }) => figure.name),
    ...rows.flatMap(([row]) => columns.map((column) => contenderOf(row, column)?.name)),
  ]),
].filter(Boolean);

/** One row for each strategy. */
export function strategyTable(measurements) {
  const cell = (contender, { figure, metric, unit }) => {
    const value = contender && middleOf(measurements, figure, contender, metric);
    if (value === undefined) return '–';
    return unit === undefined ? value.toFixed(2) : `${value.toFixed(1)} ${unit}`;
  };
  const cells = rows.map(([row, words]) => [words, ...columns.map((column) => cell(contenderOf(row, column), column))]);
  return table(['strategy', ...columns.map(({ title }) => title)], cells);
}

/**
 * Puts it into the page, formatted as all pages are.
 *
 * @param {[name: string, value: string][]} machine
 */
export async function writeStrategies(measurements, machine, command) {
  const text = readFileSync(page, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) {
    throw new Error(`${page} has no place for the table: it needs the lines '${BEGIN}' and '${END}'.`);
  }
  const facts = new Map(machine);
  const origin = ['machine', 'kernel', 'node', 'date'].map((name) => facts.get(name)).join('; ');
  const written = `${BEGIN}\n\n${strategyTable(measurements)}\nBy \`${command}\` on ${origin}.\n\n${END}`;
  const { format, resolveConfig } = await import('prettier');
  const options = { ...(await resolveConfig(page)), filepath: page };
  writeFileSync(page, await format(text.slice(0, begin) + written + text.slice(end + END.length), options));
}
