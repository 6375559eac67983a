/**
 * A server for TCP, over IPv4 or IPv6.
 *
 * Source: `Lib/socketserver.py`, `TCPServer`.
 */
import {
  type Address,
  ConnectionAbortedError,
  SHUT_WR,
  SOCK_STREAM,
  Socket,
  SocketError,
  familyOf,
} from '@socketserver/socket';

import { BaseServer } from './base-server';
import { DatagramRequestHandler } from './datagram-request-handler';
import { OptionError } from './errors';
import type { MaybePromise } from './maybe-promise';

/**
 * Serves one connection at a time: the next ones wait in the kernel's backlog.
 *
 * The fields are settings: a subclass gives them other values.
 */
export class TCPServer extends BaseServer<Socket> {
  /** `AF_INET` or `AF_INET6`. @default what the address is */
  addressFamily: number;
  /** `SOCK_STREAM`. */
  readonly socketType: number = SOCK_STREAM;
  /** Connections that wait in the kernel. Differs from Python, whose 5 resets bursts of clients. @default 1024 */
  requestQueueSize = 1024;
  /** libuv always sets SO_REUSEADDR on Unix, so that this has no effect there. Differs from Python. @default false */
  allowReuseAddress = false;
  /** Several processes may serve one port (SO_REUSEPORT). Needs Node 22.12, or 23.1 or later. @default false */
  allowReusePort = false;

  declare socket: Socket;

  constructor(...args: ConstructorParameters<typeof BaseServer<Socket>>) {
    super(...args);
    this.checkAddress();
    this.addressFamily = familyOf(this.serverAddress);
  }

  /**
   * Binds and listens: one step in Node. Afterwards `serverAddress` has the real port. Differs from Python, which listens
   * in `serverActivate()`. May be extended: call `super.serverBind()`.
   *
   * @throws {AddressInUseError} when the port is taken; the socket is closed
   */
  override serverBind(): MaybePromise<void> {
    return this.#bind();
  }

  override serverActivate(): MaybePromise<void> {
    this.refuseHandlers(DatagramRequestHandler, 'reads datagrams; for a stream extend StreamRequestHandler');
    return this.#activate();
  }

  async #activate(): Promise<void> {
    await super.serverActivate();
    await this.socket.listen(this.requestQueueSize);
  }

  async #bind(): Promise<void> {
    const { clock, dualStack, removeStale = this.allowReuseAddress } = this.options;
    // Here already, so that a serverClose() meanwhile has something to close.
    const socket = (this.socket = new Socket(this.addressFamily, { clock }));
    try {
      await socket.bind(this.serverAddress, {
        backlog: this.requestQueueSize,
        reusePort: this.allowReusePort,
        removeStale,
        dualStack,
        handOver: this.handsOver,
        onError: (error) => this.report(error),
      });
    } catch (error) {
      (this as { socket: Socket | undefined }).socket = undefined;
      throw error;
    }
    this.serverAddress = socket.getsockname();
  }

  /** The next connection. Called when one is there. May be overridden. */
  override getRequest(): MaybePromise<readonly [request: Socket, clientAddress: Address]> {
    const isThere = this.socket.readable;
    const accepted = this.socket.acceptNow();
    if (accepted !== undefined) return accepted;
    // Its peer has gone while it waited in the queue. Who waits for another one then does not see a shutdown.
    if (isThere) throw new ConnectionAbortedError('accept: the peer has gone before it was served', 'ECONNABORTED');
    return this.socket.accept();
  }

  /** Ends the stream, so that the peer reads its end, and closes. May be extended: call `closeRequest()`. */
  override shutdownRequest(request: Socket): MaybePromise<void> {
    endStream(request);
    return this.closeRequest(request);
  }

  /** Closes the connection. May be extended: call `super.closeRequest()`. */
  override closeRequest(request: Socket): MaybePromise<void> {
    request.close();
    return super.closeRequest(request);
  }

  /** @throws {OptionError} when this server cannot serve at its address. Called by the constructor. */
  protected checkAddress(): void {
    checkInetAddress(this.serverAddress);
  }
}

/** Lets the peer of a connection read the end of the stream, if it is still there. */
export function endStream(connection: Socket): void {
  try {
    if (!connection.isClosed) connection.shutdown(SHUT_WR);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
  }
}

/** @throws {OptionError} also for what only JavaScript lets through */
export function checkInetAddress(address: unknown): void {
  const [host, port] = Array.isArray(address) ? (address as unknown[]) : [];
  if (typeof host === 'string' && Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535) return;
  throw new OptionError('address', address, "a host and a port, 0 to 65535, such as ['127.0.0.1', 9999]");
}
