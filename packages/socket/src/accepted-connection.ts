import * as net from 'node:net';

import type { Address } from './address';
import { type ConnectionHandle, peerOf, socketOfHandle } from './connection-hook';
import type { ReadPath } from './read-path';

/** A connection fresh from the kernel, and who is at its other end. */
export interface Accepted {
  /** Node's socket. */
  readonly net: net.Socket;
  /** How its bytes are read. */
  readonly readPath: ReadPath;
  /** The address of the other end; `''` for a Unix socket. */
  readonly peer: Address;
}

/** A connection that a listener has taken; undefined when its peer has gone while it waited. */
export function introduce(raw: ConnectionHandle | net.Socket, isPath: boolean): Accepted | undefined {
  if (raw instanceof net.Socket) {
    const { remoteAddress: host, remotePort: port } = raw;
    if (isPath) return { net: raw, readPath: 'data-events', peer: '' };
    if (host !== undefined && port !== undefined) return { net: raw, readPath: 'data-events', peer: [host, port] };
    discard(raw);
    return undefined;
  }
  if (isPath) return { net: socketOfHandle(raw), readPath: 'shared-buffer', peer: '' };
  const peer = peerOf(raw);
  if (peer !== null) return { net: socketOfHandle(raw), readPath: 'shared-buffer', peer };
  discard(raw);
  return undefined;
}

/** Resets a connection over TCP; closes one over a path, which knows no reset. */
export function discard(raw: ConnectionHandle | net.Socket): void {
  if (!(raw instanceof net.Socket)) {
    if (raw.reset?.() !== 0) raw.close();
  } else if (raw.remotePort === undefined) raw.destroy();
  else raw.resetAndDestroy();
}
