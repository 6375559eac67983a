/**
 * The way that works everywhere: the connection stays in the server's thread, and its bytes go to the worker and back.
 *
 * ```
 *   server's thread                                   worker's thread
 *   net.Socket ◀──▶ Relay ◀────── MessagePort ──────▶ RelayedTransport ◀──▶ Socket
 * ```
 *
 * Either side has at most {@link WINDOW} bytes on their way that the other one has not used up: beyond that it stops
 * reading, and the peer (or the handler) feels it.
 */
import type { MessagePort } from 'node:worker_threads';

import { type ReadPath, type ReadPathOwner, attach, readOn } from '../read-path';
import type { Transport } from '../transport';

/** Bytes in one direction that the other side may have to keep, and one read more. */
export const WINDOW = 262_144;

/** What a relay tells the worker. A number is how many bytes of the worker's have left. */
export type ToWorker = Uint8Array | number | 'end' | Failure;
/** What a worker tells its relay. A number is how many bytes it has taken. */
export type ToRelay = Uint8Array | number | 'end' | 'close' | 'reset' | Setting;

/** An error of the connection. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly operation: string;
}

/** An option of the connection. */
export type Setting =
  { readonly noDelay: boolean } | { readonly keepAlive: boolean; /** Milliseconds. */ readonly delay: number };

/** Bytes with memory of their own: what else is in the pool of a small buffer does not go to the other side. */
export function post(port: MessagePort, bytes: Uint8Array): void {
  const own = new Uint8Array(bytes.length);
  own.set(bytes);
  port.postMessage(own, [own.buffer]);
}

/** The server's end of a relay. */
export class Relay implements ReadPathOwner {
  readonly #net: Transport;
  readonly #readPath: ReadPath;
  readonly #port: MessagePort;
  readonly #onClose: (relay: Relay) => void;
  /** Bytes that the worker has not taken yet. */
  #untaken = 0;
  #isPaused = false;

  /** @param onClose is called once the connection is closed */
  constructor(net: Transport, readPath: ReadPath, port: MessagePort, onClose: (relay: Relay) => void) {
    this.#net = net;
    this.#readPath = readPath;
    this.#port = port;
    this.#onClose = onClose;
    port.on('message', (message: ToRelay) => this.#hear(message)).on('close', () => net.destroy());
    attach(net, this, readPath);
    if (net.readableEnded) this.receivedEnd();
    else readOn(net, readPath);
  }

  /** Closes the connection at once. */
  close(): void {
    this.#net.destroy();
  }

  received(chunk: Buffer): boolean {
    post(this.#port, chunk);
    this.#untaken += chunk.length;
    this.#isPaused = this.#untaken >= WINDOW;
    return !this.#isPaused;
  }

  receivedEnd(): void {
    this.#tell('end');
  }

  failed(error: NodeJS.ErrnoException, operation: string): void {
    this.#tell({ code: error.code ?? 'ERR_UNKNOWN', message: error.message, operation });
  }

  disconnected(): void {
    this.#port.close();
    this.#onClose(this);
  }

  #tell(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  #hear(message: ToRelay): void {
    const net = this.#net;
    if (typeof message === 'number') this.#taken(message);
    else if (message instanceof Uint8Array) {
      net.write(message, (error) => {
        if (error == null) this.#tell(message.length);
      });
    } else if (message === 'end') net.end();
    else if (message === 'close') net.destroy();
    else if (message === 'reset') reset(net);
    else if ('noDelay' in message) net.setNoDelay(message.noDelay);
    else net.setKeepAlive(message.keepAlive, message.delay);
  }

  #taken(bytes: number): void {
    this.#untaken -= bytes;
    if (!this.#isPaused || this.#untaken > WINDOW / 2) return;
    this.#isPaused = false;
    readOn(this.#net, this.#readPath);
  }
}

/** Over a path there is no reset; and in the short time in which libuv ends a stream it would leave the descriptor open. */
function reset(net: Transport): void {
  const isEnding = net.writableEnded && !net.writableFinished;
  if (net.remotePort === undefined || isEnding) net.destroy();
  else net.resetAndDestroy();
}
