/**
 * The one place that rests on how Node is made inside: accepted connections that read by the shared buffer, and handles
 * for descriptors that were given by another thread.
 *
 * `net.Server` builds the socket of a connection itself and gives it no `onread`. Its handle calls `onconnection` with
 * the bare handle of each connection; this file puts its own function there. That works on Node 20 to 26, and
 * {@link probeConnectionHook} tries it once, with a real connection, before anything relies on it. Where it fails, the
 * 'connection' event serves.
 */
import { once } from 'node:events';
import * as net from 'node:net';

import type { InetAddress } from './address';
import { OwnedSocket, sharedRead } from './read-path';

/** The bare handle of a connection: what is used of it here. */
export interface ConnectionHandle {
  /** Undefined on Windows. */
  readonly fd?: number;
  /** Closes it. */
  close(): void;
  /** Closes with a reset; returns 0, or an error number. TCP only. */
  reset?(): number;
  /** Fills `out`; returns 0, or an error number when the peer has gone already. TCP only. */
  getpeername?(out: { address?: string; port?: number; family?: string }): number;
}

interface ServerHandle {
  fd?: number;
  onconnection?: (status: number, connection?: ConnectionHandle) => void;
}

/** Gives every connection of a listening `server` to `accept` as a bare handle; `fail` hears of failed ones. */
export function hookConnections(
  server: net.Server,
  accept: (connection: ConnectionHandle) => void,
  fail: (status: number) => void,
): void {
  const handle = handleOf(server);
  if (handle === null) return;
  handle.onconnection = (status, connection) => {
    if (status !== 0 || connection === undefined) fail(status);
    else accept(connection);
  };
}

// Filled anew for each connection. Many come from one host, and need only one string for it.
const peername: { address?: string; port?: number } = {};
let lastHost = '';

/** The other end of a bare handle of TCP; `null` when the peer has gone already. */
export function peerOf(handle: ConnectionHandle): InetAddress | null {
  if (handle.getpeername?.(peername) !== 0) return null;
  const { address = '', port = 0 } = peername;
  if (address !== lastHost) lastHost = address;
  return [lastHost, port];
}

/** A socket of Node's around a bare handle, which reads by the shared buffer: from now on or, if held, when it is told. */
export function socketOfHandle(handle: ConnectionHandle, isHeld = false): net.Socket {
  return new OwnedSocket({
    handle,
    allowHalfOpen: true,
    onread: sharedRead,
    manualStart: isHeld,
    // Node sets these itself, on its copy: where they are missing, Node 20 needs longer for that than for all the rest.
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  } as net.SocketConstructorOpts);
}

/** A handle without a descriptor. */
export interface EmptyHandle extends ConnectionHandle {
  /** Takes a descriptor, and closes it from then on; returns 0, or an error number. */
  open(fd: number): number;
}

type HandleClass = new (type: number) => EmptyHandle;
/** The type of a handle that connects or was accepted: Node's `SOCKET`, for TCP and for paths. */
const SOCKET = 0;

/** Node shows the classes of its handles to nobody, but their instances know them. */
const handleClasses: { tcp?: HandleClass; path?: HandleClass } = {};

/** The handle of one of Node's sockets; `null` when there is none, or it is not what is expected. */
export function handleOfSocket(socket: net.Socket): EmptyHandle | null {
  const { _handle: handle } = socket as unknown as { _handle?: Partial<EmptyHandle> | null };
  return typeof handle?.open === 'function' ? (handle as EmptyHandle) : null;
}

/**
 * A socket of Node's for a descriptor, by public means alone. {@link emptyHandle} can make others of its kind then.
 *
 * @throws what Node says; the descriptor stays open
 */
export function socketOfDescriptor(fd: number, isPath: boolean): net.Socket {
  const options = { fd, allowHalfOpen: true, onread: sharedRead, readable: true, writable: true };
  const socket = new OwnedSocket(options);
  const handle = handleOfSocket(socket);
  if (handle !== null) handleClasses[isPath ? 'path' : 'tcp'] = handle.constructor as HandleClass;
  return socket;
}

/**
 * A handle for a descriptor of a known kind. Given the mere number, `net.Socket` asks the system four times what it is.
 *
 * @returns `null` before {@link socketOfDescriptor} has made a socket of that kind
 */
export function emptyHandle(isPath: boolean): EmptyHandle | null {
  const Handle = isPath ? handleClasses.path : handleClasses.tcp;
  return Handle === undefined ? null : new Handle(SOCKET);
}

/** The descriptor that a server listens with; -1 where there is none (Windows). */
export function listeningDescriptor(server: net.Server): number {
  return handleOf(server)?.fd ?? -1;
}

function handleOf(server: net.Server): ServerHandle | null {
  return (server as unknown as { _handle?: ServerHandle | null })._handle ?? null;
}

let probe: Promise<boolean> | undefined;

/** Whether the hook works on this Node: one connection over the loopback address, tried once in a process. */
export function probeConnectionHook(): Promise<boolean> {
  return (probe ??= tryHook().catch(() => false));
}

async function tryHook(): Promise<boolean> {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  if (typeof handleOf(server)?.onconnection !== 'function') {
    server.close();
    return false;
  }
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const giveUp = setTimeout(() => resolve(false), 1000);
      client.on('error', reject).on('close', () => clearTimeout(giveUp));
      // 'connection' comes only if the hook was passed by.
      server.on('connection', (socket) => resolve(!socket.destroy()));
      hookConnections(server, (handle) => probeReads(handle, resolve), reject);
      client.write('probe');
    });
  } finally {
    client.destroy();
    server.close();
  }
}

function probeReads(handle: ConnectionHandle, resolve: (works: boolean) => void): void {
  const options = {
    handle,
    onread: {
      buffer: Buffer.alloc(16),
      callback: (length: number, buffer: Buffer): boolean => {
        resolve(buffer.toString('latin1', 0, length) === 'probe');
        socket.destroy();
        return true;
      },
    },
  };
  const socket = new net.Socket(options as net.SocketConstructorOpts);
  socket.on('error', () => resolve(false));
}
