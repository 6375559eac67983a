import { getSystemErrorName } from 'node:util';

import type { Address } from './address';
import { type Clock, type ClockTimer, systemClock } from './clock';
import { closedError } from './closed-error';
import type { DatagramBindOptions, DatagramChannel, DatagramReceiver, SendCallback } from './datagram-channel';
import { UnsupportedError, systemError, timedOut } from './errors';
import { type UnixDgram, type UnixDgramError, unixDgram } from './unix-dgram';
import { bindError, lookAt, removeStaleFile } from './unix-path';

/** Milliseconds between two tries to send to a receiver that is full: the kernel says to nobody when it no longer is. */
const FIRST_RETRY = 1;
const LAST_RETRY = 64;

/** A datagram whose receiver was full. */
interface Waiting {
  readonly data: Buffer;
  readonly done: SendCallback;
  timer: ClockTimer | null;
}

/** Unix datagrams, over the package `unix-dgram`. */
export class UnixDatagrams implements DatagramChannel {
  readonly #socket: UnixDgram;
  readonly #clock: Clock;
  #address = '';
  #peer: string | null = null;
  #isClosed = false;
  /** By receiver, so that one that does not read holds up nobody else; in their order. */
  readonly #queues = new Map<string, Waiting[]>();
  readonly #retries = new Map<string, ClockTimer>();

  private constructor(receiver: DatagramReceiver, clock: Clock) {
    this.#clock = clock;
    this.#socket = unixDgram().createSocket('unix_dgram', (data, { path }) => {
      if (this.#peer === null || path === this.#peer) receiver.received(data, path ?? '');
    });
  }

  /** A socket without a name, at once: it can send, and nobody can answer. */
  static openUnbound(receiver: DatagramReceiver, clock: Clock): UnixDatagrams {
    return new UnixDatagrams(receiver, clock);
  }

  static async open(
    path: string,
    receiver: DatagramReceiver,
    clock: Clock,
    options: DatagramBindOptions,
  ): Promise<UnixDatagrams> {
    if (path.includes('\0')) throw zeroInName('bind', path);
    if (options.removeStale === true) await removeStaleFile(path);
    const channel = new UnixDatagrams(receiver, clock);
    if (path !== '') channel.#bind(path);
    return channel;
  }

  #bind(path: string): void {
    let failure: unknown;
    this.#socket.on('error', (error) => (failure = error)).bind(path);
    if (failure === undefined) {
      this.#address = path;
      return;
    }
    this.close();
    throw bindError(systemErrorOf(failure), path);
  }

  get address(): Address {
    return this.#address;
  }

  get isDrained(): boolean {
    return this.#queues.size === 0;
  }

  fileno(): number {
    return this.#socket.fd;
  }

  /** By a filter of ours and not by the kernel: see `unix-dgram.ts`. */
  async connect(address: Address): Promise<Address> {
    const path = address as string;
    this.#peer = null;
    if (path.includes('\0')) throw zeroInName('connect', path);
    const found = await lookAt(path);
    if (found === 'nothing') throw systemError('ENOENT', 'connect', path);
    if (found === 'stale' || found === 'file') throw systemError('ECONNREFUSED', 'connect', path);
    if (found === 'stream') throw systemError('EPROTOTYPE', 'connect', path);
    this.#peer = path;
    return path;
  }

  send(data: Uint8Array, to: Address | null, timeout: number | null, done: SendCallback): void {
    const path = (to ?? this.#peer) as string;
    const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.length);
    const queue = this.#queues.get(path);
    const error = queue === undefined ? this.#trySend(bytes, path) : systemError('EAGAIN', 'sendto', path);
    if (error?.code !== 'EAGAIN' || timeout === 0) done(error);
    else this.#wait(path, bytes, timeout, done);
  }

  #trySend(data: Buffer, path: string): { code: string } | null {
    if (path.includes('\0')) return zeroInName('sendto', path);
    let failure: UnixDgramError | undefined;
    this.#socket.send(data, 0, data.length, path, (error) => (failure = error));
    if (failure === undefined) return null;
    const error = systemErrorOf(failure);
    // What macOS and the BSDs say of a full receiver.
    return error.code === 'ENOBUFS' ? { ...error, code: 'EAGAIN' } : error;
  }

  #wait(path: string, data: Buffer, timeout: number | null, done: SendCallback): void {
    const waiting: Waiting = { data, done, timer: null };
    const queue = this.#queues.get(path);
    if (queue !== undefined) queue.push(waiting);
    else {
      this.#queues.set(path, [waiting]);
      this.#retryLater(path, FIRST_RETRY);
    }
    if (timeout === null) return;
    waiting.timer = this.#clock.setTimeout(() => {
      this.#forget(path, waiting);
      done(timedOut('sendto', timeout, path));
    }, timeout);
  }

  #retryLater(path: string, delay: number): void {
    // The machine's time also where a test stands still: the kernel's does not.
    const timer = systemClock.setTimeout(() => this.#retry(path, delay), delay);
    this.#retries.set(path, timer);
  }

  #retry(path: string, delay: number): void {
    const queue = this.#queues.get(path) ?? [];
    let next = Math.min(delay * 2, LAST_RETRY);
    for (let waiting = queue[0]; waiting !== undefined && !this.#isClosed; waiting = queue[0]) {
      const error = this.#trySend(waiting.data, path);
      if (error?.code === 'EAGAIN') {
        this.#retryLater(path, next);
        return;
      }
      next = FIRST_RETRY;
      waiting.timer?.cancel();
      this.#forget(path, waiting);
      waiting.done(error);
    }
  }

  #forget(path: string, waiting: Waiting): void {
    const queue = this.#queues.get(path);
    if (queue === undefined) return;
    queue.splice(queue.indexOf(waiting), 1);
    if (queue.length > 0) return;
    this.#queues.delete(path);
    this.#retries.get(path)?.cancel();
    this.#retries.delete(path);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    for (const timer of this.#retries.values()) timer.cancel();
    const queues = [...this.#queues.values()];
    this.#retries.clear();
    this.#queues.clear();
    for (const { timer, done } of queues.flat()) {
      timer?.cancel();
      done(closedError('sendto'));
    }
  }
}

/** The package's errors have the system's negative number for a code. */
function systemErrorOf(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code: number | string; message: string };
  return { code: typeof code === 'number' ? getSystemErrorName(code) : code, message };
}

/** The package cuts a name at its first zero. */
function zeroInName(operation: string, path: string): UnsupportedError {
  const message = `${operation} ${JSON.stringify(path)}: Unix datagrams have no abstract names here; use a path`;
  return new UnsupportedError(message, 'EINVAL', { operation, address: path });
}
