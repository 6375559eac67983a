/**
 * A folder and files that only their owner can read: who was in which class is nobody else's business.
 *
 * The mode is set after the file is made, too, because the process's umask may have taken more away than it should. On
 * Windows, where modes mean next to nothing, a user's own folders are closed to others anyway.
 */
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { StorageError } from './errors';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const MODE_BITS = 0o777;

/**
 * Makes a folder, unless there is one. One that is there is left as it is: it may be anybody's.
 *
 * @param withParents whether those above it are made too; not where somebody has typed the path, and may have mistyped it
 * @throws what the file system throws
 */
export function makePrivateFolder(folder: string, withParents: boolean): void {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats !== undefined) {
    if (stats.isDirectory()) return;
    const message = `${folder}: it is a file, and not a folder; choose another one with --set dataDir=…`;
    throw new StorageError(message, 'failed', folder);
  }
  const first = mkdirSync(folder, { recursive: withParents, mode: FOLDER_MODE }) ?? folder;
  chmodSync(folder, FOLDER_MODE);
  // A new folder is on disk when the one that names it is.
  for (let made = folder; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

/**
 * Makes an empty file, unless there is one.
 *
 * Never opens one that is there: closing it would release the locks that SQLite has on it in this process (POSIX).
 *
 * @throws what the file system throws
 */
export function makePrivateFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', FILE_MODE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return;
  }
  chmodSync(file, FILE_MODE);
}

/** Takes from a file, if there is one, what others may do with it. @throws what the file system throws */
export function tighten(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats !== undefined && (stats.mode & MODE_BITS & ~FILE_MODE) !== 0) chmodSync(file, FILE_MODE);
}

/** Which file is at a path; another number when it is another one, -1 when there is none. */
export function inodeOf(file: string): bigint {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? -1n;
}

function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Windows cannot, and some folders may be passed through but not read. Then it is as durable as a folder gets there.
  }
}
