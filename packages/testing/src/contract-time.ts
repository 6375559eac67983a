import { type Clock, ManualClock, systemClock } from '@socketserver/core';

import { settled } from './settled';

/** The time by which a promise tries a deadline. */
export interface ContractTime {
  readonly clock: Clock;
  /** Milliseconds of the deadline. */
  readonly deadline: number;
  /** Lets them pass. */
  pass(): Promise<void>;
}

/**
 * Deadlines are kept where the handlers run: in workers by the clock of the system, which nobody can move. There they
 * are short, and what is asked of the server has to happen sooner.
 */
export function contractTime(runsInWorkers: boolean): ContractTime {
  if (runsInWorkers) return { clock: systemClock, deadline: 200, pass: () => Promise.resolve() };
  const clock = new ManualClock();
  return {
    clock,
    deadline: 1000,
    async pass() {
      await settled();
      clock.advance(1000);
    },
  };
}
