import { type ClassState, type Operation, stateAfter } from './class-model';

/** Steps after which a search gives up. A right history of a thousand acts takes about as many. */
const PATIENCE = 200_000;

/**
 * Looks for an order of the acts on one class that explains every answer: an act comes before another if it was answered
 * before the other began, and the model gives the same answers in that order (Wing and Gong, 1993; the positions that
 * were tried in vain are remembered, as in Lowe, 2017).
 *
 * Two things keep it short. An act that changes nothing and fits now is taken now: it can do no harm anywhere. And the
 * next list to be shown is one of a few; a registration which is not next in any of them is not tried.
 *
 * @returns what is wrong, or `undefined` when there is such an order
 */
export function findFault(operations: readonly Operation[]): string | undefined {
  return new OrderSearch(operations).fault();
}

class OrderSearch {
  readonly #operations: readonly Operation[];
  readonly #isTaken: boolean[];
  readonly #vain = new Set<string>();
  /** Every operation before this one is taken. */
  #first = 0;
  #taken = 0;
  #steps = 0;
  #farthest = { taken: -1, complaint: '' };

  constructor(operations: readonly Operation[]) {
    this.#operations = [...operations].sort((a, b) => a.invoked - b.invoked);
    this.#isTaken = this.#operations.map(() => false);
  }

  fault(): string | undefined {
    if (this.#search(null)) return undefined;
    const hurried = this.#steps > PATIENCE ? `, as far as ${PATIENCE} steps can tell` : '';
    return `no order of these ${this.#operations.length} acts explains the answers${hurried}; ${this.#farthest.complaint}`;
  }

  #search(state: ClassState): boolean {
    const idle = this.#takeIdle(state);
    if (this.#taken === this.#operations.length) return true;
    const position = this.#position(state);
    if (!this.#vain.has(position) && ++this.#steps <= PATIENCE) {
      this.#remember(state);
      this.#vain.add(position);
      for (const index of this.#next()) {
        const after = stateAfter(state, this.#operations[index]!);
        if (after === undefined || !this.#canBeShown(state, after)) continue;
        this.#take(index);
        if (this.#search(after)) return true;
        this.#giveBack(index);
      }
    }
    for (const index of idle) this.#giveBack(index);
    return false;
  }

  /** Takes what fits and changes nothing, wherever else it may fit. */
  #takeIdle(state: ClassState): number[] {
    const idle: number[] = [];
    for (let before = -1; before < idle.length;) {
      before = idle.length;
      for (const index of this.#next()) {
        const operation = this.#operations[index]!;
        const { outcome } = operation.answer;
        if (outcome === 'begun' || outcome === 'present' || stateAfter(state, operation) !== state) continue;
        this.#take(index);
        idle.push(index);
      }
    }
    return idle;
  }

  /** The operations of which any can be the next of all (or of those that `counts` names): none was over before it began. */
  #next(counts: (operation: Operation) => boolean = () => true): number[] {
    let earliest = Infinity;
    const next: number[] = [];
    for (let index = this.#first; index < this.#operations.length; index += 1) {
      const operation = this.#operations[index]!;
      if (operation.invoked > earliest) break;
      if (this.#isTaken[index] || !counts(operation)) continue;
      earliest = Math.min(earliest, operation.answered);
      next.push(index);
    }
    return next.filter((index) => this.#operations[index]!.invoked <= earliest);
  }

  /** Whether the students can still be shown in this order; what is shown next is shown of this session. */
  #canBeShown(before: ClassState, after: ClassState): boolean {
    if (after === null || after.students.length <= (before?.students.length ?? 0)) return true;
    const shown = this.#next(({ answer }) => answer.outcome === 'closed' || answer.outcome === 'open');
    const fits = (index: number) => {
      const { students = [] } = this.#operations[index]!.answer;
      return after.students.every((student, at) => student === students[at]);
    };
    return shown.length === 0 || shown.some(fits);
  }

  #take(index: number): void {
    this.#isTaken[index] = true;
    this.#taken += 1;
    while (this.#isTaken[this.#first]) this.#first += 1;
  }

  #giveBack(index: number): void {
    this.#isTaken[index] = false;
    this.#taken -= 1;
    this.#first = Math.min(this.#first, index);
  }

  #position(state: ClassState): string {
    const taken: number[] = [];
    for (let index = this.#first; taken.length < this.#taken - this.#first; index += 1) {
      if (this.#isTaken[index]) taken.push(index);
    }
    return JSON.stringify([this.#first, taken, state]);
  }

  #remember(state: ClassState): void {
    if (this.#taken <= this.#farthest.taken) return;
    const shown = state === null ? 'closed' : `open with [${state.students.join()}]`;
    const next = this.#next().map((index) => `  ${describe(this.#operations[index]!)}`);
    const complaint = [`after ${this.#taken} of them it is ${shown}, and none of these leads on:`, ...next].join('\n');
    this.#farthest = { taken: this.#taken, complaint };
  }
}

function describe({ act, student, answer, invoked, answered }: Operation): string {
  const { outcome, students } = answer;
  const list = students === undefined ? '' : ` [${students.join()}]`;
  return `${invoked}–${answered}: ${act}${student === '' ? '' : ` ${student}`} → ${outcome}${list}`;
}
