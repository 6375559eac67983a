/** Giving connections to a worker thread: the server's side, in the ways of `way.ts`. */
import type * as net from 'node:net';
import { MessageChannel, type TransferListItem } from 'node:worker_threads';

import { AF_UNIX } from '../constants';
import { systemError } from '../errors';
import { duplicateDescriptor } from '../libc';
import type { Socket } from '../socket';
import { type HandOff, noRoom } from './hand-off';
import { Ledger } from './ledger';
import type { Given } from './parcel';
import { Relay } from './relay';
import { type HandOffWay, type Ways, chooseWays } from './way';

/** How to hand over to a thread. */
export interface ThreadHandOffOptions {
  /** @default the best that works here, or the environment's SOCKETSERVER_HAND_OFF */
  readonly way?: HandOffWay | undefined;
  /** Duplicated connections that may be on their way to the worker and not adopted yet. @default 1024 */
  readonly slots?: number | undefined;
}

/** What a thread needs to adopt: goes into its `workerData`. */
export interface ThreadHandOffData {
  /** Which descriptors are on their way: shared by both sides. */
  readonly ledger: SharedArrayBuffer;
}

const NOTHING: Given['transfer'] = [];

/** Gives connections to one thread. Make another one for the thread that replaces it. */
export class ThreadHandOff implements HandOff {
  readonly #ways: Ways;
  readonly #ledger: Ledger;
  readonly #relays = new Set<Relay>();
  /** Given, and perhaps not posted. */
  readonly #unposted = new Set<net.Socket>();

  /** @throws {UnsupportedError} when this machine cannot do what is asked (`ERR_HAND_OFF_WAY`) */
  static async open(options: ThreadHandOffOptions = {}): Promise<ThreadHandOff> {
    return new ThreadHandOff(await chooseWays(options.way), options.slots ?? 1024);
  }

  private constructor(ways: Ways, slots: number) {
    this.#ways = ways;
    this.#ledger = new Ledger(slots);
  }

  /** What the thread makes its `ThreadAdopter` of. */
  get workerData(): ThreadHandOffData {
    return { ledger: this.#ledger.memory };
  }

  get hasRoom(): boolean {
    return this.#ledger.room !== -1;
  }

  /** How the connections of a family go: `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  wayOf(family: number): HandOffWay {
    return family === AF_UNIX ? this.#ways.unix : this.#ways.tcp;
  }

  give(socket: Socket): Given {
    socket.checkGive();
    const way = this.wayOf(socket.family);
    const fd = way === 'duplicate' ? socket.fileno() : -1;
    if (fd !== -1) return this.#duplicate(socket, fd);
    // Node refuses sockets that were used.
    const isFresh = socket.bytesRead === 0 && socket.bytesWritten === 0;
    return way === 'native' && isFresh ? this.#transfer(socket) : this.#relay(socket);
  }

  workerEnded(): void {
    this.#ledger.closeAll();
    for (const relay of this.#relays) relay.close();
    for (const net of this.#unposted) net.destroy();
    this.#unposted.clear();
  }

  #duplicate(socket: Socket, fd: number): Given {
    const slot = this.#ledger.room;
    if (slot === -1) throw noRoom(socket, this.#ledger.size);
    const copy = duplicateDescriptor(fd);
    if (copy === null || copy === -1) throw systemError('EMFILE', 'hand over', socket.getpeername());
    this.#ledger.put(slot, copy);
    const early = socket.leave();
    const parcel = { way: 'duplicate', slot, peer: socket.getpeername(), family: socket.family, early } as const;
    return { parcel, transfer: NOTHING };
  }

  #transfer(socket: Socket): Given {
    const { net: transport, early } = socket.release();
    const net = transport as net.Socket;
    // Node destroys what was posted.
    for (const each of this.#unposted) if (each.destroyed) this.#unposted.delete(each);
    this.#unposted.add(net);
    const parcel = { way: 'native', net, peer: socket.getpeername(), family: socket.family, early } as const;
    return { parcel, transfer: [net as unknown as TransferListItem] };
  }

  #relay(socket: Socket): Given {
    const local = socket.getsockname();
    const { net, readPath, early } = socket.release();
    const { port1, port2: port } = new MessageChannel();
    this.#relays.add(new Relay(net, readPath, port1, (relay) => this.#relays.delete(relay)));
    const parcel = { way: 'relay', port, local, peer: socket.getpeername(), family: socket.family, early } as const;
    return { parcel, transfer: [port] };
  }
}
