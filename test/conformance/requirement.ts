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
  /** An optional package, without which its tests are skipped. */
  readonly needs?: string;
}

/**
 * A test file, from the root of the repository, and full names of tests in it. A name with one of the words of
 * {@link STRATEGIES} in braces stands for one test for each of those.
 */
export type Shown = readonly [file: string, ...names: string[]];

export interface Section {
  readonly title: string;
  /** Markdown. */
  readonly intro?: string;
  readonly requirements: readonly Requirement[];
}

const inProcess = ['sequential', 'async', 'selecting'];
const withWorkers = ['threading', 'forking'];

/** What `{strategy}`, `{worker}` and `{every}` in a name are expanded to. */
export const STRATEGIES: Readonly<Record<'strategy' | 'worker' | 'every', readonly string[]>> = {
  strategy: inProcess,
  worker: withWorkers,
  every: [...inProcess, ...withWorkers],
};

/** The tests that a name stands for. */
export function testsNamed(name: string): string[] {
  for (const [word, strategies] of Object.entries(STRATEGIES)) {
    const pattern = `{${word}}`;
    if (name.includes(pattern)) return strategies.map((strategy) => name.replaceAll(pattern, strategy));
  }
  return [name];
}
