import fc from 'fast-check';

import { StorageError } from '../src/errors';
import type { DurableRoll } from '../src/durable-roll';
import type { Act, Answer } from './class-model';
import { History } from './history';
import { MemoryStore } from './memory-store';
import { openedRoll } from './opened-roll';

const given = process.env.SOCKETSERVER_SEED;
const seed = (given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given)) | 0;

/** Histories that are tried. */
const RUNS = 1500;

/** Classes 1 to 3: few, so that acts meet. */
const CLASSES = ['1', '2', '3'];

interface Step {
  /** Who acts: each client waits for its answer, or not. */
  readonly client: number;
  readonly isPatient: boolean;
  /** Turns of the event loop before the act. */
  readonly pause: number;
  readonly act: Act;
  readonly classNumber: string;
  readonly student: string;
}

/** How one batch fares. */
interface Fate {
  readonly turns: number;
  readonly fails: boolean;
  /** The share of its space that the store has in use afterwards. */
  readonly inUse: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    client: fc.nat(7),
    isPatient: fc.boolean(),
    pause: fc.constantFrom(0, 0, 0, 1, 2),
    act: fc.constantFrom<Act>('open', 'close', 'toggle', 'consult', 'register', 'register', 'register', 'register'),
    classNumber: fc.constantFrom(...CLASSES),
    student: fc.constantFrom('001', '002', '003', '004', '005'),
  }),
  { minLength: 1, maxLength: 80, size: 'max' },
);

const fates: fc.Arbitrary<Fate[]> = fc.array(
  fc.record({
    turns: fc.nat(3),
    fails: fc.constantFrom(false, false, false, true),
    inUse: fc.constantFrom(0, 0, 0, 0.6, 0.95),
  }),
  { maxLength: 30, size: 'max' },
);

/** A roll whose store does what the fates say, and a record of all that it is asked. */
class Trial {
  readonly history = new History();
  failures = 0;

  private constructor(
    readonly store: MemoryStore,
    readonly roll: DurableRoll,
  ) {}

  static async begin(fates: readonly Fate[]): Promise<Trial> {
    const { roll, store } = await openedRoll();
    const rest = fates.values();
    store.fate = async () => {
      const { turns, fails, inUse } = rest.next().value ?? { turns: 0, fails: false, inUse: 0 };
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      if (fails) throw new StorageError('the disk is full', 'full', '/data');
      store.inUse = inUse;
    };
    return new Trial(store, roll);
  }

  /** Lets every client do its steps, at the same time as the others. */
  async run(steps: readonly Step[]): Promise<void> {
    const clients = new Set(steps.map(({ client }) => client));
    await Promise.all([...clients].map((number) => this.#be(steps.filter(({ client }) => client === number))));
  }

  async #be(steps: readonly Step[]): Promise<void> {
    const asked: Promise<void>[] = [];
    for (const step of steps) {
      for (let turn = 0; turn < step.pause; turn += 1) await nextTurn();
      const answered = this.ask(step.classNumber, step.act, step.student);
      if (step.isPatient) await answered;
      else asked.push(answered);
    }
    await Promise.all(asked);
  }

  async ask(classNumber: string, act: Act, student = ''): Promise<void> {
    const answer = this.history.begin(classNumber, act, act === 'register' ? student : '');
    try {
      answer(await this.#call(classNumber, act, student));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.failures += 1;
    }
  }

  async #call(classNumber: string, act: Act, student: string): Promise<Answer> {
    if (act === 'register') return this.roll.register(classNumber, student, `student ${student}`);
    if (act === 'consult') return this.roll.consult(classNumber);
    return this.roll[act](classNumber, 'teacher');
  }

  /** Looks at everything once the clients are gone and the disk works. */
  async expectAllIsWell(): Promise<void> {
    this.store.fate = () => undefined;
    await this.#expectTheSameAfterARestart();
    for (const classNumber of CLASSES) {
      await this.ask(classNumber, 'consult');
      await this.ask(classNumber, 'close');
    }
    expect(this.history.faults()).toEqual([]);
    expect(this.store.complaints).toEqual([]);
    const stored = this.store.sessions.map(({ classNumber, closedAt, presences }) => {
      return { classNumber, closedAt, students: presences.map(({ student }) => student) };
    });
    expect(byTime(stored)).toEqual(byTime(this.history.closings()));
  }

  async #expectTheSameAfterARestart(): Promise<void> {
    const { roll } = await openedRoll({}, this.store.reopened());
    for (const classNumber of CLASSES) {
      const { at: _now, ...before } = await this.roll.consult(classNumber);
      expect(await roll.consult(classNumber)).toMatchObject(before);
    }
    await roll.end();
  }
}

function byTime<T extends { readonly closedAt: number | null | undefined }>(sessions: readonly T[]): T[] {
  return sessions.toSorted((a, b) => Number(a.closedAt) - Number(b.closedAt));
}

function nextTurn(): Promise<void> {
  return new Promise(setImmediate);
}

describe(`a roll that many use at once, SOCKETSERVER_SEED=${seed}`, () => {
  it('does what acts would do one after the other, and writes down the same, whatever fails or is full', async () => {
    const seen = { failures: 0, registered: 0, repeated: 0, refused: 0, closed: 0 };
    let runs = 0;
    const property = fc.asyncProperty(steps, fates, async (steps, fates) => {
      const trial = await Trial.begin(fates);
      await trial.run(steps);
      await trial.expectAllIsWell();
      await trial.roll.end();
      runs += 1;
      seen.failures += trial.failures;
      seen.registered += trial.history.count('registered');
      seen.repeated += trial.history.count('repeated');
      seen.refused += trial.history.count('not-open');
      seen.closed += trial.history.count('closed');
    });
    await fc.assert(property, { seed, numRuns: RUNS, interruptAfterTimeLimit: 15_000 });
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(runs);
  });
});
