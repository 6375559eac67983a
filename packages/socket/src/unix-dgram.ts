/**
 * Unix datagrams, which Node does not have: the optional package `unix-dgram`, loaded when the first is needed.
 *
 * Its rules, from its source: everything happens within the call; an error's `code` is a negative number of the system;
 * a datagram longer than 64 KiB is cut. Its `connect()` is not used: a peer that connects elsewhere would then end
 * this process by an assertion.
 */
import { isMainThread } from 'node:worker_threads';

import { UnsupportedError } from './errors';

/** A socket of the package: what is used of it here. */
export interface UnixDgram {
  readonly fd: number;
  on(event: 'error', listener: (error: Error) => void): this;
  bind(path: string): void;
  send(data: Buffer, offset: number, length: number, path: string, callback: (error?: UnixDgramError) => void): void;
  close(): void;
}

export type UnixDgramError = Error & { code: number };

interface UnixDgramModule {
  createSocket(type: 'unix_dgram', onMessage: (data: Buffer, info: { path: string | null }) => void): UnixDgram;
}

/** @throws {UnsupportedError} where the package cannot be had; the error says why, and what to do */
export function unixDgram(): UnixDgramModule {
  if (process.platform === 'win32') throw unavailable('Windows has none; use AF_INET, or SOCK_STREAM');
  if (!isMainThread) {
    throw unavailable(
      'they cannot be opened in a worker thread; open the socket in the main thread or a child process',
    );
  }
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded only when first needed
    return require('unix-dgram') as UnixDgramModule;
  } catch (cause) {
    throw unavailable(
      'the optional package unix-dgram cannot be loaded; run `npm install unix-dgram`, or `npm rebuild unix-dgram` if it ' +
        'is there: it is compiled when it is installed, by a C++ compiler and for one version of Node',
      cause,
    );
  }
}

function unavailable(why: string, cause?: unknown): UnsupportedError {
  return new UnsupportedError(`Unix datagrams: ${why}`, 'ERR_UNIX_DGRAM', { cause });
}
