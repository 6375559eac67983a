/** From measurements to tables: medians, of values and of each round's ratio to the baseline. */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

import { baselineOf, contenders, figures, floors } from './contenders.mjs';
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
    ['pinned', canPin ? 'server to processor 0, load to processor 1' : 'no'],
    ['load average at the start', loadavg()[0].toFixed(2)],
    ...(disk === undefined ? [] : [['disk', disk]]),
  ];
}

/** The whole report in Markdown. */
export function report(measurements, machine, command) {
  const tables = [floorTable(measurements), ...figures.map((figure) => figureTable(measurements, figure))];
  return `# Measurements

Written by \`${command}\`. A ratio compares a server with the first one of its table, in the same
round; the table has the median over the rounds that count, and in parentheses the least and the greatest.
[README.md](README.md) says what is measured and how.

${machine.map(([name, value]) => `- ${name}: ${value}`).join('\n')}

${tables.filter(Boolean).join('\n')}`;
}

/**
 * The report with the tables of these measurements in the place of its own, each saying when and how it came; what was not
 * measured stays. For a run of some figures only.
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
  return `${sections.join('\n\n')}\n`;
}

function floorTable(measurements) {
  const rows = floors.flatMap(({ contender, figure: name, floor, aim }) => {
    const figure = figures.find((candidate) => candidate.name === name);
    const ratios = ratiosOf(measurements, figure, { name: contender });
    const sign = figure.lessIsBetter ? '≤' : '≥';
    const expected = [contender, figure.title, `${sign} ${floor}`, aim ?? ''];
    if (ratios.length === 0) return measurements.has(key(figure, { name: contender })) ? [[...expected, '–', '–']] : [];
    const { middle } = summary(ratios);
    const reached = figure.lessIsBetter ? middle <= floor : middle >= floor;
    return [[...expected, middle.toFixed(2), reached ? 'yes' : '**no**']];
  });
  if (rows.length === 0) return '';
  return `## Floors\n\n${table(['server', 'figure', 'floor', 'aim', 'measured', 'reached'], rows)}`;
}

function figureTable(measurements, figure) {
  const rows = contenders.flatMap((contender) => {
    const rounds = measurements.get(key(figure, contender));
    if (rounds === undefined) return [];
    const ratios = ratiosOf(measurements, figure, contender);
    const ratio = ratios.length === 0 ? '–' : spread(ratios, (value) => value.toFixed(2));
    const values = figure.metrics.map((metric) => {
      const known = rounds.map((round) => round[metric.key]).filter((value) => value !== undefined);
      return known.length === 0 ? '–' : spread(known, metric.format);
    });
    const errors = rounds.reduce((sum, round) => sum + round.errors, 0);
    return [[contender.name, ratio, `${ratios.length}/${rounds.length}`, ...values, errors]];
  });
  if (rows.length === 0) return '';
  const head = ['server', 'ratio', 'rounds', ...figure.metrics.map((metric) => metric.title), 'errors'];
  const notes = [figure.lessIsBetter && 'Less is better.', figure.note].filter(Boolean).join(' ');
  const note = notes === '' ? '' : `${notes}\n\n`;
  return `## ${figure.title}\n\n${note}${table(head, rows)}`;
}

function ratiosOf(measurements, figure, contender) {
  const metric = figure.metrics[0].key;
  const own = measurements.get(key(figure, contender)) ?? [];
  const base = measurements.get(key(figure, { name: baselineOf(figure) })) ?? [];
  return own.flatMap((round, index) => {
    const paired = base[index];
    const isFree = figure.isLatency === true;
    const counts = isFree || (paired && wasBottleneck(paired) && (contender.waits || wasBottleneck(round)));
    return paired !== undefined && counts ? [round[metric] / paired[metric]] : [];
  });
}

/** Whether the server had its processor, so that its rate says something about it. Only known where it has its own. */
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

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('');
}

function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
