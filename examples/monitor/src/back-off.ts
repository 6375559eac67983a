/** How long to wait before the next attempt to connect: longer after each failure, never the same for two machines. */
export class BackOff {
  #failures = 0;

  /**
   * @param least milliseconds that every wait has at least
   * @param most milliseconds that no wait exceeds
   * @param random a number from 0 up to 1: many agents that lost one hub must not come back in the same instant
   */
  constructor(
    private readonly least = 1000,
    private readonly most = 15_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** Milliseconds to wait now: at random between the least and a ceiling which doubles at each call. */
  next(): number {
    const ceiling = Math.min(this.most, this.least * 2 ** (this.#failures + 1));
    if (ceiling < this.most) this.#failures += 1;
    return this.least + this.random() * (ceiling - this.least);
  }

  /** To be called after a success: the next wait is a short one again. */
  reset(): void {
    this.#failures = 0;
  }
}
