import { once } from 'node:events';
import * as net from 'node:net';

import type { Address, CloseReason } from '@socketserver/core';

import type { FaultEcho } from './fault-echoes';
import type { PeerStep } from './fault-schedule';

/** A peer that does as a schedule says, and remembers what it sent and what came back. */
export class FaultPeer {
  /** Its port, if it has one: by that its connection is known among the server's events. */
  readonly port: number | undefined;
  /** Resolves when its connection has ended altogether. */
  readonly gone: Promise<void>;
  isGone = false;
  /** It was connected when the server was shut down, and may have been cut. */
  sawShutdown = false;
  hasReset = false;
  readonly #socket: net.Socket;
  readonly #sent: Buffer[] = [];
  readonly #received: Buffer[] = [];

  private constructor(
    readonly number: number,
    socket: net.Socket,
  ) {
    this.#socket = socket;
    this.port = socket.localPort;
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        this.isGone = true;
        resolve();
      });
    });
    // How it ended is looked at from the server's side.
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => this.#received.push(chunk));
  }

  static async connect(number: number, address: Address): Promise<FaultPeer> {
    const options = typeof address === 'string' ? { path: address } : { host: address[0], port: address[1] };
    const socket = net.connect({ ...options, allowHalfOpen: true });
    await once(socket, 'connect');
    return new FaultPeer(number, socket.setNoDelay(true));
  }

  async do(step: PeerStep): Promise<void> {
    if (step.does === 'stall') this.#socket.pause();
    else if (step.does === 'read on') this.#socket.resume();
    else if (step.does === 'half-close') this.#socket.end();
    else if (step.does === 'reset') this.reset();
    else if (step.does === 'send') await this.#send(step.parts, step.together);
  }

  /** Reads what it has not read, and ends its stream. */
  finish(): void {
    this.#socket.resume().end();
  }

  /** Where that cannot be done, it just vanishes. */
  reset(): void {
    this.hasReset = true;
    const socket = this.#socket;
    // With bytes or its end still on their way, Node would wait for those, and then could not reset any more.
    const canReset = this.port !== undefined && !socket.writableEnded && socket.writableLength === 0;
    if (canReset) socket.resetAndDestroy();
    else socket.destroy();
  }

  /** What is wrong with what came back: not what was sent, or not all of it. */
  complaints({ owed }: FaultEcho): string[] {
    const sent = Buffer.concat(this.#sent);
    const received = Buffer.concat(this.#received);
    const same = sent.subarray(0, received.length).equals(received);
    if (!same) return [`${this.#name} got ${received.length} bytes that are not the first of those that it sent`];
    const due = owed(sent);
    if (received.length > due) return [`${this.#name} got ${received.length} bytes, where only ${due} are messages`];
    if (this.hasReset || this.sawShutdown || received.length === due) return [];
    return [`${this.#name} got ${received.length} of ${due} bytes, and had done nothing to lose the rest`];
  }

  /** What may be said of its end. */
  reasons({ owed }: FaultEcho): ReadonlySet<CloseReason> {
    const sent = Buffer.concat(this.#sent);
    const reasons = new Set<CloseReason>();
    if (owed(sent) < sent.length) reasons.add('protocol-error');
    else if (!this.hasReset) reasons.add('peer-closed');
    if (this.sawShutdown) reasons.add('shutdown').add('finished').add('peer-closed');
    // What had arrived before it vanished may be any part of what it sent, and its end may look orderly.
    if (this.hasReset) reasons.add('reset').add('peer-closed');
    if (this.hasReset && owed(Buffer.from('x')) === 0) reasons.add('protocol-error');
    return reasons;
  }

  get #name(): string {
    return `peer ${this.number}`;
  }

  async #send(parts: readonly Buffer[], together: boolean): Promise<void> {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    if (together) this.#socket.cork();
    for (const part of parts) {
      this.#sent.push(part);
      this.#socket.write(part);
      if (!together) await new Promise(setImmediate);
    }
    if (together) this.#socket.uncork();
  }
}
