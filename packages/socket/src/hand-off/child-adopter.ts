/** Adopting connections in a child process: those that the `ChildHandOff` of its parent has given to it. */
import { closeSync } from 'node:fs';
import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';

import type { Accepted } from '../accepted-connection';
import { type ConnectionHandle, emptyHandle, socketOfDescriptor, socketOfHandle } from '../connection-hook';
import { AF_UNIX } from '../constants';
import { SocketStateError, socketError, systemError } from '../errors';
import type { Socket, SocketOptions } from '../socket';
import { adopted } from './adopted';
import { HAND_OFF, type HandOffMessage, PASSAGE } from './child-hand-off';
import type { Adopter } from './hand-off';
import type { ChildParcel, Parcel } from './parcel';
import { Passage } from './passage';

const ignore = (): void => undefined;

/** What has come for a parcel: a descriptor by the passage, or what Node makes of a handle. */
type Arrived = number | ConnectionHandle | net.Socket;

export class ChildAdopter implements Adopter {
  readonly #arrived = new Map<number, Arrived>();
  #passage: Passage | null = null;

  /** Make it before the parent may give: it listens to the channel of this process from now on. */
  constructor() {
    process.on('message', (message: unknown, handle: unknown) => this.#hear(message, handle));
  }

  adopt(parcel: Parcel, options: SocketOptions = {}): Socket {
    if (parcel.way !== 'child') {
      throw new SocketStateError('adopt: this parcel was given to a thread', 'EINVAL', { operation: 'adopt' });
    }
    const { peer, family } = parcel;
    const arrived = this.#take(parcel);
    if (arrived instanceof net.Socket) {
      const connection: Accepted = { net: arrived, handle: null, readPath: 'data-events', peer, isHeld: false };
      return adopted(connection, parcel, options);
    }
    const socket = typeof arrived === 'number' ? open(arrived, family === AF_UNIX) : socketOfHandle(arrived);
    return adopted({ net: socket, handle: null, readPath: 'shared-buffer', peer, isHeld: false }, parcel, options);
  }

  #take({ id, peer }: ChildParcel): Arrived {
    const arrived = this.#arrived.get(id) ?? this.#receive(id);
    this.#arrived.delete(id);
    if (typeof arrived === 'number') this.#passage?.acknowledge();
    if (arrived === undefined || arrived === -1) {
      throw new SocketStateError(NOTHING, 'EBADF', { operation: 'adopt', address: peer });
    }
    if (typeof arrived !== 'number') tell(id);
    return arrived;
  }

  /** Mostly the first one that has come is the one: parcels are adopted in the order in which they were given. */
  #receive(id: number): number | undefined {
    for (let next = this.#passage?.receive(); next != null; next = this.#passage?.receive()) {
      if (next.id === id) return next.fd;
      this.#arrived.set(next.id, next.fd);
    }
    return undefined;
  }

  #hear(message: unknown, handle: unknown): void {
    const id = (message as Partial<HandOffMessage> | null)?.[HAND_OFF];
    if (id === undefined || handle === undefined) return;
    if (id === PASSAGE) {
      // The handle stays open until this process ends, and keeps it from nothing.
      this.#passage = Passage.of((handle as ConnectionHandle).fd ?? -1);
      if (this.#passage !== null) tell(PASSAGE);
      return;
    }
    if (handle instanceof net.Socket) {
      // Node has made it for itself: it reads already, and would end when its peer does.
      handle.allowHalfOpen = true;
      handle.on('error', ignore);
    }
    this.#arrived.set(id, handle as ConnectionHandle | net.Socket);
  }
}

function tell(id: number): void {
  const message: HandOffMessage = { [HAND_OFF]: id };
  if (process.connected) process.send?.(message, undefined, undefined, ignore);
}

function open(fd: number, isPath: boolean): net.Socket {
  const handle = emptyHandle(isPath);
  try {
    if (handle === null) return socketOfDescriptor(fd, isPath);
    const status = handle.open(fd);
    if (status !== 0) throw systemError(getSystemErrorName(status), 'adopt');
    return socketOfHandle(handle);
  } catch (error) {
    handle?.close();
    closeSync(fd);
    throw socketError(error, 'adopt');
  }
}

const NOTHING =
  'adopt: no connection has come for this parcel; it was adopted before, or this process has too many open files';
