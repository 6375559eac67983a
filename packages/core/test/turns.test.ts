import type { ScheduledReader } from '@socketserver/socket';

import { Turns } from '../src/turns';

/** A reader that writes down its steps, and is ready again at once if it is asked to. */
function reader(name: string, steps: string[], turns: Turns, isGreedy = false): ScheduledReader {
  return {
    scheduler: turns,
    deliver() {
      steps.push(name);
      if (isGreedy) turns.ready(this);
    },
  };
}

describe('Turns', () => {
  it('lets each ready reader do one step in a turn, in the order in which they became ready', () => {
    const steps: string[] = [];
    const turns = new Turns(() => undefined);
    turns.begin();
    const greedy = reader('greedy', steps, turns, true);
    for (const each of [reader('c', steps, turns), greedy, reader('a', steps, turns)]) turns.ready(each);
    turns.run();
    expect(steps).toEqual(['c', 'greedy', 'a']);
    turns.ready(reader('b', steps, turns));
    turns.run();
    expect(steps).toEqual(['c', 'greedy', 'a', 'greedy', 'b']);
  });

  it('wakes the loop when the first reader becomes ready, and only then', () => {
    const wake = jest.fn();
    const turns = new Turns(wake);
    turns.begin();
    expect(turns.areReady).toBe(false);
    turns.ready(reader('a', [], turns));
    turns.ready(reader('b', [], turns));
    expect(wake).toHaveBeenCalledTimes(1);
    expect(turns.areReady).toBe(true);
    turns.run();
    expect(turns.areReady).toBe(false);
  });

  it('lets every reader go on as soon as it can when it is over', () => {
    const steps: string[] = [];
    const turns = new Turns(() => undefined);
    turns.begin();
    turns.ready(reader('waiting', steps, turns));
    turns.end();
    const late = reader('late', steps, turns);
    turns.ready(late);
    expect(steps).toEqual(['waiting', 'late']);
    expect(late.scheduler).toBeNull();
  });
});
