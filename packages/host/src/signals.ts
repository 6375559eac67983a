/** Ends a running plugin by signals: the first one drains, a second one aborts. */
import type { EventEmitter } from 'node:events';
import { type Clock, systemClock } from '@socketserver/core';
import type { RunningPlugin } from './run-plugin';

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodes;
const signals = Object.keys(exitCodes) as Signal[];

/**
 * Milliseconds in which the same signal counts once. Where npm's shell is bash, one Ctrl-C arrives twice within a
 * millisecond: from the terminal, and passed on by npm.
 */
const echoTime = 100;

/** Milliseconds that the plugin has for its `stop` after a second signal. */
const abortTime = 1000;

/** What {@link untilSignal} listens to and measures by. */
export interface SignalOptions {
  /** Where signals come from. @default process */
  source?: EventEmitter;
  /** What tells a second signal from an echo of the first. @default systemClock */
  clock?: Clock;
}

/**
 * Waits until a plugin has ended, by itself or by SIGINT or SIGTERM.
 * @returns 0 after a drain; 130 or 143 when a second SIGINT or SIGTERM cut it short
 * @throws what `running.closed` rejects with
 */
export async function untilSignal(running: RunningPlugin, options: SignalOptions = {}): Promise<number> {
  const { source = process, clock = systemClock } = options;
  let first: { signal: Signal; at: number } | undefined;
  let code = 0;
  let giveUp: () => void = () => {};
  const gaveUp = new Promise<void>((resolve) => (giveUp = resolve));
  const onSignal = (signal: Signal) => {
    if (first === undefined) {
      first = { signal, at: clock.now() };
      // `closed` tells how it went.
      running.shutdown().catch(() => {});
      running.logger.info({ signal }, 'draining; a second signal cuts what is still running');
    } else if (code === 0 && (signal !== first.signal || clock.now() - first.at >= echoTime)) {
      code = exitCodes[signal];
      running.abort();
      clock.setTimeout(giveUp, abortTime).unref();
    }
  };
  for (const signal of signals) source.on(signal, onSignal);
  try {
    await Promise.race([running.closed, gaveUp]);
    return code;
  } finally {
    for (const signal of signals) source.off(signal, onSignal);
  }
}
