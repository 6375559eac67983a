import type { SlateReference } from './slate';
import { slateWriter } from './slate';

/**
 * Which handlers of a worker are at work, and wait for nothing that the server knows of: one of them computes when the
 * worker does not answer. The one that has begun last is it, unless it waits again; then the oldest of the others.
 */
export class WorkLog {
  readonly #note: (id: number) => void;
  readonly #working = new Set<number>();
  #noted = 0;

  constructor(reference: SlateReference) {
    this.#note = slateWriter(reference);
  }

  /** The handler of this request goes on. */
  begins(id: number): void {
    this.#working.add(id);
    this.#write(id);
  }

  /** It waits for its peer, or has ended. */
  rests(id: number): void {
    if (!this.#working.delete(id) || this.#noted !== id) return;
    const [oldest = 0] = this.#working;
    this.#write(oldest);
  }

  #write(id: number): void {
    if (this.#noted === id) return;
    this.#noted = id;
    this.#note(id);
  }
}
