import type * as net from 'node:net';
import type { MessagePort, TransferListItem } from 'node:worker_threads';

import type { Address } from '../address';

/** A connection on its way to another thread or process: plain data, to be posted once, and to be adopted there once. */
export type Parcel = DuplicateParcel | NativeParcel | RelayParcel | ChildParcel;

/** What every parcel tells of its connection. */
export interface ParcelBase {
  /** The address of the other end: the system forgets it when the peer resets. */
  readonly peer: Address;
  /** `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  readonly family: number;
  /** What was read of it already; `null`: nothing. */
  readonly early: Uint8Array | null;
}

/** Its descriptor is in the ledger. */
export interface DuplicateParcel extends ParcelBase {
  /** How it gets there. */
  readonly way: 'duplicate';
  /** Where. */
  readonly slot: number;
}

/** Node's socket itself. */
export interface NativeParcel extends ParcelBase {
  /** How it gets there. */
  readonly way: 'native';
  /** That is transferred. */
  readonly net: net.Socket;
}

/** One end of a relay. */
export interface RelayParcel extends ParcelBase {
  /** How it gets there. */
  readonly way: 'relay';
  /** That is transferred. */
  readonly port: MessagePort;
  /** The address of this end; `''` for a Unix socket. */
  readonly local: Address;
}

/** Its handle is sent to the child in a message of its own, under this number. */
export interface ChildParcel extends ParcelBase {
  /** How it gets there. */
  readonly way: 'child';
  /** Its number. */
  readonly id: number;
}

/** What is posted to a worker: the parcel, within any message, and what is to be transferred with it. */
export interface Given {
  /** Goes into the message. */
  readonly parcel: Parcel;
  /** The transfer list of the message; empty for most ways. */
  readonly transfer: readonly TransferListItem[];
}
