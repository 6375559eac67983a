/**
 * Collects what one turn of the code has to send, so that it goes as one message.
 *
 * What is all primitives waits for the end of the turn, a microtask, or for whatever else the owner says. What has objects
 * in it goes at once, after all that waits, because whoever owns them may change them in the next line.
 */
export class Outbox<T> {
  readonly #send: (items: readonly T[]) => void;
  readonly #later: (flush: () => void) => void;
  #items: T[] = [];

  /**
   * @param send posts them; throws when one of them cannot be cloned, and has then sent nothing
   * @param later calls back when the turn is over
   */
  constructor(send: (items: readonly T[]) => void, later: (flush: () => void) => void = queueMicrotask) {
    this.#send = send;
    this.#later = later;
  }

  /** Sends an item that nobody can change, and that is sure to be cloneable, with the others of this turn. */
  add(item: T): void {
    if (this.#items.push(item) === 1) this.#later(this.flush);
  }

  /** Sends an item, and what waits before it. @throws what `send` does when it cannot be cloned; the others are sent */
  addNow(item: T): void {
    this.#items.push(item);
    try {
      this.#send(this.#items);
    } catch (error) {
      this.#items.pop();
      this.flush();
      throw error;
    }
    this.#items = [];
  }

  /** Sends what waits. */
  readonly flush = (): void => {
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#send(items);
  };
}
