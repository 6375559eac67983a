/** Adopting connections in a worker thread: those that a `ThreadHandOff` has given to it. */
import type * as net from 'node:net';
import { getSystemErrorName } from 'node:util';

import type { Accepted } from '../accepted-connection';
import type { Address } from '../address';
import { emptyHandle, socketOfDescriptor, socketOfHandle } from '../connection-hook';
import { AF_UNIX } from '../constants';
import { SocketStateError, socketError, systemError } from '../errors';
import type { Socket, SocketOptions } from '../socket';
import { adopted } from './adopted';
import type { Adopter } from './hand-off';
import { Ledger } from './ledger';
import type { DuplicateParcel, Parcel } from './parcel';
import { RelayedTransport } from './relayed-transport';
import type { ThreadHandOffData } from './thread-hand-off';

export class ThreadAdopter implements Adopter {
  readonly #ledger: Ledger;

  /** @param data what `ThreadHandOff.workerData` gave */
  constructor(data: ThreadHandOffData) {
    this.#ledger = new Ledger(data.ledger);
  }

  adopt(parcel: Parcel, options: SocketOptions = {}): Socket {
    return adopted(this.#open(parcel), parcel, options);
  }

  #open(parcel: Parcel): Accepted {
    const { peer } = parcel;
    switch (parcel.way) {
      case 'duplicate':
        return { net: this.#duplicate(parcel), handle: null, readPath: 'shared-buffer', peer, isHeld: false };
      case 'native':
        return { net: parcel.net, handle: null, readPath: 'data-events', peer, isHeld: false };
      case 'relay': {
        const far = new RelayedTransport(parcel.port, parcel.local, peer);
        return { net: far, handle: null, readPath: 'data-events', peer, isHeld: false };
      }
      case 'child':
        throw new SocketStateError('adopt: this parcel was given to a child process', 'EINVAL', { operation: 'adopt' });
    }
  }

  #duplicate({ slot, family, peer }: DuplicateParcel): net.Socket {
    const isPath = family === AF_UNIX;
    const handle = emptyHandle(isPath);
    if (handle === null) return this.#duplicatePublicly(slot, isPath, peer);
    const status = this.#ledger.open(slot, handle);
    if (status === 0) return socketOfHandle(handle);
    handle.close();
    throw status === null ? adoptedBefore(peer) : systemError(getSystemErrorName(status), 'adopt', peer);
  }

  #duplicatePublicly(slot: number, isPath: boolean, peer: Address): net.Socket {
    let socket: net.Socket | null;
    try {
      socket = this.#ledger.take(slot, (fd) => socketOfDescriptor(fd, isPath));
    } catch (error) {
      throw socketError(error, 'adopt', peer);
    }
    if (socket === null) throw adoptedBefore(peer);
    return socket;
  }
}

function adoptedBefore(address: Address): SocketStateError {
  return new SocketStateError('adopt: this parcel was adopted before', 'EBADF', { operation: 'adopt', address });
}
