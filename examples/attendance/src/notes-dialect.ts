/**
 * The dialect of the lecture notes' program.
 *
 * ```
 *   101,teacher              toggles class 101
 *   042191010/101,student    registers student 042191010 in class 101
 * ```
 */
import { parseClass, parseStudent, splitAtSlash } from './fields';
import type { Actor, Roll } from './roll';
import { day, errors, minute, formatList } from './wire-texts';

/** Answers `<class>,teacher`. @param input what is before the comma */
export async function toggle(roll: Roll, input: string, actor: Actor): Promise<string> {
  const turma = parseClass(input);
  if (turma === undefined) return errors.badClass;
  const done = await roll.toggle(turma.number, actor);
  if (!('students' in done)) return `A chamada da turma ${turma.typed} foi ativada em ${moment(done.at)}!`;
  const students = formatList(done.students);
  return `A chamada da turma ${turma.typed} foi encerrada em ${moment(done.at)}! Os seguintes alunos registraram presença: ${students}`;
}

/** Answers `<student>/<class>,student`. @param input what is before the comma */
export async function register(roll: Roll, input: string, actor: Actor): Promise<string> {
  const [left, right] = splitAtSlash(input) ?? [];
  if (left === undefined || right === undefined) return errors.notARegistration;
  const student = parseStudent(left);
  if (student === undefined) return errors.badStudent;
  const turma = parseClass(right);
  if (turma === undefined) return errors.badClass;
  const { outcome, at } = await roll.register(turma.number, student, actor);
  if (outcome === 'repeated') return 'Você já registrou sua presença nesta turma!';
  return outcome === 'registered'
    ? `Presença registrada com sucesso na turma ${turma.typed} em ${moment(at)}!`
    : `Esta turma não está com presença ativa. Solicitação rejeitada em ${moment(at)}`;
}

/** `19/11/2026 às 08:05`. */
function moment(at: number): string {
  return `${day(at)} às ${minute(at)}`;
}
