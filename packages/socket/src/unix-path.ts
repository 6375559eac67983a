/**
 * The files of Unix sockets: their names, and how long they stay.
 *
 * Like CPython this package never removes the file of a socket, neither when it is closed nor at the end of the process;
 * `removeStale` removes, before binding, the one that an earlier server has left. Names that begin with `\0` are Linux's
 * abstract ones and have no file; on Windows a path is a named pipe and has none either.
 */
import { randomBytes } from 'node:crypto';
import { type BigIntStats, existsSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import * as net from 'node:net';
import { dirname } from 'node:path';

import { AddressInUseError, FileNotFoundError, type SocketError, UnsupportedError, socketError } from './errors';

/** Bytes: `sun_path` of the system, without the zero at its end. libuv cuts longer ones off on some Nodes. */
const PATH_LIMIT = process.platform === 'linux' ? 107 : 103;

/** @throws {UnsupportedError} when the path does not fit into a socket address */
export function checkPath(operation: string, path: string): void {
  const length = Buffer.byteLength(path);
  if (length <= PATH_LIMIT || process.platform === 'win32') return;
  throw new UnsupportedError(
    `${operation} ${path}: a socket's path has ${PATH_LIMIT} bytes at most, this one has ${length}; choose a shorter one`,
    'ENAMETOOLONG',
    { operation, address: path },
  );
}

/** The error for a path that could not be bound to: it says what is in the way. */
export function bindError(error: unknown, path: string): SocketError {
  const failure = socketError(error, 'bind', path);
  const { code } = failure;
  const details = { operation: 'bind', address: path, cause: error };
  if (!hasFile(path)) return failure;
  // libuv says EACCES also when there is no folder.
  if ((code === 'EACCES' || code === 'ENOENT') && !existsSync(dirname(path))) {
    return new FileNotFoundError(
      `bind ${path}: there is no folder ${dirname(path)}; make it first (ENOENT)`,
      'ENOENT',
      details,
    );
  }
  if (code === 'EADDRINUSE' && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
    return new AddressInUseError(NO_SOCKET(path), 'EADDRINUSE', details);
  }
  return failure;
}

/** Whether a socket at this path has a file. */
export function hasFile(path: string): boolean {
  return path !== '' && !path.startsWith('\0') && process.platform !== 'win32';
}

/**
 * Closes a handle of Node's that was bound to `path`, and leaves its file where it is.
 *
 * libuv removes the path within `close()`: the file is elsewhere for that moment.
 */
export function closeKeepingFile(path: string, close: () => void): void {
  const elsewhere = hasFile(path) ? `${path}.${randomBytes(6).toString('hex')}` : null;
  const isAway = elsewhere !== null && moved(path, elsewhere);
  try {
    close();
  } finally {
    if (isAway) moved(elsewhere, path);
  }
}

function isSameFile(before: BigIntStats | undefined, path: string): boolean {
  const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return now !== undefined && now.ino === before?.ino && now.ctimeNs === before.ctimeNs;
}

const NO_SOCKET = (path: string): string =>
  `bind ${path}: a file that is no socket is there already; choose another path (EADDRINUSE)`;

/** False when there is no such file, or the folder may not be written: then libuv cannot remove it either. */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** What is at a path: somebody who listens, a datagram socket, a socket's file without a socket, another file, nothing. */
export type Found = 'stream' | 'datagram' | 'stale' | 'file' | 'nothing';

/** Looks who is at a path, by connecting to it. */
export function lookAt(path: string): Promise<Found> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return Promise.resolve('nothing');
  if (!stats.isSocket() && !stats.isSymbolicLink()) return Promise.resolve('file');
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve('stream');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN')
        resolve('stream'); // Its backlog is full.
      else if (error.code === 'EPROTOTYPE') resolve('datagram');
      else if (error.code === 'ECONNREFUSED') resolve(stats.isSocket() ? 'stale' : 'file');
      else if (error.code === 'ENOENT') resolve('nothing');
      else reject(error);
    });
  });
}

/**
 * Removes the socket file at `path` if nobody uses it.
 *
 * @throws {AddressInUseError} when somebody does, or the file is no socket; nothing was removed
 */
export async function removeStaleFile(path: string): Promise<void> {
  if (!hasFile(path)) return;
  let found: Found;
  try {
    const before = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    found = await lookAt(path);
    // Another one that was told the same may have taken the path meanwhile.
    if (found === 'stale' && !isSameFile(before, path)) found = 'stream';
    if (found === 'stale') unlinkSync(path);
  } catch (error) {
    throw socketError(error, 'bind', path);
  }
  if (found === 'nothing' || found === 'stale') return;
  const message =
    found === 'file'
      ? NO_SOCKET(path)
      : `bind ${path}: a socket that is in use is there already; choose another path (EADDRINUSE)`;
  throw new AddressInUseError(message, 'EADDRINUSE', { operation: 'bind', address: path });
}
