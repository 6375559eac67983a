import { type Matrix, differences, isKept } from './matrix';

/** What was run, and where. */
export interface Runs {
  /** By what they were run with: `the sources`. */
  readonly matrices: ReadonlyMap<string, Matrix>;
  /** Whether everything was run that the page tells of. */
  readonly isWhole: boolean;
  /** Whether nobody will commit from here. */
  readonly isCI: boolean;
  /** The page that is there, or an empty text. */
  readonly before: string;
}

/** What comes of it. */
export interface Conclusion {
  /** Lines for whoever has started it. */
  readonly said: readonly string[];
  readonly hasFailed: boolean;
  /** The page to write, if it is to be written. */
  readonly page?: string;
}

const PAGE = 'docs/strategy-matrix.md';

/** @param write makes the page of a run */
export async function conclude(runs: Runs, write: (matrix: Matrix) => Promise<string>): Promise<Conclusion> {
  const { isWhole, isCI, before } = runs;
  const matrices = [...runs.matrices];
  const all = (lines: (matrix: Matrix) => readonly string[]): string[] =>
    matrices.flatMap(([name, matrix]) => lines(matrix).map((line) => `${name}: ${line}`));

  const broken = all((matrix) => matrix.broken);
  if (broken.length > 0) return failed(`${broken.length} promises are broken:`, broken);
  const missing = all((matrix) => matrix.missing);
  if (!isWhole && matrices.some(([, { answers }]) => !answers.some(isKept))) {
    return failed('Nothing was asked: no test has this in its name, or it cannot be asked here.', missing);
  }
  if (!isWhole) return passed(`Kept. ${PAGE} is written by a run of everything: npm run matrix`);
  const unexplained = all((matrix) => matrix.unexplained);
  if (unexplained.length > 0) return failed(`${unexplained.length} promises were not asked:`, unexplained);
  if (missing.length > 0)
    return passed(`Kept, but ${PAGE} is left alone, because not everything can be had here:`, missing);

  const [[, one], [, other]] = matrices as [[string, Matrix], [string, Matrix]];
  const differing = differences(one, other);
  if (differing.length > 0) return failed('The runs do not agree; said by one of them only:', differing);
  const page = await write(one);
  if (page === before) return passed(`Kept, as ${PAGE} says.`);
  if (isCI) return failed(`Kept, but ${PAGE} is not what this run gives.`, ['Run `CI= npm run matrix` and commit it.']);
  return { ...passed(`Kept. ${PAGE} has changed: commit it`), page };
}

function passed(what: string, lines: readonly string[] = []): Conclusion {
  return { said: [what, ...lines.map((line) => `  ${line}`)], hasFailed: false };
}

function failed(what: string, lines: readonly string[]): Conclusion {
  return { ...passed(what, lines), hasFailed: true };
}
