import * as net from 'node:net';

import type { Address, InetAddress } from './address';
import { type ConnectionHandle, peerOf, socketOfHandle } from './connection-hook';
import type { ReadPath } from './read-path';
import type { Transport } from './transport';

/** A connection fresh from the kernel, and who is at its other end. */
export interface Accepted {
  /** Node's socket; `null` as long as the handle is enough. */
  readonly net: Transport | null;
  /** The bare handle of a connection that is held. */
  readonly handle: ConnectionHandle | null;
  /** How its bytes are read. */
  readonly readPath: ReadPath;
  /** The address of the other end; `''` for a Unix socket. */
  readonly peer: Address;
  /** It does not read before somebody receives. */
  readonly isHeld: boolean;
}

/** A connection that a listener has taken; undefined when its peer has gone while it waited. */
export function introduce(raw: ConnectionHandle | net.Socket, isPath: boolean, isHeld: boolean): Accepted | undefined {
  const peer = isPath ? '' : raw instanceof net.Socket ? peerOfSocket(raw) : peerOf(raw);
  if (peer === null) {
    discard(raw);
    return undefined;
  }
  if (raw instanceof net.Socket) return { net: raw, handle: null, readPath: 'data-events', peer, isHeld };
  return isHeld
    ? { net: null, handle: raw, readPath: 'shared-buffer', peer, isHeld }
    : { net: socketOfHandle(raw), handle: null, readPath: 'shared-buffer', peer, isHeld };
}

function peerOfSocket({ remoteAddress: host, remotePort: port }: net.Socket): InetAddress | null {
  return host === undefined || port === undefined ? null : [host, port];
}

/** Resets a connection over TCP; closes one over a path, which knows no reset. */
export function discard(raw: ConnectionHandle | net.Socket): void {
  if (!(raw instanceof net.Socket)) {
    if (raw.reset?.() !== 0) raw.close();
  } else if (raw.remotePort === undefined) raw.destroy();
  else raw.resetAndDestroy();
}
