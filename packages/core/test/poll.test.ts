import { ManualClock } from '../src';
import { Poll } from '../src/poll';

/** Whether a promise is settled by now, once all microtasks have run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise(setImmediate);
  return settled;
}

describe('Poll', () => {
  it('sleeps until the time is over', async () => {
    const clock = new ManualClock();
    const sleep = new Poll(clock).sleep(300);
    clock.advance(299);
    expect(await isSettled(sleep)).toBe(false);
    clock.advance(1);
    await sleep;
  });

  it('sleeps until it is woken, also without a time', async () => {
    const clock = new ManualClock();
    const poll = new Poll(clock);
    for (const ms of [300, null]) {
      const sleep = poll.sleep(ms);
      expect(await isSettled(sleep)).toBe(false);
      poll.wake();
      await sleep;
    }
    expect(clock.pending).toBe(0);
  });

  it('begins the time anew with each sleep, on one timer', async () => {
    const clock = new ManualClock();
    const poll = new Poll(clock);
    void poll.sleep(300);
    clock.advance(200);
    poll.wake();
    const second = poll.sleep(300);
    clock.advance(200);
    expect(await isSettled(second)).toBe(false);
    expect(clock.pending).toBe(1);
    clock.advance(100);
    await second;
    const other = poll.sleep(50);
    clock.advance(50);
    await other;
  });

  it('does not mind being woken when nobody sleeps', async () => {
    const poll = new Poll(new ManualClock());
    poll.wake();
    expect(await isSettled(poll.sleep(null))).toBe(false);
  });

  it('keeps nothing running once it is stopped', () => {
    const clock = new ManualClock();
    const poll = new Poll(clock);
    void poll.sleep(300);
    poll.stop();
    poll.stop();
    expect(clock.pending).toBe(0);
  });
});
