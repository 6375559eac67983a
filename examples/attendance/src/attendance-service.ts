/**
 * The lecture notes' `Service`, with their seven methods: what the text protocol says, in terms of the roll.
 *
 * ```
 *                        ┌─ handleTeacherMessage ─┐
 *   text ─ handleMessage ┤                        ├─ Roll       addClass, removeClass,
 *                        └─ handleStudentMessage ─┘             isClassActive, getClassPresentStudents
 * ```
 *
 * Differs from the notes: the methods are asynchronous, because a reply leaves only when what it says is on disk; a
 * message that makes no sense is answered with an error in Portuguese, where theirs ended the connection's thread; and the
 * assignment's dialect is understood beside that of the notes' program.
 */
import { Clock, injectable } from '@socketserver/core';

import * as assignment from './assignment-dialect';
import type { ClassType } from './class-type';
import { MAX_REQUEST } from './codec';
import { ClassNumberError, StudentNumberError } from './errors';
import { failureText } from './failure';
import { parseClass, parseStudent } from './fields';
import * as notes from './notes-dialect';
import { type Actor, Roll } from './roll';
import { errors } from './wire-texts';

/** Who acts when a program calls, and not a peer. */
const PROGRAM: Actor = 'program';

@injectable()
export class AttendanceService {
  constructor(
    private readonly roll: Roll,
    private readonly clock: Clock,
  ) {}

  /**
   * Opens a class, with the students who are present in it already. Does not change a class that is open.
   *
   * @throws {ClassNumberError} when its number is none
   * @throws {StudentNumberError} when one of theirs is none; the class is not opened then
   */
  async addClass(
    { number, presentStudents }: Pick<ClassType, 'number' | 'presentStudents'>,
    actor = PROGRAM,
  ): Promise<void> {
    const turma = parseClass(number);
    if (turma === undefined) throw new ClassNumberError(number);
    const students = presentStudents.map(studentOf);
    const { outcome } = await this.roll.open(turma.number, actor);
    if (outcome === 'already-open') return;
    // All at once: they share a sync, and come in their order.
    await Promise.all(students.map((student) => this.roll.register(turma.number, student, actor)));
  }

  /** Closes a class, if it is open. */
  async removeClass(classNumber: string, actor = PROGRAM): Promise<void> {
    const turma = parseClass(classNumber);
    if (turma !== undefined) await this.roll.close(turma.number, actor);
  }

  /** Whether a class is open. */
  async isClassActive(classNumber: string): Promise<boolean> {
    return (await this.getClassPresentStudents(classNumber)) !== undefined;
  }

  /** Who is present in a class, in the order of arrival; undefined if it is not open. */
  async getClassPresentStudents(classNumber: string): Promise<readonly string[] | undefined> {
    const turma = parseClass(classNumber);
    if (turma === undefined) return undefined;
    const { outcome, students } = await this.roll.consult(turma.number);
    return outcome === 'open' ? students : undefined;
  }

  /** Opens or closes a class. @param message `101` @returns the reply, or why there is none, in Portuguese */
  handleTeacherMessage(message: string, actor = PROGRAM): Promise<string> {
    return notes.toggle(this.roll, message, actor).catch(failureText);
  }

  /** Registers a student. @param message `042191010/101` @returns the reply, or why there is none, in Portuguese */
  handleStudentMessage(message: string, actor = PROGRAM): Promise<string> {
    return notes.register(this.roll, message, actor).catch(failureText);
  }

  /**
   * Answers a request of either dialect, and whatever else a client sends.
   *
   * @param decodedData `101,teacher`
   * @returns the reply, to be sent as it is: an error too, for what is no request, a full disk or a limit
   */
  handleMessage(decodedData: string, actor = PROGRAM): Promise<string> {
    // In characters: what is no UTF-8 has more bytes now than it had.
    if (decodedData.length > MAX_REQUEST) return Promise.resolve(errors.tooLong);
    const [input = '', code = '', ...more] = decodedData.split(',');
    if (more.length > 0) return Promise.resolve(errors.notARequest);
    switch (code) {
      case 'teacher':
        return this.handleTeacherMessage(input, actor);
      case 'student':
        return this.handleStudentMessage(input, actor);
      case 'professor':
        return assignment.act(this.roll, input, actor, this.#now).catch(failureText);
      case 'aluno':
        return assignment.register(this.roll, input, actor, this.#now).catch(failureText);
      default:
        return Promise.resolve(errors.notARequest);
    }
  }

  get #now(): number {
    return this.clock.date().getTime();
  }
}

function studentOf(text: string): string {
  const student = parseStudent(text);
  if (student === undefined) throw new StudentNumberError(text);
  return student;
}
