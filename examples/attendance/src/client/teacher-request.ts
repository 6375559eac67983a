import { parseClass, splitAtSlash } from '../fields';

/** What a teacher can want. */
export type TeacherAct = 'toggle' | 'open' | 'close' | 'consult';

/** What a teacher entered, understood. */
export interface TeacherRequest {
  readonly act: TeacherAct;
  /** The class as it was entered. */
  readonly turma: string;
  /** What is sent. */
  readonly text: string;
  /** Whether sending it twice does what sending it once does. */
  readonly isRepeatable: boolean;
}

const acts: ReadonlyMap<string, TeacherAct> = new Map([
  ['iniciar', 'open'],
  ['open', 'open'],
  ['encerrar', 'close'],
  ['close', 'close'],
  ['consultar', 'consult'],
  ['list', 'consult'],
]);

/** What the assignment's dialect calls them. */
const verbs = { open: 'iniciar', close: 'encerrar', consult: 'consultar' } as const;

/**
 * Understands `101`, `101/consultar`, `consultar 101` and their like.
 *
 * @returns undefined when it makes no sense
 */
export function parseTeacherRequest(line: string): TeacherRequest | undefined {
  const [left, right] = splitAtSlash(line) ?? splitAtSpace(line.trim());
  if (right === undefined) return request('toggle', left);
  const act = acts.get(right.trim().toLowerCase());
  return act === undefined ? undefined : request(act, left);
}

/** `consultar 101` and `101 consultar` as if a slash divided them. */
function splitAtSpace(line: string): [left: string, right?: string] {
  const [first = '', second, ...more] = line.split(/\s+/);
  if (second === undefined || more.length > 0) return [line];
  return parseClass(first) === undefined ? [second, first] : [first, second];
}

function request(act: TeacherAct, number: string): TeacherRequest | undefined {
  const turma = parseClass(number)?.typed;
  if (turma === undefined) return undefined;
  const text = act === 'toggle' ? `${turma},teacher` : `${turma}/${verbs[act]},professor`;
  return { act, turma, text, isRepeatable: act === 'open' || act === 'consult' };
}
