import type { DatagramSocket } from '@socketserver/socket';

import { BaseRequestHandler } from './base-request-handler';
import type { DatagramRequest } from './datagram-request';
import { PacketSource } from './packet-source';
import { PacketWriter } from './packet-writer';
import { StreamReader } from './stream-reader';

/**
 * A handler that reads one datagram like a file, and answers with what it has written.
 *
 * ```ts
 * class Upper extends DatagramRequestHandler {
 *   override async handle() {
 *     await this.wfile.write((await this.rfile.readline()).toString().toUpperCase());
 *   }
 * }
 * ```
 *
 * Source: `Lib/socketserver.py`, `DatagramRequestHandler`.
 */
export class DatagramRequestHandler extends BaseRequestHandler<DatagramRequest> {
  /** What has come. */
  packet!: Buffer;
  /** The server's socket: not to be closed here. */
  socket!: DatagramSocket;
  /** Reads from `packet`. */
  rfile!: StreamReader;
  /** Collects the answer. */
  wfile!: PacketWriter;

  /** Makes `packet`, `socket`, `rfile` and `wfile`. May be extended: call `super.setup()` first. */
  override setup(): void | Promise<void> {
    [this.packet, this.socket] = this.request;
    // What a packet holds is bounded already.
    const limits = { maxLineLength: Infinity, maxReadLength: Infinity, chunkSize: Infinity };
    this.rfile = new StreamReader(new PacketSource(this.packet), limits);
    this.wfile = new PacketWriter();
  }

  /**
   * Sends what was written, as one datagram. May be extended: call `super.finish()`.
   *
   * Differs from Python: when nothing was written nothing is sent. To answer with an empty datagram, write one:
   * `wfile.write('')`.
   *
   * @throws {SocketError} when it cannot be sent: the server is closed, the datagram is too long
   */
  override async finish(): Promise<void> {
    if (this.wfile.isUsed) await this.socket.sendto(this.wfile.getvalue(), this.clientAddress);
  }
}
