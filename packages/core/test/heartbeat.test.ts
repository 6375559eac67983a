import { ManualClock } from '@socketserver/socket';

import { Heartbeat } from '../src/workers/heartbeat';

const read = (): Promise<void> => new Promise(setImmediate);

function make(): { clock: ManualClock; calls: string[]; heartbeat: Heartbeat } {
  const clock = new ManualClock();
  const calls: string[] = [];
  const heartbeat = new Heartbeat(
    clock,
    500,
    () => calls.push('ping'),
    () => calls.push('stuck'),
  );
  return { clock, calls, heartbeat };
}

describe('Heartbeat', () => {
  it('tells that a worker is stuck when it has not answered for the deadline and a second', async () => {
    const { clock, calls, heartbeat } = make();
    heartbeat.start();
    clock.advance(1499);
    await read();
    expect(calls).toEqual(['ping']);
    clock.advance(1);
    await read();
    expect(calls).toEqual(['ping', 'stuck']);
    expect(clock.pending).toBe(0);
  });

  it('asks again when it has answered, as long as it runs something', async () => {
    const { clock, calls, heartbeat } = make();
    heartbeat.start();
    heartbeat.start();
    heartbeat.heard();
    clock.advance(1500);
    await read();
    expect(calls).toEqual(['ping', 'ping']);
    heartbeat.stop();
    expect(clock.pending).toBe(0);
  });

  it('takes an answer that had come and was not yet read', async () => {
    const { clock, calls, heartbeat } = make();
    heartbeat.start();
    clock.advance(1500);
    heartbeat.heard();
    await read();
    expect(calls).toEqual(['ping', 'ping']);
    heartbeat.stop();
  });

  it('blames nobody for what had been asked before it was stopped and started again', async () => {
    const { clock, calls, heartbeat } = make();
    heartbeat.start();
    clock.advance(1500);
    heartbeat.stop();
    heartbeat.start();
    await read();
    expect(calls).toEqual(['ping', 'ping']);
    heartbeat.stop();
  });
});
