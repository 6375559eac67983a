/**
 * Text on its way to standard output or standard error.
 *
 * A pipe whose reader has stopped would make Node queue text without end. Here at most `limit` bytes wait; past that,
 * text is dropped and counted, because a server must outlive its log. A closed pipe (`server | head`) is a normal end; a
 * file on a full disk is not, and is tried again with every text.
 */
import type { Writable } from 'node:stream';

export interface BoundedWriterOptions {
  /** Bytes that may wait for the reader. @default 1048576 */
  limit?: number;
  /** Called once when the reader has gone. */
  onClosed?: () => void;
  /** Called when a text could not be written, unless the last one could not either. */
  onFailing?: (error: Error) => void;
  /** Called with the number of texts that were dropped, when the reader is back or at `report()`. */
  onDropped?: (texts: number) => void;
}

export class BoundedWriter {
  /** How many texts were dropped since the start. */
  dropped = 0;
  #reported = 0;
  #closed = false;
  #isFailing = false;
  readonly #stream: Writable;
  readonly #limit: number;
  readonly #options: BoundedWriterOptions;

  constructor(stream: Writable, options: BoundedWriterOptions = {}) {
    this.#stream = stream;
    this.#limit = options.limit ?? 1_048_576;
    this.#options = options;
    stream.on('error', this.#failed);
    stream.on('close', this.#close);
    stream.on('drain', this.report);
  }

  /** True when nobody reads any more; writing then does nothing. */
  get closed(): boolean {
    return this.#closed;
  }

  write(text: string): void {
    if (this.#closed) return;
    if (this.#stream.writableLength >= this.#limit) {
      this.dropped += 1;
      return;
    }
    if (this.#isFailing) this.#stream.write(text, this.#tried);
    else this.#stream.write(text);
  }

  /**
   * Resolves when all that was written has left the process, when the reader has gone, or after `timeout`.
   * @param timeout milliseconds. @default 1000
   */
  flush(timeout = 1000): Promise<void> {
    if (this.#closed || this.#stream.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#stream.off('close', done).off('error', done);
        resolve();
      };
      const timer = setTimeout(done, timeout);
      this.#stream.once('close', done).once('error', done);
      // The callback of an empty write comes after all earlier writes.
      this.#stream.write('', done);
    });
  }

  /** Lets go of the stream, which stays open: standard output is not ours to close. */
  release(): void {
    this.#stream.off('error', this.#failed).off('close', this.#close).off('drain', this.report);
    // Without a listener a late EPIPE would end the process with a stack trace.
    if (!this.#stream.listeners('error').includes(ignore)) this.#stream.on('error', ignore);
  }

  readonly #failed = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE' || !this.#stream.writable) return this.#end();
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.onFailing?.(error);
  };

  readonly #tried = (error?: Error | null): void => {
    if (error == null) this.#isFailing = false;
  };

  /** Standard output says that it is closed after every error, when it is a file, and goes on. */
  readonly #close = (): void => {
    if (!this.#stream.writable) this.#end();
  };

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClosed?.();
  }

  /** Tells `onDropped` of what it has not heard yet. */
  readonly report = (): void => {
    const texts = this.dropped - this.#reported;
    if (texts === 0) return;
    this.#reported = this.dropped;
    this.#options.onDropped?.(texts);
  };
}

function ignore(): void {}
