/**
 * Runs the contract suite of every strategy over every transport: `cells/`, by Jest in a process of its own.
 *
 * ```
 *   sources:    this checkout ──ts-jest──▶ src of the packages; workers load their handlers from dist
 *   installed:  npm pack ──▶ npm install in an empty folder ──▶ dist of the packages, and nothing of this checkout
 * ```
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

import { OwnApp } from '../own-app';
import type { JestReport } from './matrix';

const root = join(__dirname, '../..');
const cells = join(__dirname, 'cells');

const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };

/** Milliseconds for a run. It takes about two minutes. */
const LONGEST = 900_000;

/** With the sources of this checkout. @param pattern of the names of the tests to run; everything if empty */
export function runSources(pattern: string): Promise<JestReport> {
  return runJest(['--testMatch', '**/test/matrix/cells/*.ts'], root, pattern);
}

/** With the packages as they would be published, installed by npm in a folder of their own. @param pattern as above */
export async function runInstalled(pattern: string): Promise<JestReport> {
  const app = await OwnApp.create('testing');
  try {
    const folder = join(app.folder, 'matrix');
    await mkdir(folder);
    for (const file of await readdir(cells)) {
      const { outputText } = transpileModule(await readFile(join(cells, file), 'utf8'), { compilerOptions });
      await writeFile(join(folder, file.replace(/ts$/, 'js')), outputText);
    }
    // What is installed, and nothing that Jest could make of it.
    const config = { rootDir: folder, testMatch: ['**/*.js'], transform: {}, testTimeout: 20_000, watchman: false };
    await writeFile(join(folder, 'jest.config.json'), JSON.stringify(config));
    return await runJest(['--config', join(folder, 'jest.config.json')], folder, pattern);
  } finally {
    await app.remove();
  }
}

async function runJest(flags: readonly string[], folder: string, pattern: string): Promise<JestReport> {
  const results = await mkdtemp(join(tmpdir(), 'matrix-'));
  const report = join(results, 'report.json');
  // One after the other: more at a time start so many workers that nothing is gained.
  const always = ['--runInBand', '--verbose=false', '--reporters=default', '--json', `--outputFile=${report}`];
  const chosen = pattern === '' ? [] : ['--testNamePattern', pattern];
  const program = require.resolve('jest/bin/jest');
  try {
    const jest = spawn(process.execPath, [program, ...flags, ...always, ...chosen], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: LONGEST,
    });
    const [code, signal] = (await once(jest, 'close')) as [number | null, NodeJS.Signals | null];
    const text = await readFile(report, 'utf8').catch(() => '');
    if (text !== '') return JSON.parse(text) as JestReport;
    const message = `Jest has ended with ${signal ?? code} and no report`;
    return { testResults: [{ name: 'the suite', status: 'failed', message, assertionResults: [] }] };
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}
