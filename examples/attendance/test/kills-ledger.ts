/**
 * What is known of a roll from outside: what was asked for, what was acknowledged, and therefore what must be on disk.
 *
 * ```
 *   asked ──▶ acknowledged    must be there, whatever happened to the server since
 *     └─────▶ no answer       the server was killed meanwhile: may be there or not, until compare() has looked
 * ```
 *
 * One teacher acts on a class, one act at a time; any number of students register in it at once. So a class has a list of
 * sessions, of which only the last can be in doubt.
 */

/** How often something was asked or answered before; what has not come yet is later than all that has. */
type Moment = number;
const NOT_YET: Moment = Infinity;

/** One time that a class was opened. */
export interface Session {
  readonly classNumber: string;
  readonly openAsked: Moment;
  opened: Moment;
  closeAsked: Moment;
  closed: Moment;
  /** Who was present, as the reply to its end said or, without one, as it was found. */
  students: readonly string[] | undefined;
  /** Who was present at the last look. */
  shown: readonly string[];
}

/** `present`: registered now or before; that dialect does not tell which. */
export type Outcome = 'registered' | 'repeated' | 'present' | 'refused';

/** One request of a student. */
export interface Attempt {
  readonly student: string;
  readonly classNumber: string;
  readonly asked: Moment;
  answered: Moment;
  outcome: Outcome | undefined;
}

/** A class as it was found: its closed sessions in their order, and who is in the open one. */
export interface FoundClass {
  readonly closed: readonly (readonly string[])[];
  readonly open: readonly string[] | undefined;
}

interface Known {
  readonly sessions: Session[];
  readonly attempts: Map<string, Attempt[]>;
}

export class Ledger {
  /** How many acts were acknowledged. */
  acknowledged = 0;
  /** Registrations without an answer that were there after a kill, and those that were not. */
  readonly doubts = { made: 0, lost: 0 };
  #now: Moment = 0;
  #goal = { count: Infinity, reached: () => {} };
  readonly #classes = new Map<string, Known>();

  /** Resolves when so many more acts have been acknowledged. One at a time may wait. */
  acknowledges(more: number): Promise<void> {
    return new Promise((resolve) => (this.#goal = { count: this.acknowledged + more, reached: resolve }));
  }

  /** The session of a class that is open, as far as is known. */
  openSession(classNumber: string): Session | undefined {
    const last = this.#known(classNumber).sessions.at(-1);
    return last?.closed === NOT_YET ? last : undefined;
  }

  askToOpen(classNumber: string): Session {
    const session: Session = {
      classNumber,
      openAsked: this.#tick(),
      opened: NOT_YET,
      closeAsked: NOT_YET,
      closed: NOT_YET,
      students: undefined,
      shown: [],
    };
    this.#known(classNumber).sessions.push(session);
    return session;
  }

  opened(session: Session): void {
    session.opened = this.#acknowledge();
  }

  shown(session: Session, students: readonly string[]): void {
    this.#acknowledge();
    session.shown = students;
  }

  askToClose(session: Session): void {
    session.closeAsked = this.#tick();
  }

  closed(session: Session, students: readonly string[]): void {
    session.closed = this.#acknowledge();
    session.students = students;
  }

  askToRegister(student: string, classNumber: string): Attempt {
    const attempt: Attempt = { student, classNumber, asked: this.#tick(), answered: NOT_YET, outcome: undefined };
    const { attempts } = this.#known(classNumber);
    const others = attempts.get(student);
    if (others === undefined) attempts.set(student, [attempt]);
    else others.push(attempt);
    return attempt;
  }

  answered(attempt: Attempt, outcome: Outcome): void {
    attempt.answered = this.#acknowledge();
    attempt.outcome = outcome;
  }

  /**
   * Compares all that was acknowledged, since the beginning, with what is there, and takes what was in doubt as it was
   * found. To be called when nobody waits for an answer any more.
   *
   * @returns what is wrong
   */
  compare(found: ReadonlyMap<string, FoundClass>): string[] {
    this.#now += 1;
    const complaints: string[] = [];
    for (const classNumber of new Set([...this.#classes.keys(), ...found.keys()])) {
      const { closed, open } = found.get(classNumber) ?? { closed: [], open: undefined };
      const lists = open === undefined ? closed : [...closed, open];
      const wrong = [
        ...this.#compareSessions(classNumber, lists, open !== undefined),
        ...this.#compareStudents(classNumber, lists),
      ];
      complaints.push(...wrong.map((complaint) => `class ${classNumber}: ${complaint}`));
    }
    return complaints;
  }

  #compareSessions(classNumber: string, lists: readonly (readonly string[])[], lastIsOpen: boolean): string[] {
    const { sessions } = this.#known(classNumber);
    if (sessions.at(-1)?.opened === NOT_YET && lists.length === sessions.length - 1) sessions.pop();
    const complaints: string[] = [];
    if (lists.length !== sessions.length) {
      complaints.push(`${sessions.length} sessions were opened, and ${lists.length} are there`);
    }
    for (const [index, session] of sessions.entries()) {
      const list = lists[index];
      if (list === undefined) break;
      const complain = (what: string) => complaints.push(`session ${index + 1} ${what}`);
      const isOpen = lastIsOpen && index === lists.length - 1;
      if (isOpen && session.closed !== NOT_YET) complain('was closed, and is open');
      if (!isOpen && session.closeAsked === NOT_YET) complain('is closed, which nobody asked for');
      if (new Set(list).size < list.length) complain(`has somebody twice: ${describe(list)}`);
      // Nobody leaves, and nobody is put in front of another: an earlier list is how the later one begins.
      const { students = list, shown } = session;
      if (differ(students, list)) complain(`ended with ${describe(students)}, and has ${describe(list)}`);
      if (differ(shown, list.slice(0, shown.length))) {
        complain(`was shown with ${describe(shown)}, and has ${describe(list)}`);
      }
      this.#settle(session, isOpen, list);
    }
    return complaints;
  }

  #settle(session: Session, isOpen: boolean, list: readonly string[]): void {
    session.opened = Math.min(session.opened, this.#now);
    if (isOpen) {
      session.closeAsked = NOT_YET;
      session.shown = list;
    } else {
      session.closed = Math.min(session.closed, this.#now);
      session.students ??= list;
    }
  }

  #compareStudents(classNumber: string, lists: readonly (readonly string[])[]): string[] {
    const { attempts } = this.#known(classNumber);
    const places = new Map<string, number[]>();
    for (const [index, list] of lists.entries()) {
      for (const student of new Set(list)) {
        const there = places.get(student);
        if (there === undefined) places.set(student, [index]);
        else there.push(index);
      }
    }
    const students = new Set([...attempts.keys(), ...places.keys()]);
    return [...students].flatMap((student) => this.#compareStudent(classNumber, student, places.get(student) ?? []));
  }

  /** @param there in which sessions the student is */
  #compareStudent(classNumber: string, student: string, there: readonly number[]): string[] {
    const { sessions, attempts } = this.#known(classNumber);
    // A registration was made in a session that was, or may have been, open while the student waited for the answer.
    const fits = ({ asked, answered }: Attempt, index: number) => {
      const session = sessions[index];
      return session !== undefined && session.openAsked < answered && session.closed > asked;
    };
    const made: Attempt[] = [];
    for (const attempt of attempts.get(student) ?? []) {
      attempt.answered = Math.min(attempt.answered, this.#now);
      if (attempt.outcome === undefined && this.#wasMade(there.some((index) => fits(attempt, index)))) {
        attempt.outcome = 'present';
      }
      if (attempt.outcome !== undefined) made.push(attempt);
    }
    attempts.set(student, made);

    const complaints: string[] = [];
    for (const attempt of made.filter(({ outcome }) => outcome !== 'refused')) {
      if (there.some((index) => fits(attempt, index))) continue;
      complaints.push(`${student} was told '${attempt.outcome}', and is not in a session of that time`);
    }
    const adding = made.filter(({ outcome }) => outcome === 'registered' || outcome === 'present');
    for (const index of there) {
      if (adding.some((attempt) => fits(attempt, index))) continue;
      complaints.push(`${student} is in session ${index + 1}, and was not registered there`);
    }
    if (there.length > Math.max(adding.length, 1)) complaints.push(`${student} is in ${there.length} sessions`);
    return complaints;
  }

  #wasMade(isThere: boolean): boolean {
    this.doubts[isThere ? 'made' : 'lost'] += 1;
    return isThere;
  }

  #known(classNumber: string): Known {
    let known = this.#classes.get(classNumber);
    if (known === undefined) this.#classes.set(classNumber, (known = { sessions: [], attempts: new Map() }));
    return known;
  }

  #acknowledge(): Moment {
    this.acknowledged += 1;
    if (this.acknowledged === this.#goal.count) this.#goal.reached();
    return this.#tick();
  }

  #tick(): Moment {
    this.#now += 1;
    return this.#now;
  }
}

function differ(one: readonly string[], other: readonly string[]): boolean {
  return one.length !== other.length || one.some((student, place) => other[place] !== student);
}

/** Its length and its end: that is where lists differ. */
function describe(list: readonly string[]): string {
  return list.length === 0 ? 'nobody' : `${list.length} students (…, ${list.slice(-3).join(', ')})`;
}
