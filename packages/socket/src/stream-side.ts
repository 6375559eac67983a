/**
 * A connection: the receiving half of `receive-side.ts`, the sending half of `send-side.ts`, and here its ends.
 *
 * Sources: `Modules/socketmodule.c` of CPython; POSIX `send`, `shutdown`, `close`.
 */
import { closedError } from './closed-error';
import { SHUT_RD, SHUT_RDWR, SHUT_WR } from './constants';
import { UnsupportedError, socketErrorOfEvent, systemError, timedOut } from './errors';
import { SendSide } from './send-side';
import type { Transport } from './transport';

export abstract class StreamSide extends SendSide {
  /** Milliseconds that this socket, once closed, waits for its peer to take what was sent; 0: not at all. @default 15000 */
  linger = 15_000;

  /**
   * Ends one direction or both, and leaves the socket open.
   *
   * `SHUT_WR`: the peer reads the end after all that was sent. `SHUT_RD`: a pending receive, and every later one once
   * the buffer is empty, gives the end.
   */
  shutdown(how: number): void {
    if (this.closed) throw closedError('shutdown');
    const net = this.net ?? this.begin();
    if (net === null) throw systemError('ENOTCONN', 'shutdown');
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) {
      throw new UnsupportedError(`shutdown: use SHUT_RD, SHUT_WR or SHUT_RDWR; got ${how}`, 'EINVAL');
    }
    if (how !== SHUT_RD && net.writable) net.end();
    if (how !== SHUT_WR) this.receivedEnd();
  }

  /**
   * Closes at once or, if something sent is still on its way to the kernel, after that: in {@link linger} milliseconds at
   * most, and not at all if a send has timed out, because then the peer does not read. Idempotent.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.dropReceive(() => closedError('recv'));
    if (this.net !== null) this.#linger(this.net);
    else this.dropHandle(false);
    this.arrived();
  }

  /** Lets what was sent leave. A peer that does not read would keep the descriptor for ever. */
  #linger(socket: Transport): void {
    // A layer has a farewell of its own to send.
    const hasUnsent = socket.writableLength > 0 || socket !== this.wire;
    if (!hasUnsent || this.isOverdue || this.linger === 0) {
      socket.destroy();
      return;
    }
    const ms = this.linger;
    const giveUp = (): void => {
      this.error ??= timedOut('close', ms, this.peer);
      socket.destroy();
    };
    const timer = this.clock.setTimeout(giveUp, ms);
    timer.unref();
    socket.once('close', () => timer.cancel()).destroySoon();
  }

  /** Whether it is closed, and bytes of it still leave. Watchers are called when they have, or are given up. */
  get isLingering(): boolean {
    return this.closed && this.net?.destroyed === false;
  }

  /** What ended the connection, or kept a closed one from sending its last bytes; `null`: nothing has. */
  get failure(): Error | null {
    return this.error;
  }

  /**
   * Closes at once with a reset, so that the peer gets an error and not an end of stream; over a Unix path, which knows no
   * reset, like {@link abort}. Also ends the lingering of a closed socket. Idempotent.
   */
  reset(reason: Error = systemError('ECONNABORTED', 'reset', this.peer)): void {
    const socket = this.net;
    if (this.closed && socket?.destroyed !== false) return;
    this.error ??= reason;
    // A reset in the short time in which libuv ends the stream would fail, and leave the descriptor open.
    const { wire } = this;
    if (wire?.destroyed === false && wire.remotePort !== undefined && !isEnding(wire) && !isEnding(socket)) {
      wire.resetAndDestroy();
    }
    this.dropHandle(true);
    this.abort(reason);
  }

  /** Closes at once, and gives up what was on its way. Whoever waits on this socket gets `reason`. Idempotent. */
  override abort(reason: Error = systemError('ECONNABORTED', 'abort', this.peer)): void {
    if (this.closed && this.net?.destroyed !== false) return;
    const error = (this.error ??= reason);
    this.closed = true;
    this.dropReceive(() => error);
    this.#destroy();
    this.dropHandle(false);
    this.arrived();
  }

  #destroy(): void {
    const { net, wire } = this;
    if (net === wire || wire?.destroyed !== true || wire.closed) {
      net?.destroy();
      wire?.destroy();
    } else {
      // Node 20 to 26 crash if a TLSSocket is destroyed after what is below it, and in the same turn.
      wire.once('close', () => net?.destroy());
    }
  }

  /** Whether small sends leave at once (TCP_NODELAY). @default false */
  setNoDelay(isOn = true): void {
    this.begin();
    this.wire?.setNoDelay(isOn);
  }

  /**
   * Whether the system asks an idle peer now and then if it is still there (SO_KEEPALIVE). @default false
   *
   * @param delay milliseconds without anything sent or received before it asks; 0: what the system says, mostly 2 hours
   */
  setKeepAlive(isOn = true, delay = 0): void {
    this.begin();
    this.wire?.setKeepAlive(isOn, delay);
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
    return this.wire?.bytesRead ?? 0;
  }

  /** Bytes sent so far, including those that wait for the kernel. */
  get bytesWritten(): number {
    return this.wire?.bytesWritten ?? 0;
  }

  // What the read path tells

  /** @internal */
  override receivedEnd(): void {
    if (this.ended) return;
    this.ended = true;
    this.arrived();
  }

  /** @internal */
  override failed(error: Error, operation: string): void {
    this.error ??= socketErrorOfEvent(error, operation, this.peer);
    this.arrived();
  }

  /** @internal */
  override disconnected(): void {
    if (!this.ended && !this.closed && this.error === null) this.error = systemError('ECONNABORTED', 'recv', this.peer);
    this.arrived();
  }
}

/** Whether the end of what was sent is about to leave. */
function isEnding(socket: Transport | null): boolean {
  return socket?.writableEnded === true && !socket.writableFinished && socket.writableLength === 0;
}
