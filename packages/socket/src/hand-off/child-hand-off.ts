/**
 * Giving connections to a child process, by Node's passing of handles over its channel.
 *
 * ```
 *   server                                        child
 *     │── handle, number of the parcel ─────────▶ │  kept
 *     │── your message with the parcel ─────────▶ │  adopt(parcel)
 *     │◀─────────────────────── that number ───── │
 *     └ closes its own handle, or when the child has ended
 * ```
 *
 * Left to Node, the handles that were queued for a child that is killed would stay open for ever, and their peers wait.
 * Node sends the next handle, and any message after it, when the child has acknowledged the one before.
 */
import type { ChildProcess, SendHandle } from 'node:child_process';
import * as net from 'node:net';

import type { ConnectionHandle } from '../connection-hook';
import { SocketStateError } from '../errors';
import type { Socket } from '../socket';
import { type HandOff, noRoom } from './hand-off';
import type { Given } from './parcel';

/** How to hand over to a child. */
export interface ChildHandOffOptions {
  /** Connections that may be on their way to the child and not adopted yet. @default 64 */
  readonly slots?: number | undefined;
}

/** The property of messages that belong to the hand-off: the owner of the channel leaves these alone. */
export const HAND_OFF = '@socketserver/hand-off';

/** With a handle, from the server; without one, from the child: the number of a parcel. */
export interface HandOffMessage {
  readonly [HAND_OFF]: number;
}

const NOTHING: Given['transfer'] = [];
const ignore = (): void => undefined;

/** Gives connections to one child. Make another one for the child that replaces it. */
export class ChildHandOff implements HandOff {
  readonly #child: ChildProcess;
  readonly #slots: number;
  /** Given, and not adopted. */
  readonly #given = new Map<number, ConnectionHandle | net.Socket>();
  #lastId = 0;

  /** @param child started with a channel */
  constructor(child: ChildProcess, options: ChildHandOffOptions = {}) {
    this.#child = child;
    this.#slots = options.slots ?? 64;
    child.on('message', this.#hear);
  }

  get hasRoom(): boolean {
    return this.#given.size < this.#slots;
  }

  give(socket: Socket): Given {
    socket.checkGive();
    if (!this.hasRoom) throw noRoom(socket, this.#slots);
    const [sent, early] = release(socket);
    const id = ++this.#lastId;
    this.#given.set(id, sent);
    const message: HandOffMessage = { [HAND_OFF]: id };
    // If it cannot be sent the child has ended.
    this.#child.send(message, sent as SendHandle, { keepOpen: true }, ignore);
    const parcel = { way: 'child', id, peer: socket.getpeername(), family: socket.family, early } as const;
    return { parcel, transfer: NOTHING };
  }

  workerEnded(): void {
    this.#child.off('message', this.#hear);
    for (const sent of this.#given.values()) close(sent);
    this.#given.clear();
  }

  readonly #hear = (message: unknown): void => {
    const id = (message as Partial<HandOffMessage> | null)?.[HAND_OFF];
    const sent = id === undefined ? undefined : this.#given.get(id);
    if (id === undefined || sent === undefined) return;
    this.#given.delete(id);
    close(sent);
  };
}

/** What is sent to the child, and what was read already. */
function release(socket: Socket): [ConnectionHandle | net.Socket, Buffer | null] {
  const handle = socket.releaseHandle();
  if (handle !== null) return [handle, null];
  // It stays open here until it has been adopted: what it went on to read would be lost.
  if (socket.readsByEvents) throw readAlready(socket);
  const { net: released, early } = socket.release();
  released.pause();
  return [released as net.Socket, early];
}

function readAlready(socket: Socket): SocketStateError {
  const message = 'hand over: it was read from here already; read in the child only, or hand over to threads';
  return new SocketStateError(message, 'EBUSY', { operation: 'hand over', address: socket.getpeername() });
}

function close(sent: ConnectionHandle | net.Socket): void {
  if (sent instanceof net.Socket) sent.destroy();
  else sent.close();
}
