/**
 * What a connection stands on: one of Node's sockets or, as long as nobody needs more, its bare handle.
 *
 * ```
 *   accepted ──▶ net: Node's socket ──────────────▶ read path
 *   accepted to be handed over ──▶ handle ──begin()──▶ the same, when it is used here after all
 *                                    └──leave()──▶ closed here, and open elsewhere
 *
 *   layer():     net: a TLSSocket, say ──▶ read path
 *              below: what was net before
 * ```
 */
import * as net from 'node:net';
import type { Duplex } from 'node:stream';

import { type Accepted, discard } from './accepted-connection';
import { formatAddress } from './address';
import { closedError } from './closed-error';
import { type ConnectionHandle, socketOfHandle } from './connection-hook';
import { SocketStateError, systemError } from './errors';
import { type ReadPath, type ReadPathOwner, attach, detach, readOn } from './read-path';
import { ReceiveSide } from './receive-side';
import type { Transport } from './transport';

/** A connection without an owner. */
export interface Released {
  readonly net: Transport;
  readonly readPath: ReadPath;
  /** What was read of it already; `null`: nothing. */
  readonly early: Buffer | null;
}

export abstract class TransportSide extends ReceiveSide implements ReadPathOwner {
  /** @internal Node's socket, once there is a connection that is used. */
  protected net: Transport | null = null;
  /** What is below a layer. */
  #below: Transport | null = null;
  #handle: ConnectionHandle | null = null;
  #readPath: ReadPath = 'shared-buffer';
  #isConnection = false;
  #isGiven = false;

  /** @internal */
  abstract receivedEnd(): void;
  /** @internal */
  abstract failed(error: Error, operation: string): void;
  /** @internal */
  abstract disconnected(): void;
  /** Closes at once. */
  abstract abort(reason?: Error): void;

  /** @internal Makes it a connection. */
  protected become({ net, handle, readPath, peer, isHeld }: Accepted): void {
    this.net = net;
    this.#handle = handle;
    this.#isConnection = true;
    this.#readPath = readPath;
    this.peer = peer;
    if (net !== null) attach(net, this, readPath, isHeld);
    this.notify();
  }

  /** @internal Whether there is a connection, open or closed. */
  protected get isConnection(): boolean {
    return this.#isConnection;
  }

  /** @internal Its bare handle, as long as nothing more was needed of it. */
  get handle(): ConnectionHandle | null {
    return this.#handle;
  }

  /** @internal Node's socket for a connection that was held; `null` when there is none. It does not read yet. */
  protected begin(): Transport | null {
    const handle = this.#handle;
    if (handle === null) return this.net;
    this.#handle = null;
    this.net = socketOfHandle(handle, true);
    attach(this.net, this, this.#readPath);
    return this.net;
  }

  /** @internal The connection itself, whether or not there is a layer on it; `null` when there is none, or it is held. */
  protected get wire(): Transport | null {
    return this.#below ?? this.net;
  }

  /**
   * Puts a layer on the connection, such as TLS: from now on, what is received and sent goes through it. The addresses,
   * the options and the bytes counted stay those of the connection. With a layer it cannot be handed over any more.
   *
   * ```ts
   * socket.layer((below) => new TLSSocket(below, { isServer: true, secureContext }));
   * ```
   *
   * @param open makes the layer of Node's socket, or of what stands for it over a relay; what was received and not read
   *   yet is in there again
   * @throws {SocketStateError} when a receive is pending, something sent has not left yet, or there is a layer already
   * @throws {SocketError} what has ended the connection
   * @throws what `open` throws; the connection is closed then
   */
  layer(open: (below: Duplex) => Transport): void {
    this.checkGive('layer');
    if (this.receiving) throw new SocketStateError('layer: a receive is pending on this socket', 'ERR_RECV_PENDING');
    const below = this.begin();
    if (below === null || this.ended) throw new SocketStateError('layer: the peer has ended the stream', 'EINVAL');
    const early = this.#takeEarly();
    detach(below);
    if (early !== null) below.unshift(early);
    try {
      this.net = open(below);
    } catch (error) {
      this.abort();
      throw error;
    }
    this.#below = below;
    this.#readPath = 'data-events';
    attach(this.net, this, 'data-events');
    // Its end was read by then, and the layer will never hear of it. What stands for it over a relay tells its layer itself.
    if (below instanceof net.Socket) below.once('end', () => this.abort());
  }

  /** @internal Closes a connection that was held. */
  protected dropHandle(withReset: boolean): void {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    if (withReset) discard(handle);
    else handle.close();
  }

  /** Whether its connection was given to another thread or process: then it is closed here, and goes on there. */
  get isGiven(): boolean {
    return this.#isGiven;
  }

  /**
   * Whether the connection may be given away, or be given a layer.
   *
   * @internal
   * @throws {SocketStateError} when there is none, it has a layer, or something sent has not left yet
   * @throws {SocketError} what has ended the connection
   */
  checkGive(operation = 'hand over'): void {
    const { net, peer } = this;
    if (this.error !== null) throw this.error;
    if (this.closed || net?.destroyed === true) throw closedError(operation);
    if (!this.isConnection) throw systemError('ENOTCONN', operation);
    const unsent = net?.writableLength ?? 0;
    if (unsent === 0 && this.#below === null) return;
    const why =
      this.#below === null
        ? `${unsent} bytes still wait to be sent; await sendall()`
        : 'it has a layer, whose state is in this thread; do that before layer()';
    const message = `${operation} ${formatAddress(peer)}: ${why}`;
    throw new SocketStateError(message, 'EBUSY', { operation, address: peer });
  }

  /** @internal Whether it has begun to read in a way that cannot be stopped at once. */
  get readsByEvents(): boolean {
    const { net } = this;
    return this.#readPath === 'data-events' && net !== null && (net.readableFlowing !== false || net.bytesRead > 0);
  }

  /** @internal Gives the connection away as it is, after {@link checkGive}. For its owner the socket is closed. */
  release(): Released {
    const net = this.net ?? this.begin();
    if (net === null) throw systemError('ENOTCONN', 'hand over');
    const early = this.#takeEarly();
    this.net = null;
    this.#given();
    return { net, readPath: this.#readPath, early };
  }

  /**
   * Closes this descriptor of a connection that has another one elsewhere, after {@link checkGive}. The peer notices
   * nothing.
   *
   * @internal
   * @returns what was read already
   */
  leave(): Buffer | null {
    const early = this.#takeEarly();
    this.net?.destroy();
    this.dropHandle(false);
    this.#given();
    return early;
  }

  /** @internal Like {@link release} for a bare handle, which whoever calls this has to close; `null` when Node's socket is in use. */
  releaseHandle(): ConnectionHandle | null {
    const handle = this.#handle;
    if (handle === null) return null;
    this.#handle = null;
    this.#given();
    return handle;
  }

  /** Mostly nothing was read; nothing of what was may be lost. Reading makes Node's socket give it to this one. */
  #takeEarly(): Buffer | null {
    while (this.net !== null && this.net.readableLength > 0) this.net.read();
    return this.takeAll();
  }

  #given(): void {
    this.closed = this.#isGiven = true;
    this.dropReceive(() => closedError('recv'));
    this.arrived();
  }

  /** @internal */
  protected override resumeReading(): void {
    const net = this.net ?? this.begin();
    if (net !== null && !this.closed) readOn(net, this.#readPath);
  }

  /** @internal */
  protected override checkReceive(operation: string): void {
    if (this.closed && this.error === null) throw closedError(operation);
    if (!this.isConnection) throw systemError('ENOTCONN', operation);
  }
}
