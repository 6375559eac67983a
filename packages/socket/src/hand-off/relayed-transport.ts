import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

import type { Address } from '../address';
import { systemError } from '../errors';
import type { Transport } from '../transport';
import { type Failure, type ToRelay, type ToWorker, WINDOW, post } from './relay';

/** Bytes that go to the server in one message. */
const PART = 65_536;

/** The worker's end of a relay: to a `Socket` it is what one of Node's sockets would be. */
export class RelayedTransport extends Duplex implements Transport {
  bytesRead = 0;
  bytesWritten = 0;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remotePort: number | undefined;

  readonly #port: MessagePort;
  /** Bytes that were taken, and of which the server does not know yet. */
  #taken = 0;
  /** What is being written: its rest, and who is to be told. */
  #rest: Buffer | null = null;
  #onWritten: ((error?: Error) => void) | null = null;
  /** Bytes that have gone to the server, and from there not to the kernel yet. */
  #unsent = 0;
  #hasHeardEnd = false;
  #isReset = false;

  constructor(port: MessagePort, local: Address, peer: Address) {
    super({ allowHalfOpen: true, decodeStrings: true });
    this.#port = port;
    if (typeof local !== 'string') [this.localAddress, this.localPort] = local;
    if (typeof peer !== 'string') this.remotePort = peer[1];
    port.on('message', (message: ToWorker) => this.#hear(message)).on('close', () => this.#lost());
  }

  setNoDelay(isOn: boolean): this {
    return this.#tell({ noDelay: isOn });
  }

  setKeepAlive(isOn: boolean, delay: number): this {
    return this.#tell({ keepAlive: isOn, delay });
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    this.#isReset = true;
    return this.destroy();
  }

  override _read(): void {
    // In large numbers, so that small chunks do not cost a message each way.
    if (this.#taken < WINDOW / 4) return;
    this.#tell(this.#taken);
    this.#taken = 0;
  }

  override _write(chunk: Buffer, _encoding: string, onWritten: (error?: Error) => void): void {
    this.#rest = chunk;
    this.#onWritten = onWritten;
    this.bytesWritten += chunk.length;
    this.#writeOn();
  }

  override _final(onFinished: () => void): void {
    this.#tell('end');
    onFinished();
  }

  override _destroy(error: Error | null, onDestroyed: (error: Error | null) => void): void {
    this.#tell(this.#isReset ? 'reset' : 'close');
    this.#port.close();
    const onWritten = this.#onWritten;
    this.#rest = this.#onWritten = null;
    onDestroyed(error);
    onWritten?.(error ?? systemError('ECONNABORTED', 'send'));
  }

  #tell(message: ToRelay): this {
    this.#port.postMessage(message);
    return this;
  }

  #hear(message: ToWorker): void {
    if (message instanceof Uint8Array) {
      this.bytesRead += message.length;
      this.#taken += message.length;
      this.push(Buffer.from(message.buffer));
    } else if (typeof message === 'number') {
      this.#unsent -= message;
      this.#writeOn();
    } else if (message === 'end') {
      this.#hasHeardEnd = true;
      this.push(null);
    } else this.destroy(errorOf(message));
  }

  #writeOn(): void {
    while (this.#rest !== null && this.#rest.length > 0 && this.#unsent < WINDOW) {
      const part = this.#rest.subarray(0, PART);
      post(this.#port, part);
      this.#unsent += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    if (this.#unsent > 0 || this.#onWritten === null) return;
    const onWritten = this.#onWritten;
    this.#rest = this.#onWritten = null;
    onWritten();
  }

  /** The connection is closed. If its end has come before, everything is here, and a slow reader may still take it. */
  #lost(): void {
    if (!this.#hasHeardEnd || this.#onWritten !== null) this.destroy();
  }
}

/** What Node's own socket would have said. */
function errorOf({ code, message, operation }: Failure): Error {
  return Object.assign(new Error(message), { code, syscall: operation === 'send' ? 'write' : 'read' });
}
