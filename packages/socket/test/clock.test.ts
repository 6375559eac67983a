import { ManualClock, systemClock } from '@socketserver/socket';

describe('ManualClock', () => {
  it('stands still until it is moved', () => {
    const clock = new ManualClock(new Date('2026-01-01T00:00:00Z'));
    const call = jest.fn();
    clock.setTimeout(call, 1000);
    expect([clock.now(), clock.pending, call.mock.calls.length]).toEqual([0, 1, 0]);
    clock.advance(999);
    expect(call).not.toHaveBeenCalled();
    clock.advance(1);
    expect(call).toHaveBeenCalledTimes(1);
    expect([clock.now(), clock.pending]).toEqual([1000, 0]);
    expect(clock.date()).toEqual(new Date('2026-01-01T00:00:01Z'));
  });

  it('makes the calls in the order in which they fall due, each at its own moment', () => {
    const clock = new ManualClock();
    const calls: [string, number][] = [];
    const at = (name: string, ms: number) => clock.setTimeout(() => calls.push([name, clock.now()]), ms);
    at('late', 30);
    at('early', 10);
    at('also early', 10);
    at('between', 20);
    clock.advance(100);
    expect(calls).toEqual([
      ['early', 10],
      ['also early', 10],
      ['between', 20],
      ['late', 30],
    ]);
    expect(clock.now()).toBe(100);
  });

  it('makes calls that a call asks for, if they fall due as well', () => {
    const clock = new ManualClock();
    const moments: number[] = [];
    const again = (): void => {
      moments.push(clock.now());
      clock.setTimeout(again, 10);
    };
    clock.setTimeout(again, 10);
    clock.advance(35);
    expect(moments).toEqual([10, 20, 30]);
    expect(clock.pending).toBe(1);
  });

  it('forgets a cancelled call, more than once', () => {
    const clock = new ManualClock();
    const call = jest.fn();
    const timer = clock.setTimeout(call, 10);
    timer.cancel();
    timer.cancel();
    timer.unref();
    clock.advance(10);
    expect(call).not.toHaveBeenCalled();
  });

  it('starts the same span again on refresh, also after it was over', () => {
    const clock = new ManualClock();
    const call = jest.fn();
    const timer = clock.setTimeout(call, 10);
    clock.advance(9);
    timer.refresh();
    clock.advance(9);
    expect(call).toHaveBeenCalledTimes(0);
    clock.advance(1);
    expect(call).toHaveBeenCalledTimes(1);
    timer.refresh();
    clock.advance(10);
    expect(call).toHaveBeenCalledTimes(2);
  });

  it('makes a refreshed call after those that were asked for before the refresh', () => {
    const clock = new ManualClock();
    const calls: string[] = [];
    const timer = clock.setTimeout(() => calls.push('refreshed'), 10);
    clock.setTimeout(() => calls.push('other'), 10);
    timer.refresh();
    clock.advance(10);
    expect(calls).toEqual(['other', 'refreshed']);
  });

  it('never goes back, not even when a call moves it', () => {
    const clock = new ManualClock();
    clock.setTimeout(() => clock.advance(100), 5);
    clock.advance(10);
    expect(clock.now()).toBe(105);
    clock.advance(-50);
    expect(clock.now()).toBe(105);
  });
});

describe('systemClock', () => {
  it('calls back, and goes on', async () => {
    const before = systemClock.now();
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 1));
    expect(systemClock.now()).toBeGreaterThan(before);
    expect(Math.abs(systemClock.date().getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('takes any span: one that is too long for Node does not go off at once', async () => {
    const calls: string[] = [];
    const timers = [Infinity, 2 ** 31, 2 ** 40].map((ms) => systemClock.setTimeout(() => calls.push(`${ms}`), ms));
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 5));
    timers.forEach((timer) => timer.cancel());
    expect(calls).toEqual([]);
  });

  it('refreshes, cancels and unrefs', async () => {
    const call = jest.fn();
    const timer = systemClock.setTimeout(call, 1);
    timer.refresh();
    timer.cancel();
    systemClock.setTimeout(call, 60_000).unref();
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 2));
    expect(call).not.toHaveBeenCalled();
  });
});
