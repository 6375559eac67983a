/**
 * What went wrong with the database or its files, as a {@link StorageError}: the path, what is wrong with it, what to do.
 *
 * Sources: https://www.sqlite.org/rescode.html; errno(3).
 */
import { statfsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';

import { StorageError, type StorageReason } from './errors';

/** A disk with less room than this is full. A transaction that did not fit is seldom larger. */
const NO_ROOM = 1_048_576;

const ELSEWHERE = 'or choose another folder with --set dataDir=…';

/** What file system and database say beside a message. */
interface Failure {
  /** Of Node: `EACCES`. */
  readonly code?: unknown;
  /** Of Node: -13. */
  readonly errno?: unknown;
  /** Of SQLite: an extended result code. */
  readonly errcode?: unknown;
  /** Of SQLite: what the operating system has said to it. */
  readonly systemErrno?: unknown;
  readonly message?: unknown;
}

const byErrno: Readonly<Record<string, StorageReason>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  EMFILE: 'too-many-files',
  ENFILE: 'too-many-files',
};

/** By primary result code of SQLite. */
const byResult: Readonly<Record<number, StorageReason>> = {
  3: 'denied', // SQLITE_PERM
  5: 'in-use', // SQLITE_BUSY
  6: 'in-use', // SQLITE_LOCKED
  8: 'denied', // SQLITE_READONLY
  10: 'failed', // SQLITE_IOERR
  11: 'damaged', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'denied', // SQLITE_CANTOPEN
  26: 'damaged', // SQLITE_NOTADB
};

/** The primary result code by SQLite's own texts: what `all()` throws has no other sign of it. */
const resultByText: readonly (readonly [RegExp, number])[] = [
  [/malformed/, 11],
  [/not a database/, 26],
  [/is full/, 13],
  [/disk I\/O error/, 10],
  [/is locked/, 5],
  [/readonly/, 8],
  [/unable to open/, 14],
];

const advice: Readonly<Record<StorageReason, (reason: string) => string>> = {
  full: () => `its disk is full; free some space, ${ELSEWHERE}`,
  'in-use': () => 'another program has locked it; let that one finish, or end it',
  damaged: (reason) => `it is damaged, or no database of this app (${reason}); move it away, ${ELSEWHERE}`,
  newer: () => `a later version of this app made it; run that version, ${ELSEWHERE}`,
  'too-many-files': () => 'too many files are open; allow more (ulimit -n), or fewer clients (--max-connections)',
  busy: () => 'too much waits to be written; try again when some of it is',
  denied: (reason) => `it may not be read and written (${reason}); change its permissions, ${ELSEWHERE}`,
  failed: (reason) => `${reason}; see to that, ${ELSEWHERE}`,
};

/**
 * @param error what was thrown: by the file system, by SQLite, or a StorageError, which is passed on
 * @param path what it is about
 */
export function storageFailure(error: unknown, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const reason = reasonOf(error ?? {}, path);
  return new StorageError(`${path}: ${advice[reason](describe(error))}`, reason, path, { cause: error });
}

/** Whether there is no room left where the file is. */
export function isDiskFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < NO_ROOM;
  } catch {
    return false; // What is wrong with the folder is told by what failed.
  }
}

function reasonOf(failure: Failure, path: string): StorageReason {
  const known = byErrno[systemNameOf(failure)];
  if (failure.code !== 'ERR_SQLITE_ERROR') return known ?? 'failed';
  const result = resultOf(failure);
  const reason = known ?? byResult[result] ?? 'failed';
  // A file that cannot be made, or made longer, for want of room: SQLite does not always tell it from other faults.
  return (result === 10 || result === 14) && isDiskFull(path) ? 'full' : reason;
}

/** The primary result code, 0 if it is not known. An extended one has it in its lowest byte. */
function resultOf({ errcode, message }: Failure): number {
  if (typeof errcode === 'number') return errcode & 0xff;
  return resultByText.find(([text]) => text.test(String(message)))?.[1] ?? 0;
}

/**
 * `EMFILE`. SQLite has one code for files that it may not open and those for which there is no descriptor left, and Node
 * has no name for EDQUOT: both pass on the number.
 */
function systemNameOf({ code, errno, systemErrno }: Failure): string {
  if (typeof code === 'string' && Object.hasOwn(constants.errno, code)) return code;
  const number = typeof errno === 'number' ? -errno : systemErrno;
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? '';
}

function describe(error: unknown): string {
  const { code, message } = (error ?? {}) as Failure;
  if (code === 'ENOENT') return 'there is no such folder';
  return typeof message === 'string' ? message : String(error);
}
