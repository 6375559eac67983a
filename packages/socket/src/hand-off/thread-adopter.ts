/** Adopting connections in a worker thread: those that a `ThreadHandOff` has given to it. */
import type { Accepted } from '../accepted-connection';
import { SocketStateError, socketError } from '../errors';
import { OwnedSocket, sharedRead } from '../read-path';
import type { Socket, SocketOptions } from '../socket';
import { adopted } from './adopted';
import type { Adopter } from './hand-off';
import { Ledger } from './ledger';
import type { Parcel } from './parcel';
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
      case 'duplicate': {
        const net = this.#ledger.take(parcel.slot, openDescriptor);
        if (net !== null) return { net, handle: null, readPath: 'shared-buffer', peer, isHeld: false };
        throw new SocketStateError('adopt: this parcel was adopted before', 'EBADF', {
          operation: 'adopt',
          address: peer,
        });
      }
      case 'native':
        return { net: parcel.net, handle: null, readPath: 'data-events', peer, isHeld: false };
      case 'relay': {
        const net = new RelayedTransport(parcel.port, parcel.local, peer);
        return { net, handle: null, readPath: 'data-events', peer, isHeld: false };
      }
      case 'child':
        throw new SocketStateError('adopt: this parcel was given to a child process', 'EINVAL', { operation: 'adopt' });
    }
  }
}

function openDescriptor(fd: number): OwnedSocket {
  const options = { fd, allowHalfOpen: true, onread: sharedRead, readable: true, writable: true };
  try {
    return new OwnedSocket(options);
  } catch (error) {
    throw socketError(error, 'adopt');
  }
}
