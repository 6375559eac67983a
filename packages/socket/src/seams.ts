/**
 * Two places where a server looks into a socket: what a concurrency strategy and what a deadline hang on to.
 *
 * Both are empty by default and cost one comparison then. Programs that just use sockets need neither.
 */
/**
 * Decides when a waiting reader goes on.
 *
 * A socket without one wakes its reader within the event that brought the bytes. With one it keeps the bytes (one chunk
 * and no more, then it stops reading), says `ready`, and wakes the reader when `deliver()` is called.
 */
export interface ReadScheduler {
  /** A reader waits and could go on. Said once for each wait. */
  ready(socket: ScheduledReader): void;
}

/** A socket, as a {@link ReadScheduler} sees it. */
export interface ScheduledReader {
  /** Who wakes its readers; `null`: the event that brings their bytes. */
  scheduler: ReadScheduler | null;
  /** Lets the waiting reader go on with what is there. */
  deliver(): void;
}

/** Is told what the owner of a socket is waiting for. Calls come within the operation: be quick, do not throw. */
export interface WaitObserver {
  /** A receive or a send begins: it may end at once, or wait for the peer. */
  waits(on: 'recv' | 'send'): void;
  /** It has ended. */
  resumes(): void;
  /** Part of a message has come, and its rest is awaited (`true`); the rest has come as well (`false`). */
  partial(isPartial: boolean): void;
}
