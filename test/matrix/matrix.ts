/** What a run of the contract suite says about each strategy over each transport. */
import { stripVTControlCharacters } from 'node:util';

/** What this needs of the report that Jest writes with `--json`. */
export interface JestReport {
  readonly testResults: readonly {
    /** The file's path. */
    readonly name: string;
    readonly status: string;
    /** What went wrong in it, if something did. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

/** What became of one promise, asked of one strategy over one transport with one kind of handler. */
export interface Answer {
  readonly strategy: string;
  readonly transport: string;
  readonly kind: string;
  readonly promise: string;
  /** Why it makes no sense there; `null`: it was kept. */
  readonly reason: string | null;
}

export const isKept = ({ reason }: Answer): boolean => reason === null;

/** The strategies and transports that have to be asked. */
export interface Axes {
  readonly strategies: readonly string[];
  readonly transports: readonly string[];
}

/** One run of all cells. */
export interface Matrix {
  /** In the order of the axes, and then of the suite. */
  readonly answers: readonly Answer[];
  /** A line for every promise that was broken. */
  readonly broken: readonly string[];
  /** A line for every promise that was not asked, and nobody says why: always some where only a part was run. */
  readonly unexplained: readonly string[];
  /** A line for everything that this machine cannot be asked. */
  readonly missing: readonly string[];
}

const NAME = /^the contract: (\S+) over (\S+)$/;
const SKIPPED = /^(.+) \(skipped: (.+)\)$/;

/** @param report of a run of `cells/` */
export function readMatrix(report: JestReport, axes: Axes): Matrix {
  const answers: Answer[] = [];
  const broken: string[] = [];
  const unexplained: string[] = [];
  const missing: string[] = [];
  const places = new Map<string, string[]>();
  for (const { name, status, message, assertionResults } of report.testResults) {
    const isExplained = assertionResults.some((test) => test.status === 'failed');
    if (status === 'failed' && !isExplained) broken.push(`${name} has failed as a whole: ${firstLine(message)}`);
    for (const { ancestorTitles, title, status, failureMessages } of assertionResults) {
      const [, strategy, transport] = NAME.exec(ancestorTitles[0] ?? '') ?? [];
      if (strategy === undefined || transport === undefined) continue;
      const kind = ancestorTitles[1];
      const [, promise = title, reason = null] = SKIPPED.exec(title) ?? [];
      if (kind === undefined) {
        missing.push(`${strategy} over ${transport}: ${reason}`);
        continue;
      }
      const place = `${strategy} over ${transport}, ${kind}`;
      places.set(place, [...(places.get(place) ?? []), promise]);
      if (status === 'passed' || (status === 'pending' && reason !== null)) {
        answers.push({ strategy, transport, kind, promise, reason });
      } else if (status === 'failed') {
        broken.push(`${place}: ${promise}: ${firstLine(failureMessages?.[0] ?? '')}`);
      } else unexplained.push(`${place}: ${promise}: ${status}`);
    }
  }
  unexplained.push(...gaps(places, missing, axes));
  return { answers: answers.sort(byAxes(axes)), broken, unexplained, missing };
}

/** A line for each promise that ended in one of two runs in another way than in the other. */
export function differences(one: Matrix, other: Matrix): string[] {
  const describe = ({ strategy, transport, kind, promise, reason }: Answer): string =>
    `${strategy} over ${transport}, ${kind}: ${promise}: ${reason === null ? 'kept' : `does not apply: ${reason}`}`;
  const first = new Set(one.answers.map(describe));
  const second = new Set(other.answers.map(describe));
  return [...first, ...second].filter((line) => !first.has(line) || !second.has(line));
}

/** What was not asked at all. @param places the promises asked at each */
function gaps(places: ReadonlyMap<string, readonly string[]>, missing: readonly string[], axes: Axes): string[] {
  const gaps: string[] = [];
  const suite = [...new Set([...places.values()].flat())];
  for (const strategy of axes.strategies) {
    for (const transport of axes.transports) {
      const cell = `${strategy} over ${transport}`;
      const asked = [...places].filter(([place]) => place.startsWith(`${cell}, `));
      if (asked.length === 0 && !missing.some((line) => line.startsWith(`${cell}: `))) {
        gaps.push(`${cell}: nothing was asked`);
      }
      for (const [place, promises] of asked) {
        for (const promise of suite) if (!promises.includes(promise)) gaps.push(`${place}: ${promise}: not asked`);
      }
    }
  }
  return gaps;
}

/** By strategy, then by transport; what is equal stays in its order. */
function byAxes({ strategies, transports }: Axes): (one: Answer, other: Answer) => number {
  return (one, other) =>
    strategies.indexOf(one.strategy) - strategies.indexOf(other.strategy) ||
    transports.indexOf(one.transport) - transports.indexOf(other.transport);
}

function firstLine(text: string): string {
  return stripVTControlCharacters(text).split('\n', 1)[0] ?? '';
}
