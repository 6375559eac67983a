import { AsyncMixIn, type MaybePromise, type Mixable, TCPServer, UDPServer } from '@socketserver/core';
import type { Address } from '@socketserver/socket';

/** A strategy of one's own: tasks, as with `AsyncMixIn`, but at most `atOnce` of them; the others wait in the backlog. */
export function BoundedMixIn<B extends Mixable>(Base: B) {
  abstract class Bounded extends AsyncMixIn(Base) {
    /** Requests that run at a time. */
    atOnce = 2;
    /** @internal */
    readonly running = new Set<Promise<void>>();

    override processRequest(request: object, clientAddress: Address): MaybePromise<void> {
      const task = this.processRequestTask(request, clientAddress).finally(() => this.running.delete(task));
      this.running.add(task);
      // The loop waits for what is returned here.
      if (this.running.size >= this.atOnce) return Promise.race(this.running);
    }
  }
  return Bounded;
}

export class BoundedTCPServer extends BoundedMixIn(TCPServer) {}
export class BoundedUDPServer extends BoundedMixIn(UDPServer) {}
