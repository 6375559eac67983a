import { relative, sep } from 'node:path';

import { type Requirement, testsNamed } from './requirement';

/** What this needs of the results of a run of Jest. */
export interface RunResults {
  readonly testResults: readonly {
    readonly testFilePath: string;
    readonly testResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** How the tests of a run ended. */
export class TestOutcomes {
  /** Status by file and full name. */
  readonly #files = new Map<string, Map<string, string>>();

  /** @param rootDir what files are named from */
  constructor(rootDir: string, { testResults }: RunResults) {
    for (const { testFilePath, testResults: tests } of testResults) {
      const statuses = new Map<string, string>();
      for (const { fullName, status } of tests) {
        // Of several tests with one name, one that did not pass counts.
        if (status !== 'passed' || !statuses.has(fullName)) statuses.set(fullName, status);
      }
      this.#files.set(relative(rootDir, testFilePath).split(sep).join('/'), statuses);
    }
  }

  /** A line for each test that `requirement` names and that did not pass. */
  problems({ id, shown = [] }: Requirement): string[] {
    const problems: string[] = [];
    for (const [file, ...names] of shown) {
      for (const name of names.flatMap(testsNamed)) {
        const problem = this.#problem(file, name);
        if (problem !== null) problems.push(`${id}: ${problem}`);
      }
    }
    return problems;
  }

  #problem(file: string, name: string): string | null {
    const tests = this.#files.get(file);
    if (tests === undefined) return `${file} did not run`;
    const status = tests.get(name);
    if (status === 'passed') return null;
    if (status === undefined) return `${file} has no test "${name}"`;
    return `${file}, "${name}": ${status === 'pending' ? 'skipped' : status}`;
  }
}
