/** Adopting connections in a child process: those that the `ChildHandOff` of its parent has given to it. */
import * as net from 'node:net';

import type { Accepted } from '../accepted-connection';
import { type ConnectionHandle, socketOfHandle } from '../connection-hook';
import { SocketStateError } from '../errors';
import type { Socket, SocketOptions } from '../socket';
import { adopted } from './adopted';
import { HAND_OFF, type HandOffMessage } from './child-hand-off';
import type { Adopter } from './hand-off';
import type { ChildParcel, Parcel } from './parcel';

const ignore = (): void => undefined;

export class ChildAdopter implements Adopter {
  readonly #arrived = new Map<number, ConnectionHandle | net.Socket>();

  /** Make it before the parent may give: it listens to the channel of this process from now on. */
  constructor() {
    process.on('message', (message: unknown, handle: unknown) => this.#hear(message, handle));
  }

  adopt(parcel: Parcel, options: SocketOptions = {}): Socket {
    if (parcel.way !== 'child') {
      throw new SocketStateError('adopt: this parcel was given to a thread', 'EINVAL', { operation: 'adopt' });
    }
    const connection = this.#take(parcel);
    const message: HandOffMessage = { [HAND_OFF]: parcel.id };
    if (process.connected) process.send?.(message, undefined, undefined, ignore);
    return adopted(connection, parcel, options);
  }

  #take({ id, peer }: ChildParcel): Accepted {
    const handle = this.#arrived.get(id);
    this.#arrived.delete(id);
    if (handle === undefined) throw new SocketStateError(NOTHING, 'EBADF', { operation: 'adopt', address: peer });
    if (handle instanceof net.Socket)
      return { net: handle, handle: null, readPath: 'data-events', peer, isHeld: false };
    return { net: socketOfHandle(handle), handle: null, readPath: 'shared-buffer', peer, isHeld: false };
  }

  #hear(message: unknown, handle: unknown): void {
    const id = (message as Partial<HandOffMessage> | null)?.[HAND_OFF];
    if (id === undefined || handle === undefined) return;
    if (handle instanceof net.Socket) {
      // Node has made it for itself: it reads already, and would end when its peer does.
      handle.allowHalfOpen = true;
      handle.on('error', ignore);
    }
    this.#arrived.set(id, handle as ConnectionHandle | net.Socket);
  }
}

const NOTHING =
  'adopt: no connection has come for this parcel; it was adopted before, or this process has too many open files';
