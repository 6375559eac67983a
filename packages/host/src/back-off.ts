/** How long to wait before the next attempt to connect: longer after each failure, never the same for two machines. */
export class BackOff {
  #failures = 0;
  readonly #least: number;
  readonly #most: number;
  readonly #random: () => number;

  /**
   * @param least milliseconds that every wait has at least. @default 1000
   * @param most milliseconds that no wait exceeds. @default 15000
   * @param random a number from 0 up to 1: many clients that lost one server must not come back in the same instant.
   *   @default Math.random
   */
  constructor(least = 1000, most = 15_000, random: () => number = Math.random) {
    this.#least = least;
    this.#most = most;
    this.#random = random;
  }

  /** Milliseconds to wait now: at random between the least and a ceiling which doubles at each call. */
  next(): number {
    const ceiling = Math.min(this.#most, this.#least * 2 ** (this.#failures + 1));
    if (ceiling < this.#most) this.#failures += 1;
    return this.#least + this.#random() * (ceiling - this.#least);
  }

  /** To be called after a success: the next wait is a short one again. */
  reset(): void {
    this.#failures = 0;
  }
}
