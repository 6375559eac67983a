/**
 * Where a server's requests come in: its socket, which is watched and accepts only while there is room for a request.
 *
 * ```
 *   suspended, or no room:   clients wait in the kernel's backlog
 *   otherwise:               socket ──watch──▶ the loop is woken ──▶ getRequest()
 * ```
 */
import { type Clock, type ClockTimer, SocketError, TooManyOpenFilesError } from '@socketserver/socket';

import type { Admission } from './admission';
import { descriptorBudget } from './descriptor-budget';
import { Poll } from './poll';
import type { ServerSocket } from './server-types';

/** Milliseconds until descriptors are counted again when there are too few; doubled each time, up to the last one. */
const FIRST_RETRY = 100;
const LAST_RETRY = 2000;

const READY = Promise.resolve();

/** What an intake is for. */
export interface IntakeOwner {
  readonly socket: ServerSocket;
  readonly concurrent: boolean;
}

export class Intake {
  readonly #owner: IntakeOwner;
  readonly #admission: Admission;
  readonly #clock: Clock;
  readonly #report: (error: SocketError) => void;
  readonly #poll: Poll;
  #isOpen = false;
  #isSuspended = false;
  /** Somebody sleeps in {@link wait} although it is closed: a server that takes one request at a time. */
  #isWaiting = false;
  /** How many requests may be taken, as the socket was told. */
  #room = 0;
  #retry: ClockTimer | null = null;
  #delay = FIRST_RETRY;
  #hasReported = false;

  /** @param report hears when descriptors run short, once each time */
  constructor(owner: IntakeOwner, admission: Admission, clock: Clock, report: (error: SocketError) => void) {
    this.#owner = owner;
    this.#admission = admission;
    this.#clock = clock;
    this.#report = report;
    this.#poll = new Poll(clock);
  }

  /** Whether a request is there and may be taken. */
  get isReady(): boolean {
    // One that was accepted has its descriptor already: only the gate asks for those.
    return this.#owner.socket.readable && !this.#isSuspended && this.#admission.room > 0;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** Takes requests as they come. For servers that serve many beside each other; others take one at a time. */
  open(): void {
    this.#isOpen = true;
    this.#room = 0;
    this.adjust();
  }

  /** Takes no more. */
  close(): void {
    this.#isOpen = false;
    this.#forgetRetry();
    this.#stopWatching();
  }

  /** Gives up its timers, which would keep the process running. Nobody sleeps any more. */
  stop(): void {
    this.#forgetRetry();
    this.#poll.stop();
  }

  suspend(): void {
    this.#isSuspended = true;
    this.adjust();
  }

  resume(): void {
    this.#isSuspended = false;
    this.adjust();
  }

  /** Looks how much room there is, and tells the socket. Called when a request has come or gone. */
  adjust(): void {
    const before = this.#room;
    const room = this.#findRoom();
    if (room === before) return;
    if (room === 0) this.#stopWatching();
    else if (this.#isOpen) {
      const { socket } = this.#owner;
      if (before === 0) socket.watch(this.#arrived);
      if (socket.isListening === true) socket.gate?.resume(room);
    }
    if (before === 0) this.wake();
  }

  /** Ends the sleep of {@link wait}. */
  readonly wake = (): void => this.#poll.wake();

  /** What else the program has opened meanwhile has taken room as well: looked at before more connections come in. */
  readonly #arrived = (): void => {
    this.adjust();
    this.wake();
  };

  /** Sleeps until a request is there, `wake()` is called, or `ms` milliseconds are over; `null`: without end. */
  wait(ms: number | null): Promise<void> {
    if (this.isReady) return READY;
    return this.#isOpen ? this.#poll.sleep(ms) : this.#waitForOne(ms);
  }

  /** Like {@link wait}, and on to the end of that round of the event loop. Only while it is open. */
  waitForRound(ms: number | null): Promise<void> {
    return this.isReady ? new Promise(setImmediate) : this.#poll.sleep(ms, true);
  }

  async #waitForOne(ms: number | null): Promise<void> {
    const { socket } = this.#owner;
    this.#isWaiting = true;
    if (this.#hasRoom) socket.watch(this.wake);
    await this.#poll.sleep(ms);
    if (!this.#isOpen) socket.unwatch(this.wake);
    this.#isWaiting = false;
  }

  /** Sleeps until `wake()` is called or `ms` milliseconds are over, whatever comes in: others take that. */
  sleep(ms: number | null): Promise<void> {
    return this.#poll.sleep(ms);
  }

  /** Sleeps a little: a request could not be taken, and perhaps the next one cannot either. */
  pause(): Promise<void> {
    return this.#poll.sleep(FIRST_RETRY);
  }

  /** Opens the gate until the event loop has looked for clients in the backlog: that is, once round. */
  async look(): Promise<void> {
    if (!this.#hasRoom) return;
    const { socket } = this.#owner;
    socket.watch(this.wake);
    // The first of the two may end a round that had looked before.
    for (let round = 0; round < 2; round += 1) await new Promise(setImmediate);
    socket.unwatch(this.wake);
  }

  get #hasRoom(): boolean {
    if (this.#room === 0) this.adjust();
    return this.#room > 0;
  }

  #stopWatching(): void {
    const socket = this.#owner.socket as ServerSocket | undefined;
    socket?.unwatch(this.#arrived);
    socket?.unwatch(this.wake);
    if (socket?.isListening === true) socket.gate?.suspend();
  }

  #findRoom(): number {
    this.#room = this.#isSuspended ? 0 : Math.min(this.#admission.room, this.#descriptors());
    return this.#room;
  }

  /** How many connections the descriptors allow. Without enough of them the backlog keeps the clients for a while. */
  #descriptors(): number {
    // Before it is bound, or when requests are not connections of its own.
    if ((this.#owner.socket as ServerSocket | undefined)?.isListening !== true) return Infinity;
    const room = descriptorBudget.room();
    if (room === 0) this.#retryLater();
    else if (this.#hasReported && room > descriptorBudget.reserve) {
      this.#hasReported = false;
      this.#delay = FIRST_RETRY;
    }
    return room;
  }

  #retryLater(): void {
    if (!this.#hasReported) {
      this.#hasReported = true;
      const { open, limit } = descriptorBudget;
      this.#report(
        new TooManyOpenFilesError(
          `accept: ${open} of ${limit} descriptors are open, and the rest is kept in reserve; new clients wait in the ` +
            'backlog until some are closed. Raise `ulimit -n`, or set maxConnections',
          'EMFILE',
          { operation: 'accept' },
        ),
      );
    }
    if (this.#retry !== null || !(this.#isOpen || this.#isWaiting)) return;
    this.#retry = this.#clock.setTimeout(() => {
      this.#retry = null;
      this.#delay = Math.min(2 * this.#delay, LAST_RETRY);
      descriptorBudget.recount();
      this.adjust();
    }, this.#delay);
    this.#retry.unref();
  }

  #forgetRetry(): void {
    this.#retry?.cancel();
    this.#retry = null;
  }
}
