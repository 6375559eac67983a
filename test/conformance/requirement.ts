/** Something that CPython's `socketserver` does, and what becomes of it here. */
export interface Requirement {
  /** Names it in messages. Unique. */
  readonly id: string;
  /** What CPython does. Markdown. */
  readonly python: string;
  /** How it is here, where that needs words. Markdown. */
  readonly here?: string;
  /** The tests that show it; those of a departure show what is done instead. */
  readonly shown?: readonly Shown[];
  /** First cell of its row in `docs/differences-from-python.md`, which says what is done instead, and why. */
  readonly departure?: string;
  /** What it waits for. */
  readonly open?: string;
  /** An optional package, without which its tests are skipped. */
  readonly needs?: string;
}

/**
 * A test file, from the root of the repository, and full names of tests in it. A name with `{strategy}` stands for one
 * test for each of the strategies.
 */
export type Shown = readonly [file: string, ...names: string[]];

export interface Section {
  readonly title: string;
  /** Markdown. */
  readonly intro?: string;
  readonly requirements: readonly Requirement[];
}

/** What a name with `{strategy}` is expanded to. */
export const STRATEGIES: readonly string[] = ['sequential', 'async', 'selecting'];

/** The tests that a name stands for. */
export function testsNamed(name: string): string[] {
  return name.includes('{strategy}') ? STRATEGIES.map((strategy) => name.replaceAll('{strategy}', strategy)) : [name];
}
