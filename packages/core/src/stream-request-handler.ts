import { type Socket, SocketError } from '@socketserver/socket';

import { BaseRequestHandler } from './base-request-handler';
import { StreamReader } from './stream-reader';
import { StreamWriter } from './stream-writer';

/** What Python's buffers hold unless told otherwise. */
const DEFAULT_BUFFER = 8192;

/**
 * A handler that reads and writes a stream like a file.
 *
 * ```ts
 * class Echo extends StreamRequestHandler {
 *   override async handle() {
 *     for await (const line of this.rfile) await this.wfile.write(line);
 *   }
 * }
 * ```
 *
 * The fields above the methods are settings: a subclass gives them other values.
 *
 * Source: `Lib/socketserver.py`, `StreamRequestHandler`.
 */
export class StreamRequestHandler extends BaseRequestHandler {
  /** Bytes asked of the socket at a time; -1: 64 KiB. @default -1 */
  rbufsize = -1;
  /** Bytes that `wfile` collects before it sends; 0: none; -1: 8192. @default 0 */
  wbufsize = 0;
  /** Milliseconds that each receive and each send may take; `null`: no limit. @default null */
  timeout: number | null = null;
  /** Sends small writes at once (TCP_NODELAY). @default false */
  disableNagleAlgorithm = false;
  /** Bytes of a line, its end included, beyond which `rfile` throws. @default 65536 */
  maxLineLength = 65_536;
  /** Bytes beyond which `rfile.read()` without a size throws. @default 16777216 */
  maxReadLength = 16_777_216;

  /** What the client sends: `for await (const line of this.rfile)`. */
  rfile!: StreamReader;
  /** What the client gets: `await this.wfile.write('hello\n')`. */
  wfile!: StreamWriter;
  /** The same as `request`. */
  connection!: Socket;

  /** Makes `connection`, `rfile` and `wfile`. May be extended: call `super.setup()` first. */
  override setup(): void | Promise<void> {
    this.connection = this.request;
    if (this.timeout !== null) this.connection.settimeout(this.timeout);
    if (this.disableNagleAlgorithm) this.connection.setNoDelay(true);
    this.rfile = new StreamReader(this.connection, {
      maxLineLength: this.maxLineLength,
      maxReadLength: this.maxReadLength,
      chunkSize: this.rbufsize === 0 ? 1 : this.rbufsize > 0 ? this.rbufsize : 65_536,
      beforeLine: () => (this.isDraining ? this.leave() : null),
    });
    this.wfile = new StreamWriter(this.connection, this.wbufsize < 0 ? DEFAULT_BUFFER : this.wbufsize);
  }

  /** Sends what `wfile` still holds; that the peer has gone is no error here. May be extended: call `super.finish()`. */
  override finish(): void | Promise<void> {
    if (this.wfile.buffered === 0) return;
    return this.wfile.flush().catch((error: unknown) => {
      if (!(error instanceof SocketError)) throw error;
    });
  }

  override get isBetweenMessages(): boolean {
    // Not there yet while a setup() of someone's own runs.
    return (this.rfile as StreamReader | undefined)?.isBetweenLines ?? false;
  }
}
