/**
 * Giving connections to a child process.
 *
 * ```
 *   server                                              child
 *     │── descriptor or handle, number of the parcel ─▶ │  kept
 *     │── your message with the parcel ───────────────▶ │  adopt(parcel)
 *     │◀─────────────────────────────────────── taken ──│
 * ```
 *
 * There are two ways. A {@link Passage} takes descriptors; the kernel closes those that a child does not live to take. It
 * needs the optional package koffi, on Linux. Everywhere else, and until the child has said that it can use the passage,
 * Node's own passing of handles serves: slower, because Node sends a handle, and any message after it, when the child has
 * acknowledged the one before. Left to Node, the handles that were queued for a child that is killed would stay open for
 * ever, and their peers wait: so they are kept here until they have been taken.
 */
import type { ChildProcess, SendHandle } from 'node:child_process';
import { closeSync } from 'node:fs';
import * as net from 'node:net';

import { type ConnectionHandle, handleOfSocket } from '../connection-hook';
import { SocketStateError } from '../errors';
import type { Socket } from '../socket';
import { type HandOff, noRoom } from './hand-off';
import type { Given } from './parcel';
import { Passage } from './passage';

/** How to hand over to a child. */
export interface ChildHandOffOptions {
  /** Connections that may be on their way to the child and not adopted yet. @default 64 */
  readonly slots?: number | undefined;
  /**
   * `native`: by Node's own passing of handles, also where descriptors can be passed.
   *
   * @default what is faster here, or the environment's SOCKETSERVER_HAND_OFF; `relay` means `native`
   */
  readonly way?: 'duplicate' | 'native' | undefined;
}

/** The property of messages that belong to the hand-off: the owner of the channel leaves these alone. */
export const HAND_OFF = '@socketserver/hand-off';

/** Where the number of a parcel would be: this is about the passage. */
export const PASSAGE = 0;

/** With a handle, from the server; without one, from the child. */
export interface HandOffMessage {
  /** The number of a parcel, or {@link PASSAGE}. */
  readonly [HAND_OFF]: number;
}

const NOTHING: Given['transfer'] = [];
/** Parcels are numbered from 1 up to here, and again. */
const LAST_ID = 0x7fff_ffff;
const ignore = (): void => undefined;

/** Gives connections to one child. Make another one for the child that replaces it. */
export class ChildHandOff implements HandOff {
  readonly #child: ChildProcess;
  readonly #slots: number;
  /** Handles that were given, and not taken. */
  readonly #given = new Map<number, ConnectionHandle | net.Socket>();
  #lastId = 0;
  #passage: Passage | null = null;
  /** Whether the child has said that it takes what comes by the passage. */
  #hasPassage = false;
  /** Descriptors that were given by it, and of which it is not known that they were taken. */
  #passed = 0;

  /** @param child started with a channel */
  constructor(child: ChildProcess, options: ChildHandOffOptions = {}) {
    const { slots = 64, way = process.env.SOCKETSERVER_HAND_OFF } = options;
    this.#child = child;
    this.#slots = slots;
    child.on('message', this.#hear);
    // One that could not be started has no channel.
    if (child.connected && way !== 'native' && way !== 'relay') this.#openPassage();
  }

  /** How the next connection goes: `duplicate` is the passage. */
  get way(): 'duplicate' | 'native' {
    return this.#hasPassage ? 'duplicate' : 'native';
  }

  get hasRoom(): boolean {
    const room = this.#slots - this.#given.size;
    // Asked only when it matters.
    if (this.#passed >= room && this.#passage !== null) this.#passed -= this.#passage.acknowledged();
    return this.#passed < room;
  }

  give(socket: Socket): Given {
    socket.checkGive();
    if (!this.hasRoom) throw noRoom(socket, this.#slots);
    const id = (this.#lastId % LAST_ID) + 1;
    const fd = this.#hasPassage ? socket.fileno() : -1;
    const early = fd === -1 ? this.#send(socket, id) : this.#pass(socket, id, fd);
    this.#lastId = id;
    return {
      parcel: { way: 'child', id, peer: socket.getpeername(), family: socket.family, early },
      transfer: NOTHING,
    };
  }

  workerEnded(): void {
    this.#child.off('message', this.#hear);
    for (const sent of this.#given.values()) close(sent);
    this.#given.clear();
    this.#passage?.close();
    this.#passage = null;
    this.#hasPassage = false;
  }

  #pass(socket: Socket, id: number, fd: number): Buffer | null {
    if (this.#passage?.send(id, fd) !== true) throw noRoom(socket, this.#slots);
    this.#passed += 1;
    return socket.leave();
  }

  #send(socket: Socket, id: number): Buffer | null {
    const [sent, early] = release(socket);
    this.#given.set(id, sent);
    const message: HandOffMessage = { [HAND_OFF]: id };
    // If it cannot be sent the child has ended.
    this.#child.send(message, sent as SendHandle, { keepOpen: true }, ignore);
    return early;
  }

  #openPassage(): void {
    const ends = Passage.open();
    if (ends === null) return;
    const [here, there] = ends;
    this.#passage = here;
    let socket: net.Socket;
    try {
      socket = new net.Socket({ fd: there, manualStart: true } as net.SocketConstructorOpts);
    } catch {
      closeSync(there);
      return;
    }
    const handle = handleOfSocket(socket);
    const message: HandOffMessage = { [HAND_OFF]: PASSAGE };
    // As a handle: a socket would begin to read over there.
    if (handle === null) socket.destroy();
    else this.#child.send(message, handle as unknown as SendHandle, { keepOpen: true }, () => socket.destroy());
  }

  readonly #hear = (message: unknown): void => {
    const id = (message as Partial<HandOffMessage> | null)?.[HAND_OFF];
    if (id === PASSAGE) this.#hasPassage = this.#passage !== null;
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
