/** From measurements to tables: medians, of values and of each round's ratio to the baseline. */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

import { baselineOf, contenders } from './contenders.mjs';
import { figures, floors } from './figures.mjs';
import { canPin } from './measure.mjs';

/**
 * @typedef {Map<string, Record<string, number>[]>} Measurements by `key(figure, contender)`: one entry for each round
 */

/** Share of its processor below which a server was held up by something else, and its round does not count. */
const LEAST_BUSY = 0.85;

export const key = (figure, contender) => `${figure.name} / ${contender.name}`;

/**
 * The machine and the versions, as they are now.
 *
 * @param {string} [disk] what is known of its disk
 */
export function describeMachine(disk) {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return [
    ['machine', `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB`],
    ['kernel', `${type()} ${release()}`],
    ['node', process.version],
    ['python', versionOf('python3') ?? 'not installed'],
    ['date', new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
    ['pinned', canPin ? 'server to processor 0, load to processor 1, unless a table says that there are two' : 'no'],
    ['load average at the start', loadavg()[0].toFixed(2)],
    ...(disk === undefined ? [] : [['disk', disk]]),
  ];
}

/** The whole report in Markdown. */
export function report(measurements, machine, command) {
  const tables = [floorTable(floorRows(measurements)), ...figures.map((figure) => figureTable(measurements, figure))];
  return `# Measurements

Written by \`${command}\`. A ratio compares a server with the first one of its table, in the same
round, unless the table says otherwise; the table has the median over the rounds that count, and in parentheses the least
and the greatest.
[README.md](README.md) says what is measured and how.

${machine.map(([name, value]) => `- ${name}: ${value}`).join('\n')}

${tables.filter(Boolean).join('\n')}`;
}

/**
 * The report with the tables of these measurements in the place of its own, each saying when and how it came, and with
 * their floors; what was not measured stays. For a run of some figures only.
 *
 * @param {string} before the whole report
 */
export function updated(before, measurements, machine, command) {
  const origin = machine.filter(([name]) => name !== 'pinned').map(([name, value]) => `${name} ${value}`);
  const note = `Measured apart by \`${command}\`: ${origin.join('; ')}.`;
  const sections = before.trimEnd().split(/\n+(?=## )/);
  for (const figure of figures) {
    const section = figureTable(measurements, figure).trimEnd();
    if (section === '') continue;
    const [title, ...rest] = section.split('\n');
    const at = sections.findIndex((old) => old.startsWith(`${title}\n`));
    sections.splice(at === -1 ? sections.length : at, at === -1 ? 0 : 1, [title, '', note, ...rest].join('\n'));
  }
  const at = sections.findIndex((section) => section.startsWith('## Floors\n'));
  if (at !== -1) sections[at] = updatedFloors(sections[at], floorRows(measurements)).trimEnd();
  return `${sections.join('\n\n')}\n`;
}

/** One row for each floor of what was measured. */
function floorRows(measurements) {
  return floors.flatMap(({ contender: name, figure: figureName, floor, aim }) => {
    const figure = figures.find((candidate) => candidate.name === figureName);
    const contender = contenders.find((candidate) => candidate.name === name);
    if (!measurements.has(key(figure, contender))) return [];
    const unit = figure.isAbsolute ? ` (${figure.metrics[0].title})` : '';
    const expected = [name, `${figure.title}${unit}`, `${figure.lessIsBetter ? '≤' : '≥'} ${floor}`, aim ?? ''];
    const middle = middleOf(measurements, figure, contender);
    if (middle === undefined) return [[...expected, '–', '–']];
    const reached = figure.lessIsBetter ? middle <= floor : middle >= floor;
    return [[...expected, middle.toFixed(2), reached ? 'yes' : '**no**']];
  });
}

function floorTable(rows) {
  if (rows.length === 0) return '';
  return `## Floors\n\n${table(['server', 'figure', 'floor', 'aim', 'measured', 'reached'], rows)}`;
}

/** The rows that a section has, with new ones in their place, and after the others where there were none. */
function updatedFloors(section, rows) {
  const lines = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  const known = lines.slice(1).map((line) => line.slice(2, -2).split(' | '));
  const nameOf = ([server, figure]) => `${server} / ${figure}`;
  const all = new Map([...known, ...rows].map((row) => [nameOf(row), row]));
  return floorTable([...all.values()]);
}

/**
 * What is said of a contender in one number: the median of its ratios, or of a metric, in the metric's unit, where the
 * figure is absolute. `undefined`: nothing.
 */
export function middleOf(measurements, figure, contender, metric = figure.metrics[0]) {
  const values = figure.isAbsolute
    ? valuesOf((measurements.get(key(figure, contender)) ?? []).filter(wasBottleneck), metric)
    : ratiosOf(measurements, figure, contender);
  if (values.length === 0) return undefined;
  const { middle } = summary(values);
  return figure.isAbsolute ? Number(metric.format(middle)) : middle;
}

function valuesOf(rounds, metric) {
  return rounds.map((round) => round[metric.key]).filter((value) => value !== undefined);
}

function figureTable(measurements, figure) {
  const rows = contenders.flatMap((contender) => {
    const rounds = measurements.get(key(figure, contender));
    if (rounds === undefined) return [];
    const values = figure.metrics.map((metric) => {
      const known = valuesOf(rounds, metric);
      return known.length === 0 ? '–' : spread(known, metric.format);
    });
    const errors = rounds.reduce((sum, round) => sum + round.errors, 0);
    return [[contender.name, ...countedCells(measurements, figure, contender), ...values, errors]];
  });
  if (rows.length === 0) return '';
  const counted = figure.isAbsolute ? ['rounds'] : ['ratio', 'rounds'];
  const head = ['server', ...counted, ...figure.metrics.map((metric) => metric.title), 'errors'];
  const notes = [figure.lessIsBetter && 'Less is better.', figure.note].filter(Boolean).join(' ');
  const note = notes === '' ? '' : `${notes}\n\n`;
  return `## ${figure.title}\n\n${note}${table(head, rows)}`;
}

/** Its ratio, if the figure is one, and how many of its rounds counted. */
function countedCells(measurements, figure, contender) {
  const rounds = measurements.get(key(figure, contender));
  if (figure.isAbsolute) return [`${rounds.filter(wasBottleneck).length}/${rounds.length}`];
  const ratios = ratiosOf(measurements, figure, contender);
  const ratio = ratios.length === 0 ? '–' : spread(ratios, (value) => value.toFixed(2));
  return [ratio, `${ratios.length}/${rounds.length}`];
}

function ratiosOf(measurements, figure, contender) {
  const metric = figure.metrics[0].key;
  const own = measurements.get(key(figure, contender)) ?? [];
  const base = measurements.get(key(figure, { name: baselineOf(contender) })) ?? [];
  return own.flatMap((round, index) => {
    const paired = base[index];
    const isFree = figure.isLatency === true;
    const counts = isFree || (paired && wasBottleneck(paired) && (contender.waits || wasBottleneck(round)));
    return paired !== undefined && counts ? [round[metric] / paired[metric]] : [];
  });
}

/** Whether the server had its processors, so that its rate says something about it. Only known where it has its own. */
function wasBottleneck({ busy }) {
  return !canPin || busy === undefined || busy >= LEAST_BUSY;
}

function spread(values, format) {
  const { least, middle, greatest } = summary(values);
  return values.length === 1 ? format(middle) : `${format(middle)} (${format(least)}–${format(greatest)})`;
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const middle = (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  return { least: sorted[0], middle, greatest: sorted.at(-1) };
}

/** In Markdown, the first column to the left. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('');
}

function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
