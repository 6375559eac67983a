/**
 * A datagram socket: Python's `socket(family, SOCK_DGRAM)` as promises.
 *
 * ```
 *   sendto() ──▶ DatagramChannel ──▶ kernel      resolves when the kernel has it; that it arrives is not promised
 * ```
 *
 * A channel is node:dgram (`AF_INET`, `AF_INET6`) or the package unix-dgram (`AF_UNIX`). What is received is in
 * `datagram-receive-side.ts`.
 *
 * Sources: `Modules/socketmodule.c` of CPython; POSIX `recvfrom`, `sendto`; RFC 768.
 */
import { type Address, formatAddress, sameAddress } from './address';
import { checkAddress } from './check-address';
import { systemClock } from './clock';
import { AF_INET, AF_UNIX, SOCK_DGRAM } from './constants';
import type { DatagramBindOptions, DatagramChannel, DatagramReceiver } from './datagram-channel';
import { DatagramReceiveSide } from './datagram-receive-side';
import { SocketStateError, UnsupportedError, socketError, socketErrorOfEvent, systemError } from './errors';
import { InetDatagrams } from './inet-datagrams';
import type { Pollable } from './pollable';
import type { SocketOptions } from './socket';
import { tolerant } from './tolerant';
import { UnixDatagrams } from './unix-datagrams';

/** Bytes on their way to the kernel: 16 MiB. More come only from sends that nobody awaits. */
const SEND_LIMIT = 16_777_216;
/** Bytes that a datagram on its way counts beside its own: what its promise and its callbacks take. */
const SEND_COST = 256;

/** A socket for datagrams, over UDP or a Unix path. Source: `socket.socket` with `SOCK_DGRAM`. */
export class DatagramSocket extends DatagramReceiveSide implements Pollable {
  /** `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  family: number;

  #channel: DatagramChannel | null = null;
  /** `bind()` or `connect()` is on its way. */
  #isOpening = false;
  #peer: Address | null = null;
  #onError: ((error: Error) => void) | undefined;
  /** Bytes on their way to the kernel. */
  #sending = 0;
  #isBroadcast = false;
  #ttl: number | null = null;
  readonly #receiver: DatagramReceiver = {
    received: (data, from) => this.received(data, from),
    failed: (error) => this.#failed(error),
  };

  /** Like Python's `socket.socket(family, SOCK_DGRAM)`. Nothing is opened yet, so there is nothing to close either. */
  constructor(family: number = AF_INET, options: SocketOptions = {}) {
    super(options.clock ?? systemClock);
    this.family = family;
  }

  /** `SOCK_DGRAM`. */
  get type(): number {
    return SOCK_DGRAM;
  }

  /**
   * Takes the address, and receives from now on. `[host, 0]` takes a free port: see {@link getsockname}. A path's file
   * stays when the socket is closed, as CPython leaves it.
   *
   * Differs from Python: `''` of `AF_UNIX` gives no name, where Linux would choose one.
   *
   * @throws {AddressInUseError} when the port is taken, or a file is at the path; the socket can try again
   * @throws {UnsupportedError} when the address is of another family, or Unix datagrams cannot be had
   */
  async bind(address: Address, options: DatagramBindOptions = {}): Promise<void> {
    this.#check('bind');
    if (this.#channel !== null) throw new SocketStateError('bind: already bound', 'EINVAL', { operation: 'bind' });
    checkAddress('bind', this.family, address);
    const channel = await this.#pending<DatagramChannel>('bind', address, () =>
      typeof address === 'string'
        ? UnixDatagrams.open(address, this.#receiver, this.clock, options)
        : InetDatagrams.open(this.family, address, this.#receiver, options),
    );
    if (this.closed) {
      channel.close(false);
      throw this.closedError('bind');
    }
    this.#onError = options.onError;
    this.#opened(channel);
  }

  /**
   * Makes `address` the default of {@link send}; only its datagrams are received from now on. Nothing is sent.
   *
   * Differs from Python: a UDP socket whose port the system has chosen gets another one when it goes on to a second peer.
   *
   * @throws {SocketError} when the address cannot be used; the socket is open, and has no peer
   */
  async connect(address: Address): Promise<void> {
    const channel = this.#channelFor('connect', address);
    this.#peer = null;
    const peer = await this.#pending('connect', address, () => channel.connect(address));
    if (this.closed) throw this.closedError('connect');
    this.#peer = peer;
  }

  async #pending<T>(operation: string, address: Address, open: () => Promise<T>): Promise<T> {
    this.#isOpening = true;
    try {
      return await open();
    } catch (error) {
      throw this.closed ? this.closedError(operation) : socketError(error, operation, address);
    } finally {
      this.#isOpening = false;
    }
  }

  /** The channel to `address`; a socket that is not bound binds itself, like Python's, to any free port. */
  #channelFor(operation: string, address: Address): DatagramChannel {
    this.#check(operation);
    checkAddress(operation, this.family, address);
    if (this.#channel !== null) return this.#channel;
    return this.#opened(
      typeof address === 'string'
        ? UnixDatagrams.openUnbound(this.#receiver, this.clock)
        : InetDatagrams.openUnbound(this.family, address, this.#receiver),
    );
  }

  #opened<T extends DatagramChannel>(channel: T): T {
    this.#channel = channel;
    if (channel instanceof InetDatagrams) {
      this.family = channel.family;
      if (this.#isBroadcast) channel.setBroadcast(true);
      if (this.#ttl !== null) channel.setTTL(this.#ttl);
    }
    return channel;
  }

  #check(operation: string): void {
    if (this.closed) throw this.closedError(operation);
    if (this.#isOpening) {
      throw new SocketStateError(`${operation}: a bind() or connect() is pending; await it first`, 'EALREADY');
    }
  }

  /**
   * Sends one datagram (a string as UTF-8) and resolves with its length. That it arrives is not promised.
   *
   * Over `AF_UNIX` a receiver that does not read makes it wait, as in Python, `settimeout()` milliseconds at most.
   *
   * @throws {SocketError} `EMSGSIZE`: too long for one datagram; `ENOBUFS`: 16 MiB of sends wait, await them
   * @throws {ConnectionRefusedError} when nobody is at the path; over UDP only on a connected socket
   * @throws {TimeoutError} when the receiver had no room all the time; nothing was sent
   * @throws {SocketStateError} when the socket is closed
   */
  sendto(data: Uint8Array | string, address: Address): Promise<number> {
    try {
      if (address === '') throw noAddress();
      const channel = this.#channelFor('sendto', address);
      const isPeer = this.#peer !== null && sameAddress(this.#peer, address);
      if (this.#peer !== null && !isPeer && channel instanceof InetDatagrams) throw elsewhere(this.#peer, address);
      return this.#send(channel, data, isPeer ? null : address, address);
    } catch (error) {
      return tolerant(Promise.reject(error));
    }
  }

  /** Like {@link sendto}, to the address of {@link connect}. */
  send(data: Uint8Array | string): Promise<number> {
    try {
      this.#check('send');
      if (this.#channel === null || this.#peer === null) throw systemError('EDESTADDRREQ', 'send');
      return this.#send(this.#channel, data, null, this.#peer);
    } catch (error) {
      return tolerant(Promise.reject(error));
    }
  }

  #send(channel: DatagramChannel, data: Uint8Array | string, to: Address | null, address: Address): Promise<number> {
    this.throwKept();
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (!(bytes instanceof Uint8Array)) throw new UnsupportedError('sendto: give bytes or text', 'EINVAL');
    const cost = bytes.length + SEND_COST;
    if (this.#sending + cost > SEND_LIMIT) throw systemError('ENOBUFS', 'sendto', address);
    this.#sending += cost;
    let sent: Promise<number> | null = null;
    let hasFailed = false;
    let hasWaited = false;
    sent = new Promise<number>((resolve, reject) => {
      channel.send(bytes, to, this.timeout, (error) => {
        this.#sending -= cost;
        if (hasWaited && channel.isDrained) this.notify();
        if (error === null) {
          resolve(bytes.length);
          return;
        }
        hasFailed = true;
        reject(this.closed ? this.closedError('sendto') : socketErrorOfEvent(error, 'sendto', address));
        if (sent !== null) void tolerant(sent);
      });
      hasWaited = !channel.isDrained;
    });
    return hasFailed ? tolerant(sent) : sent;
  }

  #failed(reason: unknown): void {
    const error = socketErrorOfEvent(reason, 'recvfrom', this.#peer ?? undefined);
    if (this.#onError === undefined || this.receiving) this.failed(error);
    else this.#onError(error);
  }

  /** The address of this end; `''` for a Unix socket without a name. */
  getsockname(): Address {
    if (this.closed) throw this.closedError('getsockname');
    return this.#channel?.address ?? (this.family === AF_UNIX ? '' : [this.family === AF_INET ? '0.0.0.0' : '::', 0]);
  }

  /** The address that it is connected to. */
  getpeername(): Address {
    if (this.closed) throw this.closedError('getpeername');
    if (this.#peer === null) throw systemError('ENOTCONN', 'getpeername');
    return this.#peer;
  }

  /** The descriptor; -1 when closed or not open yet, and where the system has none (Windows). */
  fileno(): number {
    return this.closed ? -1 : (this.#channel?.fileno() ?? -1);
  }

  /** Whether datagrams may go to broadcast addresses (SO_BROADCAST). @default false */
  setBroadcast(isOn = true): void {
    this.#isBroadcast = isOn;
    if (this.#channel !== null) this.#inet('setBroadcast').setBroadcast(isOn);
  }

  /** How many routers a datagram may pass, 1 to 255 (IP_TTL). @default what the system says, mostly 64 */
  setTTL(hops: number): void {
    if (!(Number.isInteger(hops) && hops >= 1 && hops <= 255)) {
      throw new UnsupportedError(`setTTL: 1 to 255 hops; got ${hops}`, 'EINVAL', { operation: 'setTTL' });
    }
    this.#ttl = hops;
    if (this.#channel !== null) this.#inet('setTTL').setTTL(hops);
  }

  /** Receives what is sent to a multicast group too. @param ownAddress of the interface @default the system's choice */
  addMembership(group: string, ownAddress?: string): void {
    const channel = this.#inet('addMembership');
    attempt('addMembership', group, () => channel.addMembership(group, ownAddress));
  }

  /** Ends {@link addMembership}. */
  dropMembership(group: string, ownAddress?: string): void {
    const channel = this.#inet('dropMembership');
    attempt('dropMembership', group, () => channel.dropMembership(group, ownAddress));
  }

  #inet(operation: string): InetDatagrams {
    this.#check(operation);
    if (this.#channel instanceof InetDatagrams) return this.#channel;
    if (this.family !== AF_UNIX) throw new SocketStateError(`${operation}: bind() comes first`, 'EINVAL');
    throw new UnsupportedError(`${operation}: AF_UNIX has none of it; use AF_INET or AF_INET6`, 'EOPNOTSUPP');
  }

  /** Whether the kernel has taken all that was sent. */
  get writable(): boolean {
    return this.closed || (this.#channel?.isDrained ?? true);
  }

  /** Closes it; what was sent still leaves, unless it waits for its receiver. A path's file stays. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#channel?.close(this.#sending > 0);
    this.dropReceive();
  }

  /** Closes it. Whoever waits on this socket gets `reason`. Idempotent. */
  abort(reason: Error = systemError('ECONNABORTED', 'abort')): void {
    if (!this.closed) this.abortReason = reason;
    this.close();
  }

  /** Like {@link close}, at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

function attempt(operation: string, group: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    throw socketError(error, operation, [group, 0]);
  }
}

function noAddress(): UnsupportedError {
  const message = 'sendto: the receiver has no name; it must bind() a path before others can send to it';
  return new UnsupportedError(message, 'EDESTADDRREQ', { operation: 'sendto', address: '' });
}

function elsewhere(peer: Address, address: Address): SocketStateError {
  const message = `the socket is connected to ${formatAddress(peer)}; use send(), or another socket`;
  return new SocketStateError(`sendto ${formatAddress(address)}: ${message}`, 'EISCONN', {
    operation: 'sendto',
    address,
  });
}
