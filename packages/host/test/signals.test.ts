import { EventEmitter } from 'node:events';
import { ManualClock } from '@socketserver/socket';
import type { ShutdownReport } from '@socketserver/core';
import type { RunningPlugin } from '../src/run-plugin';
import { untilSignal } from '../src/signals';

function start() {
  const calls: string[] = [];
  let end: (error?: Error) => void = () => {};
  const closed = new Promise<ShutdownReport>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve({ durationMs: 0, finished: 0, cut: [] }) : reject(error));
  });
  const running = {
    closed,
    logger: { info: (_fields: object, message: string) => calls.push(message.split(';', 1)[0]!) },
    shutdown: () => {
      calls.push('shutdown');
      return closed;
    },
    abort: () => calls.push('abort'),
  } as unknown as RunningPlugin;
  const source = new EventEmitter();
  const clock = new ManualClock();
  return { calls, end, source, clock, code: untilSignal(running, { source, clock }) };
}

describe('untilSignal()', () => {
  it.each(['SIGINT', 'SIGTERM'])('drains at %s and gives 0', async (signal) => {
    const { calls, end, source, code } = start();
    source.emit(signal, signal);
    expect(calls).toEqual(['shutdown', 'draining']);
    end();
    expect(await code).toBe(0);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('aborts at a second %s and gives %d', async (signal, expected) => {
    const { calls, end, source, clock, code } = start();
    source.emit(signal, signal);
    clock.advance(100);
    source.emit(signal, signal);
    source.emit(signal, signal);
    expect(calls).toEqual(['shutdown', 'draining', 'abort']);
    end();
    expect(await code).toBe(expected);
  });

  it('takes one Ctrl-C that arrives twice as one', async () => {
    const { calls, end, source, clock, code } = start();
    source.emit('SIGINT', 'SIGINT');
    clock.advance(1);
    source.emit('SIGINT', 'SIGINT');
    expect(calls).toEqual(['shutdown', 'draining']);
    end();
    expect(await code).toBe(0);
  });

  it('takes another signal at once as the second', async () => {
    const { calls, end, source, code } = start();
    source.emit('SIGINT', 'SIGINT');
    source.emit('SIGTERM', 'SIGTERM');
    expect(calls.at(-1)).toBe('abort');
    end();
    expect(await code).toBe(143);
  });

  it('does not wait for ever for a plugin that will not stop', async () => {
    const { source, clock, code } = start();
    source.emit('SIGINT', 'SIGINT');
    source.emit('SIGTERM', 'SIGTERM');
    clock.advance(1000);
    expect(await code).toBe(143);
  });

  it('passes a failure on and takes its listeners away', async () => {
    const { end, source, code } = start();
    end(new RangeError('x'));
    await expect(code).rejects.toThrow(RangeError);
    expect(source.eventNames()).toEqual([]);
  });
});
