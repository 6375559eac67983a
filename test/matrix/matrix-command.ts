/**
 * `npm run matrix`: asks every strategy over every transport for what all servers promise, and writes
 * `docs/strategy-matrix.md`. Fails when a promise is broken, when one is skipped without a reason, and, where nobody will
 * commit (the variable `CI` is set), when the page would be another.
 *
 * ```
 *   npm run matrix                           with the sources, then with the packages as npm installs them
 *   npm run matrix -- --sources              only one of both; --installed: the other
 *   npm run matrix -- "forking over udp"     only what has this in its name
 * ```
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { format, resolveConfig } from 'prettier';

import { strategies, transports, workerStrategies } from '@socketserver/core';

import { conclude } from './conclusion';
import { type Matrix, isKept, readMatrix } from './matrix';
import { matrixPage } from './matrix-page';
import { runInstalled, runSources } from './matrix-run';

const path = join(__dirname, '../../docs/strategy-matrix.md');
/** When Ctrl-C was pressed. */
const INTERRUPTED = 130;

const axes = { strategies: [...strategies, ...workerStrategies], transports };

/** @returns the exit code */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { sources: { type: 'boolean' }, installed: { type: 'boolean' } },
    allowPositionals: true,
  });
  const isBoth = values.sources === values.installed;
  const pattern = positionals.join(' ');

  // Jest and its workers hear of Ctrl-C themselves; what they leave has to be removed after them.
  let isInterrupted = false;
  process.on('SIGINT', () => (isInterrupted = true));

  const matrices = new Map<string, Matrix>();
  const run = async (name: string, report: typeof runSources): Promise<void> => {
    say(`Asking ${name}…`);
    const matrix = readMatrix(await report(pattern), axes);
    matrices.set(name, matrix);
    const kept = matrix.answers.filter(isKept).length;
    say(`${kept} kept, ${matrix.answers.length - kept} do not apply, ${matrix.broken.length} broken`);
  };
  if (isBoth || values.sources) await run('the sources', runSources);
  if (isInterrupted) return INTERRUPTED;
  if (isBoth || values.installed) await run('the installed packages', runInstalled);
  if (isInterrupted) return INTERRUPTED;

  const isWhole = isBoth && pattern === '';
  const before = await readFile(path, 'utf8').catch(() => '');
  const { CI = '' } = process.env;
  const isCI = CI !== '' && CI !== 'false';
  const { said, hasFailed, page } = await conclude({ matrices, isWhole, isCI, before }, formatted);
  if (page !== undefined) await writeFile(path, page);
  say(said.join('\n'));
  return hasFailed ? 1 : 0;
}

async function formatted({ answers }: Matrix): Promise<string> {
  return format(matrixPage(answers), { ...(await resolveConfig(path)), parser: 'markdown' });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

void main().then((code) => (process.exitCode = code));
