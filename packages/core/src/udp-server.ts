/**
 * A server for datagrams. One datagram is one request, and its answers leave by the server's socket.
 *
 * Source: `Lib/socketserver.py`, `UDPServer`.
 */
import { type Address, DatagramSocket, SOCK_DGRAM, familyOf } from '@socketserver/socket';

import { BaseServer } from './base-server';
import type { DatagramRequest } from './datagram-request';
import { type MaybePromise, isPromise } from './maybe-promise';
import { StreamRequestHandler } from './stream-request-handler';
import { checkInetAddress } from './tcp-server';

/** Requests that run at a time unless `maxConnections` says otherwise; more wait in the socket's queue. */
const MOST_REQUESTS = 1024;

/**
 * Serves one datagram at a time: the next ones wait in the socket's queue, and are dropped when that is full.
 *
 * The fields are settings: a subclass gives them other values.
 *
 * Differs from Python: it is no kind of `TCPServer`, because its requests are of another type. When it is closed, its
 * handlers can still answer until they end.
 */
export class UDPServer extends BaseServer<DatagramRequest> {
  /** `AF_INET` or `AF_INET6`. @default what the address is */
  addressFamily: number;
  /** `SOCK_DGRAM`. */
  readonly socketType: number = SOCK_DGRAM;
  /** Bytes of a datagram at most; the rest of a larger one is lost. @default 8192 */
  maxPacketSize = 8192;
  /** Takes an address that is in use by another socket with this option (SO_REUSEADDR). @default false */
  allowReuseAddress = false;
  /** Several processes may serve one port (SO_REUSEPORT). Needs Node 22.12, or 23.1 or later. @default false */
  allowReusePort = false;

  declare socket: DatagramSocket;

  constructor(...args: ConstructorParameters<typeof BaseServer<DatagramRequest>>) {
    super(...args);
    this.checkAddress();
    this.addressFamily = familyOf(this.serverAddress);
  }

  /**
   * Takes the address. Afterwards `serverAddress` has the real port. May be extended: call `super.serverBind()`.
   *
   * @throws {AddressInUseError} when the address is taken; the socket is closed
   */
  override serverBind(): MaybePromise<void> {
    return this.#bind();
  }

  async #bind(): Promise<void> {
    const { clock, dualStack, removeStale = this.allowReuseAddress } = this.options;
    // Here already, so that a serverClose() meanwhile has something to close.
    const socket = (this.socket = new DatagramSocket(this.addressFamily, { clock }));
    try {
      await socket.bind(this.serverAddress, {
        reuseAddress: this.allowReuseAddress,
        reusePort: this.allowReusePort,
        removeStale,
        dualStack,
        onError: (error) => this.report(error),
      });
    } catch (error) {
      (this as { socket: DatagramSocket | undefined }).socket = undefined;
      throw error;
    }
    this.serverAddress = socket.getsockname();
  }

  override serverActivate(): MaybePromise<void> {
    this.refuseHandlers(StreamRequestHandler, 'reads a stream; for datagrams extend DatagramRequestHandler');
    return super.serverActivate();
  }

  /** The next datagram, with the socket to answer by. Called when one is there. May be overridden. */
  override getRequest(): MaybePromise<readonly [request: DatagramRequest, clientAddress: Address]> {
    const { socket, maxPacketSize } = this;
    const received = socket.recvNow(maxPacketSize) ?? socket.recvfrom(maxPacketSize);
    if (isPromise(received)) return received.then(([packet, address]) => [[packet, socket], address]);
    return [[received[0], socket], received[1]];
  }

  protected override get defaultMaxConnections(): number {
    return MOST_REQUESTS;
  }

  protected override get answersBySocket(): boolean {
    return true;
  }

  /** @throws {OptionError} when this server cannot serve at its address. Called by the constructor. */
  protected checkAddress(): void {
    checkInetAddress(this.serverAddress);
  }
}
