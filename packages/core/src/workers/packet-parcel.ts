/**
 * A datagram on its way to a worker. Its bytes go within the message, and nothing else does: the socket stays with the
 * server, and over there a `RemoteDatagramSocket` stands for it.
 */
import type { DatagramSocket } from '@socketserver/socket';

import type { DatagramRequest } from '../datagram-request';
import { copyBytes, isExact } from '../remote/pack';

/** What a worker makes a request of: plain data, to be posted. */
export interface PacketParcel {
  readonly way: 'packet';
  readonly packet: Uint8Array;
}

/** What is posted for a request, in the shape of what a `HandOff` gives. */
export function givePacket([packet]: DatagramRequest): { parcel: PacketParcel; transfer: readonly never[] } {
  return { parcel: { way: 'packet', packet: ownBytes(packet) }, transfer: NOTHING };
}

/**
 * The request of a parcel.
 *
 * @param socket what handlers answer by
 */
export function adoptPacket({ packet }: PacketParcel, socket: DatagramSocket): DatagramRequest {
  // Between processes it is a window into all that was read at once.
  return [Buffer.from(ownBytes(packet).buffer), socket];
}

/** These bytes, with no others in the same memory: cloning a small `Buffer` would clone the pool that it is a part of. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return (isExact(bytes) ? bytes : copyBytes(bytes)) as Uint8Array<ArrayBuffer>;
}

const NOTHING: readonly never[] = [];
