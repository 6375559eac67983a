/**
 * The sending half of a connection.
 *
 * ```
 *   sendall() ──▶ net.Socket ──▶ kernel      resolves when the kernel has every byte
 * ```
 */
import type { FileHandle } from 'node:fs/promises';

import { closedError } from './closed-error';
import { SocketStateError, socketError, systemError, timedOut } from './errors';
import { EMPTY } from './receive-buffer';
import { sendfile } from './sendfile';
import { tolerant } from './tolerant';
import type { Transport } from './transport';
import { TransportSide } from './transport-side';

/** Bytes that one `send()` takes at most. */
const SEND_LIMIT = 65_536;
const SENT = Promise.resolve();

export abstract class SendSide extends TransportSide {
  /** @internal A send timed out, and its bytes may still wait here. */
  protected isOverdue = false;

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
    const socket = this.net ?? this.begin();
    if (!socket?.writable) return tolerant(Promise.reject(this.#sendError()));
    if (this.timeout !== null && socket.writableLength > 0) {
      if (this.timeout === 0) return tolerant(Promise.reject(systemError('EAGAIN', 'send', this.peer)));
      if (this.isOverdue) return tolerant(this.#caughtUp(socket, this.timeout).then(() => this.sendall(data)));
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

  /**
   * Sends a file, or `count` bytes of it from `offset` on, and resolves with how many bytes that was: fewer than `count`
   * when the file ends before. At most 512 KiB of it are in memory. Source: `socket.sendfile(file, offset, count)`.
   *
   * @param file a path, which is opened and closed here, or an open file, which stays open and whose position is not used
   * @throws {SocketError} what {@link sendall} does; part of the file may have been sent
   * @throws {Error} what `node:fs` says of the file
   */
  sendfile(file: string | URL | FileHandle, offset = 0, count = Infinity): Promise<number> {
    return tolerant(sendfile(this, file, offset, count));
  }

  /** Waits for what was written. The empty write is called back after all that came before it. */
  #flushed(socket: Transport): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const ms = this.timeout;
      const giveUp = (): void => {
        this.isOverdue = true;
        reject(timedOut('send', ms ?? 0, this.peer));
      };
      const timer = ms === null || ms === 0 ? null : this.clock.setTimeout(giveUp, ms);
      this.observer?.waits('send');
      socket.write(EMPTY, (error) => {
        timer?.cancel();
        if (error == null) resolve();
        else reject(this.error ?? socketError(error, 'send', this.peer));
        if (socket.writableLength === 0) this.isOverdue = false;
        this.notify();
      });
      if (ms === 0 && socket.errored === null) resolve();
    }).finally(() => this.observer?.resumes());
  }

  /** Waits until the bytes of sends that timed out have left, or nothing more can. */
  #caughtUp(socket: Transport, ms: number): Promise<void> {
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
}
