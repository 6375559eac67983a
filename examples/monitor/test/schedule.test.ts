import { ManualClock } from '@socketserver/socket';

import { Schedule, sleep } from '../src/schedule';

const never = new AbortController().signal;

describe('Schedule', () => {
  it('keeps to the start, however long the work takes', async () => {
    const clock = new ManualClock();
    const schedule = new Schedule(clock, 3000);
    const moments: number[] = [];
    for (const work of [0, 40, 2999, 1]) {
      clock.advance(work);
      const moment = schedule.next(never);
      clock.advance(3000 - work);
      await moment;
      moments.push(clock.now());
    }
    expect(moments).toEqual([3000, 6000, 9000, 12_000]);
  });

  it('leaves out the moments that passed, instead of making up for them', async () => {
    const clock = new ManualClock();
    const schedule = new Schedule(clock, 3000);
    clock.advance(7200);
    let moment: number | undefined;
    const next = schedule.next(never).then(() => (moment = clock.now()));
    clock.advance(1799);
    await Promise.resolve();
    expect(moment).toBeUndefined();
    clock.advance(1);
    await next;
    expect(moment).toBe(9000);
  });

  it('does not serve a moment twice when a timer fires early', async () => {
    const clock = new ManualClock();
    const schedule = new Schedule(clock, 3000);
    const early = schedule.next(never);
    // The clock that the schedule reads says 2999 when the wait for 3000 is over.
    jest.spyOn(clock, 'now').mockReturnValueOnce(2999);
    clock.advance(3000);
    await early;
    const next = schedule.next(never);
    expect(clock.pending).toBe(1);
    clock.advance(3001);
    await next;
    expect(clock.now()).toBe(6001);
  });
});

describe('sleep()', () => {
  it('ends at once when its signal aborts, and leaves no timer', async () => {
    const clock = new ManualClock();
    const stopping = new AbortController();
    const sleeping = sleep(clock, 1000, stopping.signal);
    stopping.abort('enough');
    await expect(sleeping).rejects.toBe('enough');
    await expect(sleep(clock, 1000, stopping.signal)).rejects.toBe('enough');
    expect(clock.pending).toBe(0);
  });
});
