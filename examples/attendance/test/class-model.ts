/** What one class does when nobody acts at the same time: the model that concurrent histories are compared with. */

/** What a face can ask of a class. */
export type Act = 'open' | 'close' | 'toggle' | 'consult' | 'register';

/** What was answered; times only where they are known to the millisecond. */
export interface Answer {
  /** `begun` and `present` are what a dialect says that does not tell whether it was so before. */
  readonly outcome:
    'opened' | 'already-open' | 'begun' | 'closed' | 'not-open' | 'open' | 'registered' | 'repeated' | 'present';
  readonly at?: number | undefined;
  readonly students?: readonly string[] | undefined;
}

/** An act, with the moments between which it took effect. */
export interface Operation {
  readonly act: Act;
  readonly student: string;
  readonly answer: Answer;
  readonly invoked: number;
  readonly answered: number;
}

/** A class; `null` when it is closed. */
export type ClassState = {
  readonly openedAt: number | undefined;
  readonly students: readonly string[];
  /** When each of them came. */
  readonly times: readonly (number | undefined)[];
} | null;

const fitting: Readonly<Record<Act, readonly Answer['outcome'][]>> = {
  open: ['opened', 'already-open', 'begun'],
  close: ['closed', 'not-open'],
  toggle: ['opened', 'closed'],
  consult: ['open', 'not-open'],
  register: ['registered', 'repeated', 'present', 'not-open'],
};

/**
 * The class after an act, if it can have given this answer.
 * @returns the same object when the act has changed nothing, and `undefined` when the answer is wrong
 */
export function stateAfter(state: ClassState, { act, student, answer }: Operation): ClassState | undefined {
  const { outcome, at } = answer;
  if (!fitting[act].includes(outcome)) return undefined;
  if (state === null) {
    if (outcome === 'not-open') return (answer.students ?? []).length === 0 ? state : undefined;
    return outcome === 'opened' || outcome === 'begun' ? { openedAt: at, students: [], times: [] } : undefined;
  }
  const index = state.students.indexOf(student);
  switch (outcome) {
    case 'opened':
    case 'not-open':
      return undefined;
    case 'already-open':
    case 'begun':
      return sameTime(at, state.openedAt) ? state : undefined;
    case 'closed':
      return sameList(answer.students, state.students) ? null : undefined;
    case 'open':
      return sameList(answer.students, state.students) ? state : undefined;
    case 'repeated':
      return index !== -1 && sameTime(at, state.times[index]) ? state : undefined;
    case 'present':
      return index !== -1 ? state : withStudent(state, student, at);
    case 'registered':
      return index === -1 ? withStudent(state, student, at) : undefined;
  }
}

function withStudent(state: NonNullable<ClassState>, student: string, at: number | undefined): ClassState {
  return { ...state, students: [...state.students, student], times: [...state.times, at] };
}

/** In times that are not known, nothing can be wrong. */
function sameTime(left: number | undefined, right: number | undefined): boolean {
  return left === right || left === undefined || right === undefined;
}

function sameList(left: readonly string[] | undefined, right: readonly string[]): boolean {
  return left?.length === right.length && left.every((student, index) => student === right[index]);
}
