import type { DatagramSocket, Socket } from '@socketserver/socket';

/** What a server for datagrams serves: one packet, and the server's socket, which is never closed for a request. */
export type DatagramRequest = readonly [packet: Buffer, socket: DatagramSocket];

/** What a server serves: a connection, or a datagram. */
export type Request = Socket | DatagramRequest;

/** Whether a request is a datagram; otherwise it is a connection. */
export function isDatagram(request: Request): request is DatagramRequest {
  return Array.isArray(request);
}
