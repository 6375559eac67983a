import type { Address } from '@socketserver/socket';

import { AsyncMixIn, type AsyncServer, type Mixable } from './async-mix-in';
import { type MaybePromise, isPromise } from './maybe-promise';
import { RequestTaker } from './request-taker';
import { Turns } from './turns';

const hasActions = (server: RequestTaker): boolean => server.serviceActions !== RequestTaker.prototype.serviceActions;

/** What {@link SelectingMixIn} adds to a server. */
export interface SelectingServer extends AsyncServer {
  /** Called when nothing was ready for `pollInterval` milliseconds: time for other work. May be overridden. */
  handleIdle(): MaybePromise<void>;
}

/**
 * Serves in a select loop. Each turn it looks which sockets are ready and lets each of their handlers do one step, in the
 * order in which they became ready; then it calls `serviceActions()`. When nothing was ready for `pollInterval`
 * milliseconds, it calls `handleIdle()`.
 *
 * ```ts
 * class SelectingTCPServer extends SelectingMixIn(TCPServer) {}
 * ```
 *
 * A step is one receive: at most 64 KiB. A peer that floods gets as many steps as one that whispers. A turn does not wait
 * for a handler that awaits something other than its socket.
 */
export function SelectingMixIn<B extends Mixable>(Base: B): B & (abstract new (...args: any[]) => SelectingServer) {
  abstract class SelectingMixed extends AsyncMixIn(Base) {
    readonly #turns = new Turns(() => this.wake());

    /** Called when nothing was ready for `pollInterval` milliseconds. May be overridden. */
    handleIdle(): MaybePromise<void> {}

    override processRequest(request: object, clientAddress: Address): MaybePromise<void> {
      this.#turns.join(request);
      return super.processRequest(request, clientAddress);
    }

    protected override async serveTurn(pollInterval: number): Promise<void> {
      // What becomes ready in the same round of the event loop belongs to the same turn.
      await (this.#turns.areReady ? new Promise(setImmediate) : this.waitForRound(pollInterval));
      if (this.isShuttingDown) return;
      const taken = this.takeRequests();
      const hasTaken = isPromise(taken) ? await taken : taken;
      const { areReady } = this.#turns;
      if (areReady) this.#turns.run();
      // The handlers go on in microtasks: once those are done, so is their step. Without actions nobody waits for that.
      if (areReady && hasActions(this)) await new Promise<void>((resolve) => process.nextTick(resolve));
      const acted = this.serviceActions();
      if (isPromise(acted)) await acted;
      if (!hasTaken && !areReady) await this.handleIdle();
    }

    protected override startAccepting(): void {
      super.startAccepting();
      this.#turns.begin();
    }

    protected override stopAccepting(): void {
      void super.stopAccepting();
      this.#turns.end();
    }
  }
  return SelectingMixed;
}
