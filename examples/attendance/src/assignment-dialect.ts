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
 * A refusal is the same reply with the class id zero. That is also the answer to a class that cannot exist.
 */
import { failureText } from './failure';
import { type ClassField, parseClass, parseStudent, splitAtSlash } from './fields';
import type { Actor, Roll } from './roll';
import { day, errors, minute, pythonList } from './wire-texts';

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
  const verb = right.trim();
  if (!isAct(verb)) return errors.notAnAct;
  const turma = parseClass(left);
  const refusal = { turma: REFUSED, at: now, students: verb === 'iniciar' ? undefined : [] };
  return format(turma === undefined ? refusal : await orRefuse(perform(roll, verb, turma, actor), refusal));
}

/** Answers `<student>/<class>,aluno`. @param input what is before the comma @param now milliseconds since 1970 */
export async function register(roll: Roll, input: string, actor: Actor, now: number): Promise<string> {
  const [left, right] = splitAtSlash(input) ?? [];
  if (left === undefined || right === undefined) return errors.notAnAct;
  const student = parseStudent(left);
  const turma = parseClass(right);
  const refusal = { turma: REFUSED, at: now };
  if (student === undefined || turma === undefined) return format(refusal);
  const registered = roll.register(turma.number, student, actor).then(({ outcome, at }) => {
    return { turma: outcome === 'not-open' ? REFUSED : turma.typed, at };
  });
  return format(await orRefuse(registered, refusal));
}

async function perform(roll: Roll, verb: Act, { number, typed }: ClassField, actor: Actor): Promise<Fields> {
  if (verb === 'iniciar') return { turma: typed, at: (await roll.open(number, actor)).at };
  const { outcome, at, students } = await (verb === 'encerrar' ? roll.close(number, actor) : roll.consult(number));
  return { turma: outcome === 'not-open' ? REFUSED : typed, at, students };
}

/** A full disk refuses too; why is for the server's operator, since these replies have no room for words. */
async function orRefuse(performed: Promise<Fields>, refusal: Fields): Promise<Fields> {
  try {
    return await performed;
  } catch (error) {
    failureText(error);
    return refusal;
  }
}

function isAct(verb: string): verb is Act {
  return verb === 'iniciar' || verb === 'encerrar' || verb === 'consultar';
}

function format({ turma, at, students }: Fields): string {
  const fields = `${turma},${day(at)},${minute(at)}`;
  return students === undefined ? fields : `${fields},${pythonList(students)}`;
}
