/**
 * A stream socket: Python's `socket` object as promises over `node:net`.
 *
 * It begins unconnected (`socket()`) and takes one of two roles: a connection (by `connect()`, or out of `accept()`), or
 * a listener (by `bind()` and `listen()`). What a connection does is in `receive-side.ts` and `stream-side.ts`.
 *
 * Sources: `Modules/socketmodule.c` and `Lib/socket.py` of CPython; POSIX `send`, `shutdown`, `close`.
 */
import type { Accepted } from './accepted-connection';
import { type Address, familyOf } from './address';
import { checkAddress } from './check-address';
import { type Clock, systemClock } from './clock';
import { closedError } from './closed-error';
import { type ConnectOptions, connectNet } from './connect';
import { AF_INET, SOCK_STREAM, SOMAXCONN } from './constants';
import { SocketStateError, systemError, timedOut } from './errors';
import { type ListenOptions, checkBacklog } from './listen-options';
import { Listener } from './listener';
import type { Pollable, Watcher } from './pollable';
import { StreamSide } from './stream-side';

/** What a socket is made with, beside its family. */
export interface SocketOptions {
  /** What timeouts are measured by; accepted connections inherit it. @default systemClock */
  readonly clock?: Clock | undefined;
}

/** A stream socket, over TCP or a Unix path: a connection or a listener. Source: `socket.socket`. */
export class Socket extends StreamSide implements Pollable {
  /** `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  family: number;

  #listener: Listener | null = null;
  /** `bind()` or `connect()` is on its way. */
  #isOpening = false;
  #cancelConnect: ((reason: Error) => void) | null = null;

  /** `SOCK_STREAM`. */
  get type(): number {
    return SOCK_STREAM;
  }

  /** Like Python's `socket.socket(family)`. Nothing is opened yet, so there is nothing to close either. */
  constructor(family: number = AF_INET, options: SocketOptions = {}) {
    super(options.clock ?? systemClock, '');
    this.family = family;
  }

  /** @internal */
  static of(connection: Accepted, family: number, clock: Clock): Socket {
    const socket = new Socket(family, { clock });
    socket.become(connection);
    return socket;
  }

  // The listener's role

  /**
   * Takes the address. `[host, 0]` takes a free port: see {@link getsockname}.
   *
   * Differs from Python: Node binds and listens in one step, so clients can already wait in the backlog.
   *
   * The file of a path stays when the socket is closed, as CPython leaves it: see `removeStale`.
   *
   * @throws {AddressInUseError} when the port is taken, or a file is at the path; the socket can try again
   * @throws {UnsupportedError} when a path is given to an Internet socket, or the reverse
   * @throws {SocketError} when the address cannot be bound for another reason
   */
  async bind(address: Address, options: ListenOptions = {}): Promise<void> {
    if (this.closed) throw closedError('bind');
    if (this.isConnection || this.#listener !== null) throw new SocketStateError('bind: already bound', 'EINVAL');
    checkAddress('bind', this.family, address);
    const listener = await this.#open('bind', () =>
      Listener.open(address, { ...options, clock: options.clock ?? this.clock }, this.family),
    );
    if (this.isClosed) {
      listener.close();
      throw this.error ?? closedError('bind');
    }
    this.#listener = listener;
    this.family = listener.family;
  }

  /** Two at once would leave one of the two sockets open with nobody to close it. */
  async #open<T>(operation: string, open: () => Promise<T>): Promise<T> {
    if (this.#isOpening) throw new SocketStateError(`${operation}: another bind() or connect() is pending`, 'EALREADY');
    this.#isOpening = true;
    try {
      return await open();
    } finally {
      this.#isOpening = false;
    }
  }

  /** Lets `accept()` begin. @param backlog how many connections wait in the kernel @default 1024 */
  async listen(backlog: number = SOMAXCONN): Promise<void> {
    const listener = this.#listener;
    if (this.closed) throw closedError('listen');
    if (listener === null) throw new SocketStateError('listen: bind() comes first', 'EDESTADDRREQ');
    listener.backlog = checkBacklog(backlog);
    listener.isListening = true;
  }

  /**
   * The next connection, and the address of its other end. One connection is taken from the kernel for each call.
   *
   * @throws {TimeoutError} after `settimeout()` milliseconds
   * @throws {SocketStateError} when the socket is not listening, or is closed while it waits
   */
  async accept(): Promise<[Socket, Address]> {
    const listener = this.#listenerFor('accept');
    const start = this.clock.now();
    for (;;) {
      const accepted = this.acceptNow();
      if (accepted !== undefined) return accepted;
      if (listener.isClosed) throw this.error ?? closedError('accept');
      if (this.timeout === 0) throw systemError('EAGAIN', 'accept', listener.address);
      await this.#connection(listener, start);
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

  /** Whether `listen()` was called, and it is open. */
  get isListening(): boolean {
    return !this.isClosed && this.#listener?.isListening === true;
  }

  #listenerFor(operation: string): Listener {
    if (this.#listener?.isListening === true) return this.#listener;
    throw this.closed ? closedError(operation) : new SocketStateError(`${operation}: listen() comes first`, 'EINVAL');
  }

  /** Waits until a connection has come, or this socket is closed; `start` is when the timeout began to run. */
  #connection(listener: Listener, start: number): Promise<void> {
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
      const timer = ms === null ? null : this.clock.setTimeout(giveUp, start + ms - this.clock.now());
      listener.watch(watcher);
    });
  }

  // The connection's role

  /**
   * Connects to a listener. A socket that was bound before connects from that address.
   *
   * Differs from Python: with a timeout of 0 nothing is begun.
   *
   * @throws {ConnectionRefusedError} when nobody listens there; the socket can try again
   * @throws {TimeoutError} after `settimeout()`, or `options.timeout`, milliseconds; the socket can try again
   * @throws {BlockingIOError} when the timeout is 0
   * @throws {GetAddressInfoError} when the host's name is not known
   */
  async connect(address: Address, options: ConnectOptions = {}): Promise<void> {
    if (this.closed) throw closedError('connect');
    if (this.isConnection) throw new SocketStateError('connect: already connected', 'EISCONN');
    checkAddress('connect', this.family, address);
    await this.#open('connect', () => this.#connect(address, options));
  }

  async #connect(address: Address, options: ConnectOptions): Promise<void> {
    const source = this.#listener === null || typeof address === 'string' ? undefined : this.#listener.address;
    this.#listener?.close();
    this.#listener = null;
    const sourceAddress = options.sourceAddress ?? (typeof source === 'string' ? undefined : source);
    const timeout = options.timeout === undefined ? this.timeout : options.timeout;
    const settings = { ...options, timeout, sourceAddress };
    const connecting = connectNet(address, settings, this.clock, (cancel) => (this.#cancelConnect = cancel));
    const socket = await connecting.finally(() => (this.#cancelConnect = null));
    if (this.closed) {
      socket.destroy();
      throw this.error ?? closedError('connect');
    }
    const { remoteAddress: host, remotePort: port, remoteFamily: family } = socket;
    const peer: Address =
      typeof address === 'string' || host === undefined || port === undefined ? address : [host, port];
    this.family = family === undefined ? familyOf(address) : familyOf(peer);
    this.become({ net: socket, handle: null, readPath: 'shared-buffer', peer, isHeld: false });
  }

  /** The address of the other end; `''` for a Unix socket without a name. */
  getpeername(): Address {
    if (!this.isConnection) throw this.closed ? closedError('getpeername') : systemError('ENOTCONN', 'getpeername');
    return this.peer;
  }

  /** The address of this end. */
  getsockname(): Address {
    if (this.#listener !== null) return this.#listener.address;
    this.begin();
    const { localAddress: host, localPort: port } = this.wire ?? {};
    return host === undefined || port === undefined ? '' : [host, port];
  }

  /** The descriptor; -1 when closed or not open yet, and where the system has none (Windows). */
  fileno(): number {
    if (this.closed) return -1;
    if (this.#listener !== null) return this.#listener.fileno();
    return (this.handle ?? (this.wire as { _handle?: { fd?: number } | null } | null)?._handle)?.fd ?? -1;
  }

  /** Closes it, whatever its role. A connection is closed after what was sent has left. Idempotent. */
  override close(): void {
    this.#cancelConnect?.(closedError('connect'));
    this.#listener?.close();
    super.close();
  }

  /** Closes at once, and gives up what was on its way. Whoever waits on this socket gets `reason`. Idempotent. */
  override abort(reason?: Error): void {
    this.#listener?.close();
    super.abort(reason);
    if (this.error !== null) this.#cancelConnect?.(this.error);
  }

  // Pollable

  override get readable(): boolean {
    return this.#listener === null ? super.readable : this.#listener.readable;
  }

  get writable(): boolean {
    return this.error !== null || this.closed || this.net?.writableLength === 0 || this.handle !== null;
  }

  get exceptional(): boolean {
    return this.error !== null;
  }

  override watch(watcher: Watcher): void {
    if (this.#listener !== null) this.#listener.watch(watcher);
    else super.watch(watcher);
  }

  override unwatch(watcher: Watcher): void {
    this.#listener?.unwatch(watcher);
    super.unwatch(watcher);
  }

  /** Like {@link close}, at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
