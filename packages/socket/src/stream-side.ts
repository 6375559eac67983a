/**
 * A connection: the receiving half of `receive-side.ts`, and here sending and the two ends.
 *
 * ```
 *   sendall() ──▶ net.Socket ──▶ kernel      resolves when the kernel has every byte
 * ```
 *
 * Sources: `Modules/socketmodule.c` of CPython; POSIX `send`, `shutdown`, `close`.
 */
import type * as net from 'node:net';

import { SHUT_RD, SHUT_RDWR, SHUT_WR } from './constants';
import {
  type SocketError,
  SocketStateError,
  UnsupportedError,
  socketError,
  socketErrorOfEvent,
  systemError,
  timedOut,
} from './errors';
import type { Accepted } from './listener';
import { EMPTY } from './receive-buffer';
import { type ReadPath, type ReadPathOwner, attach, readOn } from './read-path';
import { ReceiveSide } from './receive-side';
import { tolerant } from './tolerant';

/** Bytes that one `send()` takes at most. */
const SEND_LIMIT = 65_536;
/** Milliseconds that a closed socket waits for a peer to take what was sent. */
const LINGER = 15_000;
const SENT = Promise.resolve();

export abstract class StreamSide extends ReceiveSide implements ReadPathOwner {
  /** Node's socket, once there is a connection. */
  protected net: net.Socket | null = null;
  #readPath: ReadPath = 'shared-buffer';
  /** A send timed out, and its bytes may still wait here. */
  #isOverdue = false;

  protected become({ net, readPath, peer }: Accepted): void {
    this.net = net;
    this.#readPath = readPath;
    this.peer = peer;
    attach(net, this, readPath);
    this.notify();
  }

  /**
   * Sends some of `data`, at most 64 KiB, and resolves with how many bytes the kernel took. For all of it: `sendall`.
   *
   * @throws {BrokenPipeError} when this side or the peer has ended the connection
   */
  send(data: Uint8Array | string): Promise<number> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const part = bytes.length > SEND_LIMIT ? bytes.subarray(0, SEND_LIMIT) : bytes;
    return tolerant(this.sendall(part).then(() => part.length));
  }

  /**
   * Sends all of `data` (a string as UTF-8) and resolves when the kernel has its last byte: it waits for a slow peer.
   * With a timeout of 0 it does not wait: this process keeps what the kernel did not take at once.
   *
   * Await it: without, a slow peer makes the queue grow. An error that nobody awaits is kept for the next operation.
   *
   * @throws {BrokenPipeError} when this side or the peer has ended the connection
   * @throws {ConnectionResetError} when the peer reset it
   * @throws {TimeoutError} after `settimeout()` milliseconds. What was given still goes out while the socket is open, and
   *   until it has, later calls wait for it and take nothing: a peer that does not read cannot make the queue grow
   * @throws {BlockingIOError} when the timeout is 0 and earlier bytes still wait; nothing was taken
   */
  sendall(data: Uint8Array | string): Promise<void> {
    const socket = this.net;
    if (!socket?.writable) return tolerant(Promise.reject(this.#sendError()));
    if (this.timeout !== null && socket.writableLength > 0) {
      if (this.timeout === 0) return tolerant(Promise.reject(systemError('EAGAIN', 'send', this.peer)));
      if (this.#isOverdue) return tolerant(this.#caughtUp(socket, this.timeout).then(() => this.sendall(data)));
    }
    socket.write(data);
    if (socket.writableLength > 0 || socket.errored !== null) return tolerant(this.#flushed(socket));
    // Mostly the kernel has taken everything within write(): then nothing needs to wait, and no promise is made.
    if (this.observer !== null) {
      this.observer.waits('send');
      this.observer.resumes();
    }
    return SENT;
  }

  /** Waits for what was written. The empty write is called back after all that came before it. */
  #flushed(socket: net.Socket): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const ms = this.timeout;
      const giveUp = (): void => {
        this.#isOverdue = true;
        reject(timedOut('send', ms ?? 0, this.peer));
      };
      const timer = ms === null || ms === 0 ? null : this.clock.setTimeout(giveUp, ms);
      this.observer?.waits('send');
      socket.write(EMPTY, (error) => {
        timer?.cancel();
        if (error == null) resolve();
        else reject(this.error ?? socketError(error, 'send', this.peer));
        if (socket.writableLength === 0) this.#isOverdue = false;
        this.notify();
      });
      if (ms === 0 && socket.errored === null) resolve();
    }).finally(() => this.observer?.resumes());
  }

  /** Waits until the bytes of sends that timed out have left, or nothing more can. */
  #caughtUp(socket: net.Socket, ms: number): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (socket.writable && socket.writableLength > 0) return;
        timer.cancel();
        this.unwatch(look);
        resolve();
      };
      const giveUp = (): void => {
        this.unwatch(look);
        reject(timedOut('send', ms, this.peer));
      };
      const timer = this.clock.setTimeout(giveUp, ms);
      this.observer?.waits('send');
      this.watch(look);
    }).finally(() => this.observer?.resumes());
  }

  #sendError(): Error {
    if (this.error !== null) return this.error;
    if (this.closed) return closedError('send');
    if (this.net === null) return new SocketStateError('send: the socket is not connected', 'ENOTCONN');
    return systemError('EPIPE', 'send', this.peer);
  }

  // The ends

  /**
   * Ends one direction or both, and leaves the socket open.
   *
   * `SHUT_WR`: the peer reads the end after all that was sent. `SHUT_RD`: a pending receive, and every later one once
   * the buffer is empty, gives the end.
   */
  shutdown(how: number): void {
    if (this.closed) throw closedError('shutdown');
    if (this.net === null) throw systemError('ENOTCONN', 'shutdown');
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) {
      throw new UnsupportedError(`shutdown: use SHUT_RD, SHUT_WR or SHUT_RDWR; got ${how}`, 'EINVAL');
    }
    if (how !== SHUT_RD && this.net.writable) this.net.end();
    if (how !== SHUT_WR) this.receivedEnd();
  }

  /**
   * Closes at once or, if something sent is still on its way to the kernel, after that: in 15 seconds at most, and not at
   * all if a send has timed out, because then the peer does not read. Idempotent.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.dropReceive(() => closedError('recv'));
    if (this.net !== null) this.#linger(this.net);
    this.arrived();
  }

  /** Lets what was sent leave. A peer that does not read would keep the descriptor for ever. */
  #linger(socket: net.Socket): void {
    if (socket.writableLength === 0 || this.#isOverdue) {
      socket.destroy();
      return;
    }
    const timer = this.clock.setTimeout(() => socket.destroy(), LINGER);
    timer.unref();
    socket.once('close', () => timer.cancel()).destroySoon();
  }

  /** Closes at once, and gives up what was on its way. Whoever waits on this socket gets `reason`. Idempotent. */
  abort(reason: Error = systemError('ECONNABORTED', 'abort', this.peer)): void {
    if (this.closed && this.net?.destroyed !== false) return;
    const error = (this.error ??= reason);
    this.closed = true;
    this.dropReceive(() => error);
    this.net?.destroy();
    this.arrived();
  }

  /** Milliseconds that a receive, a send, an accept or a connect may take; 0: never wait; `null`: no limit. @default null */
  settimeout(ms: number | null): void {
    if (ms !== null && !(ms >= 0)) throw new UnsupportedError(`settimeout: 0 or more ms, or null; got ${ms}`, 'EINVAL');
    this.timeout = ms;
  }

  /** See {@link settimeout}. */
  gettimeout(): number | null {
    return this.timeout;
  }

  /** Whether small sends leave at once (TCP_NODELAY). @default false */
  setNoDelay(isOn = true): void {
    this.net?.setNoDelay(isOn);
  }

  /** Whether the socket was closed, by either side's reset or by this side. */
  get isClosed(): boolean {
    return this.closed || this.error !== null;
  }

  /** Whether the peer has ended its direction. */
  get hasEnded(): boolean {
    return this.ended;
  }

  /** Bytes received from the kernel so far. */
  get bytesRead(): number {
    return this.net?.bytesRead ?? 0;
  }

  /** Bytes sent so far, including those that wait for the kernel. */
  get bytesWritten(): number {
    return this.net?.bytesWritten ?? 0;
  }

  // What the read path tells

  /** @internal */
  receivedEnd(): void {
    if (this.ended) return;
    this.ended = true;
    this.arrived();
  }

  /** @internal */
  failed(error: Error, operation: string): void {
    this.error ??= socketErrorOfEvent(error, operation, this.peer);
    this.arrived();
  }

  /** @internal */
  disconnected(): void {
    if (!this.ended && !this.closed && this.error === null) this.error = systemError('ECONNABORTED', 'recv', this.peer);
    this.arrived();
  }

  protected override resumeReading(): void {
    if (this.net !== null && !this.closed) readOn(this.net, this.#readPath);
  }

  protected override checkReceive(operation: string): void {
    if (this.closed && this.error === null) throw closedError(operation);
    if (this.net === null) throw systemError('ENOTCONN', operation);
  }
}

/** The error of whatever is done with a socket after `close()`. */
export function closedError(operation: string): SocketError {
  return new SocketStateError(`${operation}: the socket is closed`, 'EBADF', { operation });
}
