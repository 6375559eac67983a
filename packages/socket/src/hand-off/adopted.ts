import type { Accepted } from '../accepted-connection';
import { systemClock } from '../clock';
import { Socket, type SocketOptions } from '../socket';
import type { Parcel } from './parcel';

/** The socket of a parcel that was opened. It begins with what had been read already. */
export function adopted(connection: Accepted, { family, early }: Parcel, options: SocketOptions): Socket {
  const socket = Socket.of(connection, family, options.clock ?? systemClock);
  if (early !== null) socket.received(Buffer.from(early.buffer, early.byteOffset, early.length), false);
  // What happened before anybody listened is not told again.
  const { net } = connection;
  if (net?.errored != null) socket.failed(net.errored, 'recv');
  else if (net?.destroyed === true) socket.disconnected();
  else if (net?.readableEnded === true) socket.receivedEnd();
  return socket;
}
