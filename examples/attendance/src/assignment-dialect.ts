/**
 * The dialect of the lecture notes' assignment, which asks for more than their program does: start and end are acts of
 * their own, and replies are fields. The assignment gives no bytes; these are ours.
 *
 * ```
 *   101/iniciar,professor     101,19/11/2026,08:05                    of an open class too: when it was opened
 *   101/encerrar,professor    101,19/11/2026,08:05,['042191010']
 *   101/consultar,professor   the same, and the class stays open
 *   042191010/101,aluno       101,19/11/2026,08:05                    once more: the time of the first
 * ```
 *
 * A refusal is the same reply with the class id zero: the class is not open, or cannot exist. What has other reasons, such
 * as a full disk, rejects: a zero would say what is not so.
 */
import { type ClassField, parseClass, parseStudent, splitAtSlash, trimmed } from './fields';
import type { Actor, Roll } from './roll';
import { day, errors, minute, formatList } from './wire-texts';

/** Stands for the class in a refusal. */
const REFUSED = '0';

/** What a reply says, before it is text. */
interface Fields {
  /** As it was typed, or `0`. */
  readonly turma: string;
  readonly at: number;
  /** Only of replies that list them. */
  readonly students?: readonly string[] | undefined;
}

type Act = 'iniciar' | 'encerrar' | 'consultar';

/** Answers `<class>/<act>,professor`. @param input what is before the comma @param now milliseconds since 1970 */
export async function act(roll: Roll, input: string, actor: Actor, now: number): Promise<string> {
  const [left = '', right = ''] = splitAtSlash(input) ?? [];
  const verb = trimmed(right);
  if (!isAct(verb)) return errors.notAnAct;
  const turma = parseClass(left);
  if (turma === undefined) return format({ turma: REFUSED, at: now, students: verb === 'iniciar' ? undefined : [] });
  return format(await perform(roll, verb, turma, actor));
}

/** Answers `<student>/<class>,aluno`. @param input what is before the comma @param now milliseconds since 1970 */
export async function register(roll: Roll, input: string, actor: Actor, now: number): Promise<string> {
  const [left, right] = splitAtSlash(input) ?? [];
  if (left === undefined || right === undefined) return errors.notAnAct;
  const student = parseStudent(left);
  const turma = parseClass(right);
  if (student === undefined || turma === undefined) return format({ turma: REFUSED, at: now });
  const { outcome, at } = await roll.register(turma.number, student, actor);
  return format({ turma: outcome === 'not-open' ? REFUSED : turma.typed, at });
}

async function perform(roll: Roll, verb: Act, { number, typed }: ClassField, actor: Actor): Promise<Fields> {
  if (verb === 'iniciar') return { turma: typed, at: (await roll.open(number, actor)).at };
  const { outcome, at, students } = await (verb === 'encerrar' ? roll.close(number, actor) : roll.consult(number));
  return { turma: outcome === 'not-open' ? REFUSED : typed, at, students };
}

function isAct(verb: string): verb is Act {
  return verb === 'iniciar' || verb === 'encerrar' || verb === 'consultar';
}

function format({ turma, at, students }: Fields): string {
  const fields = `${turma},${day(at)},${minute(at)}`;
  return students === undefined ? fields : `${fields},${formatList(students)}`;
}
