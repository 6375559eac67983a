/** The runner: `node bench/run.mjs --help`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { baselineOf, contenders } from './contenders.mjs';
import { describeSync, measureSync } from './disk.mjs';
import { figures } from './figures.mjs';
import { buildGenerators, canStart, measure, withFolder } from './measure.mjs';
import { describeMachine, key, report, updated } from './report.mjs';
import { namesOfStrategies, strategyTable, writeStrategies } from './strategies.mjs';

const STRATEGIES = 'strategies';

const help = `Measures our servers beside raw net and CPython, in turn.

  npm run bench -- [options]

  --quick         2 rounds of 1 second
  --rounds N      rounds, in each of which everything is measured once (default 5)
  --seconds S     seconds for each measurement (default 2)
  --only NAME     only this figure, or only servers whose name contains it; may be repeated ('attendance': the roll calls;
                  '${STRATEGIES}': what the table of strategies needs)
  --write         write bench/RESULTS.md: all of it, or with --only the tables of those figures; and the table of
                  strategies into docs/choosing-a-strategy.md, when all is measured, or what it needs: only that then
  --help

Figures: ${figures.map(({ name }) => name).join(', ')}
Servers: ${contenders.map(({ name }) => name).join('; ')}
`;

const resultsFile = join(import.meta.dirname, 'RESULTS.md');

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(help);
  else await run(options);
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}

async function run({ rounds, seconds, warmup, chosenFigures, chosenContenders, isOfStrategies, write }) {
  buildGenerators();
  const writesToDisk = chosenFigures.some(({ family }) => family === 'attendance');
  const machine = describeMachine(writesToDisk ? describeSync(await withFolder(measureSync)) : undefined);
  const present = chosenContenders.filter(isInstalled);
  const measurements = new Map();
  for (let round = 1; round <= rounds; round++) {
    for (const figure of chosenFigures) {
      for (const contender of present.filter((candidate) => takesPart(candidate, figure))) {
        const result = await measure(contender, figure, { seconds, warmup });
        const list = measurements.get(key(figure, contender)) ?? [];
        measurements.set(key(figure, contender), [...list, result]);
        progress(`${round}/${rounds} ${key(figure, contender)}`, figure, result);
      }
    }
  }
  const args = process.argv.slice(2).map((arg) => (arg.includes(' ') ? `'${arg}'` : arg));
  const command = ['npm run bench --', ...args].join(' ');
  const text = report(measurements, machine, command);
  process.stdout.write(`\n${text}`);
  if (isOfStrategies) process.stdout.write(`\n${strategyTable(measurements)}`);
  if (!write) return;
  const isWhole = chosenFigures.length === figures.length && present.length === contenders.length;
  if (isWhole || isOfStrategies) await writeStrategies(measurements, machine, command);
  // The servers that it needs are not all that those figures have.
  if (isOfStrategies) return;
  const before = isWhole ? '' : readFileSync(resultsFile, 'utf8');
  writeFileSync(resultsFile, isWhole ? text : updated(before, measurements, machine, command));
}

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    rounds: positive('rounds', values.rounds ?? (values.quick ? 2 : 5)),
    seconds: positive('seconds', values.seconds ?? (values.quick ? 1 : 2)),
    warmup: values.quick ? 0.5 : 1,
    ...choose(values.only.flatMap((name) => (name === STRATEGIES ? namesOfStrategies : name))),
    isOfStrategies: values.only.includes(STRATEGIES),
    write: values.write,
  };
}

function positive(name, value) {
  const number = Number(value);
  if (number > 0 && number <= 600 && (name !== 'rounds' || Number.isInteger(number))) return number;
  throw new Error(`--${name} must be a number from 1 to 600; got '${value}'`);
}

/** What `--only` leaves. The baseline of a figure always stays: without it there is no ratio. */
function choose(names) {
  const figureNames = names.filter((name) => figures.some((figure) => figure.name === name));
  const serverNames = names.filter((name) => !figureNames.includes(name));
  for (const name of serverNames) {
    if (!contenders.some((contender) => contender.name.includes(name))) {
      throw new Error(`--only '${name}' is neither a figure nor part of a server's name; --help lists both`);
    }
  }
  const isNamed = ({ name }) => serverNames.length === 0 || serverNames.some((part) => name.includes(part));
  const isChosen = (figure) =>
    (figureNames.length === 0 || figureNames.includes(figure.name)) &&
    contenders.some((contender) => takesPart(contender, figure) && isNamed(contender));
  const chosenFigures = figures.filter(isChosen);
  const named = contenders.filter(
    (contender) => isNamed(contender) && chosenFigures.some((figure) => takesPart(contender, figure)),
  );
  const baselines = named.map(baselineOf);
  const chosenContenders = contenders.filter(
    (contender) => baselines.includes(contender.name) || named.includes(contender),
  );
  return { chosenFigures, chosenContenders };
}

/** Whether its program can be started; says so when not. */
function isInstalled({ name, command }) {
  const [program] = command(figures[0], '');
  if (canStart(program)) return true;
  process.stderr.write(`without ${name}: ${program} cannot be started\n`);
  return false;
}

function takesPart({ figures: own, family = 'tcp' }, figure) {
  return own?.includes(figure.name) ?? family === (figure.family ?? 'tcp');
}

function progress(what, figure, result) {
  const values = figure.metrics
    .filter((metric) => result[metric.key] !== undefined)
    .map((metric) => `${metric.title}: ${metric.format(result[metric.key])}`);
  process.stderr.write(`${what} – ${values.join('; ')}${result.errors > 0 ? `; ${result.errors} errors` : ''}\n`);
}
