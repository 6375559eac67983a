/**
 * Teachers and students, who speak both dialects and write down in a ledger what they ask for and what they are told.
 * Each sends a request, waits for its reply, and goes on until the server is gone.
 */
import type { Random } from '@socketserver/testing';

import type { Answer } from './class-model';
import { acting, answering, registering, type Request, toggling } from './dialects';
import type { Ledger, Outcome } from './kills-ledger';
import type { RollClient } from './roll-client';

/** Asks who is in a class. @returns undefined when it is not open */
export async function consult(client: RollClient, classNumber: string): Promise<readonly string[] | undefined> {
  const answer = await client.ask(acting(classNumber, 'consultar'));
  if (answer === undefined) throw new Error(`the server has ended before it told who is in class ${classNumber}`);
  return answer.outcome === 'open' ? answer.students : undefined;
}

/** Opens a class, looks at it some times, closes it, and begins again. Resolves when the server is gone. */
export async function teach(client: RollClient, classNumber: string, ledger: Ledger, random: Random): Promise<void> {
  /** @returns the students; undefined when the server is gone. Rejects if the class was not as it has to be */
  const ask = async (request: Request, ...expected: Answer['outcome'][]) => {
    const answer = await client.ask(request);
    if (answer === undefined) return undefined;
    if (expected.includes(answer.outcome)) return answer.students ?? [];
    throw new Error(`${request.text} was answered '${answer.outcome}'`);
  };
  for (;;) {
    let session = ledger.openSession(classNumber);
    if (session === undefined) {
      session = ledger.askToOpen(classNumber);
      const opening = random.chance(0.5) ? toggling(classNumber) : acting(classNumber, 'iniciar');
      if ((await ask(opening, 'opened', 'begun')) === undefined) return;
      ledger.opened(session);
    }
    for (let looks = random.int(0, 30); looks > 0; looks -= 1) {
      const students = await ask(acting(classNumber, 'consultar'), 'open');
      if (students === undefined) return;
      ledger.shown(session, students);
    }
    ledger.askToClose(session);
    const closing = random.chance(0.5) ? toggling(classNumber) : acting(classNumber, 'encerrar');
    const students = await ask(closing, 'closed');
    if (students === undefined) return;
    ledger.closed(session, students);
  }
}

/** Where students' numbers come from. */
export class Enrolment {
  #count = 0;
  readonly #latest = new Map<string, string>();

  constructor(readonly random: Random) {}

  /** A student for a class: mostly a new one, at times the one who was there last, and may still be waiting. */
  next(classNumber: string): string {
    const latest = this.#latest.get(classNumber);
    if (latest !== undefined && this.random.chance(0.2)) return latest;
    this.#count += 1;
    const student = String(this.#count).padStart(9, '0');
    this.#latest.set(classNumber, student);
    return student;
  }
}

/** Registers one student after the other. Resolves when the server is gone. */
export async function study(
  client: RollClient,
  classNumbers: readonly string[],
  ledger: Ledger,
  enrolment: Enrolment,
): Promise<void> {
  const { random } = enrolment;
  for (;;) {
    const classNumber = random.pick(classNumbers);
    const student = enrolment.next(classNumber);
    const attempt = ledger.askToRegister(student, classNumber);
    const answer = await client.ask((random.chance(0.5) ? registering : answering)(student, classNumber));
    if (answer === undefined) return;
    ledger.answered(attempt, answer.outcome === 'not-open' ? 'refused' : (answer.outcome as Outcome));
  }
}
