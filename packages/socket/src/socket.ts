/**
 * A stream socket: Python's `socket` object as promises over `node:net`.
 *
 * It begins unconnected (`socket()`) and takes one of two roles: a connection (by `connect()`, or out of `accept()`), or
 * a listener (by `bind()` and `listen()`). The receiving half of a connection is in `receive-side.ts`; here are
 * sending, the ends, and the ways into the roles.
 *
 * Sources: `Modules/socketmodule.c` and `Lib/socket.py` of CPython; POSIX `send`, `shutdown`, `close`.
 */
import type * as net from 'node:net';

import { type Address, type InetAddress, familyOf } from './address';
import { type Clock, systemClock } from './clock';
import { type ConnectOptions, connectNet } from './connect';
import { AF_INET, SHUT_RD, SHUT_RDWR, SHUT_WR, SOCK_STREAM, SOMAXCONN } from './constants';
import { SocketError, SocketStateError, UnsupportedError, socketError, systemError, timedOut } from './errors';
import { type Accepted, type ListenOptions, Listener } from './listener';
import type { Pollable, Watcher } from './pollable';
import { EMPTY } from './receive-buffer';
import { type ReadPath, type ReadPathOwner, attach, readOn } from './read-path';
import { ReceiveSide } from './receive-side';

/** Bytes that one `send()` takes at most. */
const SEND_LIMIT = 65_536;
const SENT = Promise.resolve();

export interface SocketOptions {
  /** What timeouts are measured by; accepted connections inherit it. @default systemClock */
  readonly clock?: Clock | undefined;
}

export class Socket extends ReceiveSide implements Pollable, ReadPathOwner {
  /** `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  family: number;
  readonly type: number = SOCK_STREAM;

  #net: net.Socket | null = null;
  #readPath: ReadPath = 'shared-buffer';
  #listener: Listener | null = null;
  #isListening = false;

  /** Like Python's `socket.socket(family)`. Nothing is opened yet, so there is nothing to close either. */
  constructor(family: number = AF_INET, options: SocketOptions = {}) {
    super(options.clock ?? systemClock, '');
    this.family = family;
  }

  /** @internal */
  static of(connection: Accepted, family: number, clock: Clock): Socket {
    const socket = new Socket(family, { clock });
    socket.#become(connection);
    return socket;
  }

  #become({ net, readPath, peer }: Accepted): void {
    this.#net = net;
    this.#readPath = readPath;
    this.peer = peer;
    attach(net, this, readPath);
  }

  // The listener's role

  /**
   * Takes the address. `[host, 0]` takes a free port: see {@link getsockname}.
   *
   * Differs from Python: Node binds and listens in one step, so clients can already wait in the backlog.
   *
   * @throws {AddressInUseError} when the port is taken; the socket can try again
   * @throws {SocketError} when the address cannot be bound for another reason
   */
  async bind(address: Address, options: ListenOptions = {}): Promise<void> {
    if (this.#net !== null || this.#listener !== null) throw new SocketStateError('bind: already bound', 'EINVAL');
    if (this.closed) throw closedError('bind');
    this.#listener = await Listener.open(address, { clock: this.clock, ...options });
    this.family = this.#listener.family;
  }

  /** Lets `accept()` begin. @param backlog how many connections wait in the kernel @default 1024 */
  listen(backlog: number = SOMAXCONN): Promise<void> {
    const listener = this.#listener;
    if (listener === null) return Promise.reject(new SocketStateError('listen: bind() comes first', 'EDESTADDRREQ'));
    listener.backlog = backlog;
    this.#isListening = true;
    return Promise.resolve();
  }

  /**
   * The next connection, and the address of its other end. One connection is taken from the kernel for each call.
   *
   * @throws {TimeoutError} after `settimeout()` milliseconds
   * @throws {SocketStateError} when the socket is not listening, or is closed while it waits
   */
  async accept(): Promise<[Socket, Address]> {
    const listener = this.#listenerFor('accept');
    for (;;) {
      const accepted = this.acceptNow();
      if (accepted !== undefined) return accepted;
      if (listener.isClosed) throw closedError('accept');
      if (this.timeout === 0) throw systemError('EAGAIN', 'accept', listener.address);
      await this.#connection(listener);
    }
  }

  /** A connection that is there already; `undefined` when there is none. */
  acceptNow(): [Socket, Address] | undefined {
    const listener = this.#listenerFor('accept');
    const accepted = listener.acceptNow();
    return accepted === undefined ? undefined : [Socket.of(accepted, listener.family, this.clock), accepted.peer];
  }

  /** The accept gate of this listener: see `Listener`. */
  get gate(): Pick<Listener, 'resume' | 'suspend' | 'hasGate'> {
    return this.#listenerFor('gate');
  }

  #listenerFor(operation: string): Listener {
    if (this.#listener !== null && this.#isListening) return this.#listener;
    throw this.closed ? closedError(operation) : new SocketStateError(`${operation}: listen() comes first`, 'EINVAL');
  }

  /** Waits until a connection has come, or this socket is closed. */
  #connection(listener: Listener): Promise<void> {
    return new Promise((resolve, reject) => {
      const ms = this.timeout;
      const watcher = (): void => {
        timer?.cancel();
        listener.unwatch(watcher);
        resolve();
      };
      const giveUp = (): void => {
        listener.unwatch(watcher);
        reject(timedOut('accept', ms ?? 0, listener.address));
      };
      const timer = ms === null ? null : this.clock.setTimeout(giveUp, ms);
      listener.watch(watcher);
    });
  }

  // The connection's role

  /**
   * Connects to a listener. A socket that was bound before connects from that address.
   *
   * @throws {ConnectionRefusedError} when nobody listens there; the socket can try again
   * @throws {TimeoutError} after `settimeout()`, or `options.timeout`, milliseconds
   * @throws {GetAddressInfoError} when the host's name is not known
   */
  async connect(address: Address, options: ConnectOptions = {}): Promise<void> {
    if (this.#net !== null) throw new SocketStateError('connect: already connected', 'EISCONN');
    if (this.closed) throw closedError('connect');
    const source = this.#listener === null || typeof address === 'string' ? undefined : this.#listener.address;
    this.#listener?.close();
    this.#listener = null;
    const sourceAddress = typeof source === 'string' ? undefined : source;
    const socket = await connectNet(address, { timeout: this.timeout, sourceAddress, ...options });
    const { remoteAddress: host, remotePort: port, remoteFamily: family } = socket;
    const peer: Address =
      typeof address === 'string' || host === undefined || port === undefined ? address : [host, port];
    this.family = family === undefined ? familyOf(address) : familyOf(peer);
    this.#become({ net: socket, readPath: 'shared-buffer', peer });
  }

  /**
   * Sends some of `data`, at most 64 KiB, and resolves with how many bytes the kernel took. For all of it: `sendall`.
   *
   * @throws {BrokenPipeError} when this side or the peer has ended the connection
   */
  async send(data: Uint8Array | string): Promise<number> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const part = bytes.length > SEND_LIMIT ? bytes.subarray(0, SEND_LIMIT) : bytes;
    await this.sendall(part);
    return part.length;
  }

  /**
   * Sends all of `data` (a string as UTF-8) and resolves when the kernel has its last byte: it waits for a slow peer.
   *
   * @throws {BrokenPipeError} when this side or the peer has ended the connection
   * @throws {ConnectionResetError} when the peer reset it
   * @throws {TimeoutError} after `settimeout()` milliseconds; what was given still goes out while the socket is open
   */
  sendall(data: Uint8Array | string): Promise<void> {
    const socket = this.#net;
    if (!socket?.writable) return Promise.reject(this.#sendError());
    socket.write(data);
    // Mostly the kernel has taken everything within write(): then nothing needs to wait, and no promise is made.
    return socket.writableLength === 0 && !socket.destroyed ? SENT : this.#flushed(socket);
  }

  /** Waits for what was written. The empty write is called back after all that came before it. */
  #flushed(socket: net.Socket): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const ms = this.timeout;
      const timer = ms === null ? null : this.clock.setTimeout(() => reject(timedOut('send', ms, this.peer)), ms);
      this.observer?.waits('send');
      socket.write(EMPTY, (error) => {
        timer?.cancel();
        if (error == null) resolve();
        else reject(this.error ?? socketError(error, 'send', this.peer));
      });
    }).finally(() => this.observer?.resumes());
  }

  #sendError(): Error {
    if (this.error !== null) return this.error;
    if (this.closed) return closedError('send');
    if (this.#net === null) return new SocketStateError('send: the socket is not connected', 'ENOTCONN');
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
    if (this.#net === null) throw this.closed ? closedError('shutdown') : systemError('ENOTCONN', 'shutdown');
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) {
      throw new UnsupportedError(`shutdown: use SHUT_RD, SHUT_WR or SHUT_RDWR; got ${how}`, 'EINVAL');
    }
    if (how !== SHUT_RD && this.#net.writable) this.#net.end();
    if (how !== SHUT_WR) this.receivedEnd();
  }

  /** Closes at once or, if something sent is still on its way to the kernel, after that. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#listener?.close();
    this.dropReceive(closedError('recv'));
    if (this.#net?.writableLength === 0) this.#net.destroy();
    else this.#net?.destroySoon();
    this.arrived();
  }

  /** Closes at once, and gives up what was on its way. Whoever waits on this socket gets `reason`. Idempotent. */
  abort(reason: Error = systemError('ECONNABORTED', 'abort', this.peer)): void {
    if (this.closed && this.#net?.destroyed !== false) return;
    this.error ??= reason;
    this.closed = true;
    this.#listener?.close();
    this.dropReceive(this.error);
    this.#net?.destroy();
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
    this.#net?.setNoDelay(isOn);
  }

  /** The address of the other end; `''` for a Unix socket without a name. */
  getpeername(): Address {
    if (this.#net === null) throw this.closed ? closedError('getpeername') : systemError('ENOTCONN', 'getpeername');
    return this.peer;
  }

  /** The address of this end. */
  getsockname(): Address {
    if (this.#listener !== null) return this.#listener.address;
    const { localAddress: host, localPort: port } = this.#net ?? {};
    return host === undefined || port === undefined ? '' : ([host, port] satisfies InetAddress);
  }

  /** The descriptor; -1 when closed or not open yet, and where the system has none (Windows). */
  fileno(): number {
    if (this.closed) return -1;
    if (this.#listener !== null) return this.#listener.fileno();
    return (this.#net as { _handle?: { fd?: number } | null } | null)?._handle?.fd ?? -1;
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
    return this.#net?.bytesRead ?? 0;
  }

  /** Bytes sent so far, including those that wait for the kernel. */
  get bytesWritten(): number {
    return this.#net?.bytesWritten ?? 0;
  }

  // Pollable

  override get readable(): boolean {
    return this.#listener === null ? super.readable : this.#listener.readable;
  }

  get writable(): boolean {
    return this.error !== null || (this.#net?.writable === true && this.#net.writableLength === 0);
  }

  get exceptional(): boolean {
    return this.error !== null;
  }

  override watch(watcher: Watcher): void {
    if (this.#listener !== null) {
      this.#listener.watch(watcher);
      return;
    }
    super.watch(watcher);
    if (this.#net !== null && this.#net.writableLength > 0) this.#net.write(EMPTY, () => watcher());
  }

  override unwatch(watcher: Watcher): void {
    this.#listener?.unwatch(watcher);
    super.unwatch(watcher);
  }

  // What the read path tells

  /** @internal */
  receivedEnd(): void {
    if (this.ended) return;
    this.ended = true;
    this.arrived();
  }

  /** @internal */
  failed(error: SocketError): void {
    this.error ??= error;
    this.arrived();
  }

  /** @internal */
  disconnected(): void {
    if (!this.ended && !this.closed && this.error === null) this.error = systemError('ECONNABORTED', 'recv', this.peer);
    this.arrived();
  }

  protected override resumeReading(): void {
    if (this.#net !== null && !this.closed) readOn(this.#net, this.#readPath);
  }

  protected override checkReceive(operation: string): void {
    if (this.closed && this.error === null) throw closedError(operation);
    if (this.#net === null) throw systemError('ENOTCONN', operation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

function closedError(operation: string): SocketError {
  return new SocketStateError(`${operation}: the socket is closed`, 'EBADF', { operation });
}
