import type { Act, Answer, Operation } from './class-model';
import { findFault } from './order-search';

/** What was asked of a roll and what it answered, by class, in the order in which that came to be. */
export class History {
  readonly #byClass = new Map<string, Operation[]>();
  #moment = 0;

  /** Notes that an act begins. @returns what to call with its answer; not to be called when it failed, which is no act */
  begin(classNumber: string, act: Act, student = ''): (answer: Answer) => void {
    const invoked = ++this.#moment;
    return (answer) => {
      const operations = this.#byClass.get(classNumber) ?? [];
      this.#byClass.set(classNumber, operations);
      operations.push({ act, student, answer, invoked, answered: ++this.#moment });
    };
  }

  /** How many acts were answered. */
  get size(): number {
    return [...this.#byClass.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** How often something was answered. */
  count(outcome: Answer['outcome']): number {
    return [...this.#byClass.values()].flat().filter(({ answer }) => answer.outcome === outcome).length;
  }

  /** Every session that somebody was told to have closed, with its list; when, if that is known. */
  closings(): { classNumber: string; closedAt: number | undefined; students: readonly string[] }[] {
    return [...this.#byClass].flatMap(([classNumber, operations]) => {
      const closings = operations.filter(({ answer }) => answer.outcome === 'closed');
      return closings.map(({ answer: { at, students = [] } }) => ({ classNumber, closedAt: at, students }));
    });
  }

  /** What no sequence of acts explains, one line for each class; none when all is well. */
  faults(): string[] {
    return [...this.#byClass].flatMap(([classNumber, operations]) => {
      const fault = findFault(operations);
      return fault === undefined ? [] : [`class ${classNumber}: ${fault}`];
    });
  }
}
