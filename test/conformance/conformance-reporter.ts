/**
 * A reporter for Jest that writes `docs/python-conformance.md` when all tests have run, and fails a run in which a test that
 * the page names is missing, skipped or failed. A run of only some of the tests is none of its business.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { conformancePage } from './conformance-page';
import { departuresIn } from './departures';
import type { Section } from './requirement';
import { sections as allSections } from './requirements';
import { type RunResults, TestOutcomes } from './test-outcomes';

/** What this needs of Jest's settings. */
export interface RunSettings {
  readonly rootDir: string;
  /** Whether this is a run that nobody will commit from. Jest finds out, or is told with `--ci`. */
  readonly ci: boolean;
  readonly testPathPatterns: { readonly patterns: readonly string[] };
  readonly testNamePattern?: string | undefined;
  readonly shard?: object | undefined;
  readonly onlyChanged: boolean;
  readonly onlyFailures: boolean;
  readonly findRelatedTests: boolean;
  readonly bail: number;
}

const PAGE = 'docs/python-conformance.md';
const DIFFERENCES = 'docs/differences-from-python.md';

export class ConformanceReporter {
  readonly #settings: RunSettings;
  readonly #sections: readonly Section[];
  #error: Error | undefined;

  /** @param options may have other sections than those of the project, for tests */
  constructor(settings: RunSettings, options: { readonly sections?: readonly Section[] } = {}) {
    this.#settings = settings;
    this.#sections = options.sections ?? allSections;
  }

  /** Called by Jest at the end of a run. */
  async onRunComplete(_contexts: unknown, results: RunResults & { readonly wasInterrupted: boolean }): Promise<void> {
    if (results.wasInterrupted || !isWhole(this.#settings)) return;
    const requirements = this.#sections.flatMap((section) => section.requirements);
    const checkable = requirements.filter(({ needs }) => needs === undefined || canLoad(needs));
    const outcomes = new TestOutcomes(this.#settings.rootDir, results);
    const departures = departuresIn(await readFile(this.#path(DIFFERENCES), 'utf8'));
    const problems = checkable.flatMap((requirement) => outcomes.problems(requirement));
    for (const { id, departure } of requirements) {
      if (departure === undefined || departures.has(departure)) continue;
      problems.push(`${id}: ${DIFFERENCES} has no row "${departure}"`);
    }
    if (problems.length > 0) this.#fail(`${PAGE} is not written:`, problems);
    else await this.#write(conformancePage(this.#sections, departures), requirements.length - checkable.length);
  }

  /** Called by Jest to know whether the run has failed. */
  getLastError(): Error | undefined {
    return this.#error;
  }

  /** @param unchecked how many requirements need a package that is not here: then nothing is written */
  async #write(text: string, unchecked: number): Promise<void> {
    const path = this.#path(PAGE);
    const { format, resolveConfig } = await import('prettier');
    const page = await format(text, { ...(await resolveConfig(path)), parser: 'markdown' });
    const before = await readFile(path, 'utf8').catch(() => '');
    if (page === before) return;
    if (this.#settings.ci) {
      this.#fail(`${PAGE} is not what this run gives.`, ['Run `npm test -- --ci=false` and commit it.']);
    } else if (unchecked > 0) {
      say(`${PAGE} is out of date, and not written: ${unchecked} requirements need a package that is not here`);
    } else {
      await writeFile(path, page);
      say(`${PAGE} has changed: commit it`);
    }
  }

  #fail(what: string, lines: readonly string[]): void {
    const text = [what, ...lines].join('\n  ');
    say(text);
    this.#error = new Error(text);
  }

  #path(file: string): string {
    return join(this.#settings.rootDir, file);
  }
}

/** Whether nobody has asked for some of the tests only, or for an end at the first failure. */
function isWhole(settings: RunSettings): boolean {
  const { testPathPatterns, testNamePattern, shard, onlyChanged, onlyFailures, findRelatedTests, bail } = settings;
  const isChosen = testPathPatterns.patterns.length > 0 || Boolean(testNamePattern) || shard !== undefined;
  return !(isChosen || onlyChanged || onlyFailures || findRelatedTests || bail > 0);
}

function canLoad(name: string): boolean {
  try {
    createRequire(__filename)(name);
    return true;
  } catch {
    return false;
  }
}

function say(text: string): void {
  process.stderr.write(`\n${text}\n\n`);
}
