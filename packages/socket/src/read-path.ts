/**
 * How bytes get from one of Node's sockets into ours. There are two ways, and both end in `ReceiveSide.received()`.
 *
 * - `shared-buffer`: the kernel's bytes are read into one buffer that all sockets of the thread share, by Node's
 *   documented `onread` option. Connections that Node accepts cannot have that option, so a listener needs the hook of
 *   `connection-hook.ts`.
 * - `data-events`: the 'data' events of a stream. Slower, and public through and through.
 */
import * as net from 'node:net';

import type { Transport } from './transport';

/** How a connection reads: `shared-buffer` is the fast way, `data-events` works with every version of Node. */
export type ReadPath = 'shared-buffer' | 'data-events';

/** What a read path tells: implemented by `Socket`. */
export interface ReadPathOwner {
  received(chunk: Buffer, isShared: boolean): boolean;
  receivedEnd(): void;
  failed(error: Error, operation: string): void;
  disconnected(): void;
}

const owner = Symbol('owner');
type Owned = Transport & { [owner]?: ReadPathOwner | null };

/** A socket of Node's that tells its owner without listeners: those weigh 140 bytes for each connection. */
export class OwnedSocket extends net.Socket {
  [owner]: ReadPathOwner | null = null;

  /** For an owner an error is no event: it is told at once, and Node does not describe where in Node it came from. */
  override destroy(error?: Error): this {
    if (error == null || this[owner] === null || this.destroyed) return super.destroy(error);
    onError.call(this, error);
    return super.destroy();
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const to = this[owner];
    if (event === 'error' && to !== null) {
      onError.call(this, args[0] as Error);
      return true;
    }
    const hasListeners = super.emit(event, ...args);
    if (event === 'end') to?.receivedEnd();
    else if (event === 'close') to?.disconnected();
    return hasListeners;
  }
}

/** The `onread` option that makes a socket read by the shared buffer. One read of the kernel fills it at most. */
export const sharedRead: net.OnReadOpts = {
  buffer: Buffer.allocUnsafeSlow(65_536),
  callback: function (this: Owned, length: number, buffer: Buffer): boolean {
    return this[owner]?.received(buffer.subarray(0, length), true) ?? true;
  },
};

/**
 * Connects a socket of Node's with ours, or with another owner than before. For `shared-buffer` it must have been made
 * with {@link sharedRead}.
 *
 * @param isHeld it does not read before {@link readOn}
 */
export function attach(socket: Transport, to: ReadPathOwner, path: ReadPath, isHeld = false): void {
  const isFirst = (socket as Owned)[owner] == null;
  (socket as Owned)[owner] = to;
  if (socket instanceof OwnedSocket || !isFirst) return;
  socket.on('end', onEnd).on('error', onError).on('close', onClose);
  if (path === 'data-events') socket.on('data', onData);
  if (path === 'data-events' && !isHeld) socket.resume();
}

/** Undoes {@link attach}: what comes stays where it is, for whoever takes the socket over. */
export function detach(socket: Transport): void {
  (socket as Owned)[owner] = null;
  if (!(socket instanceof OwnedSocket)) {
    socket.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose).pause();
  }
}

/** Lets a socket read again after `received()` said no. */
export function readOn(socket: Transport, path: ReadPath): void {
  if (path === 'shared-buffer') socket.read(0);
  else socket.resume();
}

// Functions that all sockets share: no closure for each socket and event.

function onData(this: Owned, chunk: Buffer): void {
  if (this[owner]?.received(chunk, false) === false) this.pause();
}

function onEnd(this: Owned): void {
  this[owner]?.receivedEnd();
}

function onError(this: Owned, error: Error): void {
  const operation = (error as NodeJS.ErrnoException).syscall === 'write' ? 'send' : 'recv';
  this[owner]?.failed(error, operation);
}

function onClose(this: Owned): void {
  this[owner]?.disconnected();
}
