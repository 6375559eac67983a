/**
 * How bytes get from one of Node's sockets into ours. There are two ways, and both end in `ReceiveSide.received()`.
 *
 * - `shared-buffer`: the kernel's bytes are read into one buffer that all sockets of the thread share, by Node's
 *   documented `onread` option. Connections that Node accepts cannot have that option, so a listener needs the hook of
 *   `connection-hook.ts`.
 * - `data-events`: the 'data' events of a stream. Slower, and public through and through.
 */
import type * as net from 'node:net';

import { type SocketError, socketErrorOfEvent } from './errors';

export type ReadPath = 'shared-buffer' | 'data-events';

/** What a read path tells: implemented by `Socket`. */
export interface ReadPathOwner {
  received(chunk: Buffer, isShared: boolean): boolean;
  receivedEnd(): void;
  failed(error: SocketError): void;
  disconnected(): void;
}

const owner = Symbol('owner');
type OwnedSocket = net.Socket & { [owner]?: ReadPathOwner };

/** The `onread` option that makes a socket read by the shared buffer. One read of the kernel fills it at most. */
export const sharedRead: net.OnReadOpts = {
  buffer: Buffer.allocUnsafeSlow(65_536),
  callback: function (this: OwnedSocket, length: number, buffer: Buffer): boolean {
    return this[owner]?.received(buffer.subarray(0, length), true) ?? true;
  },
};

/** Connects a socket of Node's with ours. For `shared-buffer` it must have been made with {@link sharedRead}. */
export function attach(socket: net.Socket, to: ReadPathOwner, path: ReadPath): void {
  (socket as OwnedSocket)[owner] = to;
  socket.on('end', onEnd).on('error', onError).on('close', onClose);
  if (path === 'data-events') socket.on('data', onData).resume();
}

/** Lets a socket read again after `received()` said no. */
export function readOn(socket: net.Socket, path: ReadPath): void {
  if (path === 'shared-buffer') socket.read(0);
  else socket.resume();
}

// Functions that all sockets share: a closure for each socket and event would double a connection's memory.

function onData(this: OwnedSocket, chunk: Buffer): void {
  if (this[owner]?.received(chunk, false) === false) this.pause();
}

function onEnd(this: OwnedSocket): void {
  this[owner]?.receivedEnd();
}

function onError(this: OwnedSocket, error: Error): void {
  const operation = (error as NodeJS.ErrnoException).syscall === 'write' ? 'send' : 'recv';
  this[owner]?.failed(socketErrorOfEvent(error, operation));
}

function onClose(this: OwnedSocket): void {
  this[owner]?.disconnected();
}
