/** What plugins print, on standard output. */
import { Output } from '@socketserver/core';
import type { BoundedWriter } from './bounded-writer';

/** The `Output` service over standard output, or over any stream. */
export class StreamOutput extends Output {
  readonly #writer: BoundedWriter;

  constructor(writer: BoundedWriter) {
    super();
    this.#writer = writer;
  }

  /** Writes text as it is; what came from a peer should go through `escapeControls()` first. */
  override write(text: string): void {
    this.#writer.write(text);
  }
}
