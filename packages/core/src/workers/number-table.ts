/**
 * What a `Map` by numbers does, for entries that come and go by the thousand.
 *
 * A `Map` makes a new table of itself again and again, and each old one keeps what was in it alive until the collector
 * has been everywhere: a server with many short connections spends its time on that. This one has a single table.
 */
export class NumberTable<T extends object> {
  /** Twice as many places as entries at least; 0: nothing is here. */
  #numbers: number[] = new Array<number>(16).fill(0);
  #entries: (T | null)[] = new Array<T | null>(16).fill(null);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(number: number): T | undefined {
    return this.#entries[this.#find(number)] ?? undefined;
  }

  /** @param number 1 or more */
  set(number: number, entry: T): void {
    if (2 * (this.#size + 1) > this.#numbers.length) this.#grow();
    const place = this.#find(number);
    if (this.#numbers[place] === 0) this.#size += 1;
    this.#numbers[place] = number;
    this.#entries[place] = entry;
  }

  /** Whether it was there. */
  delete(number: number): boolean {
    const numbers = this.#numbers;
    const entries = this.#entries;
    const mask = numbers.length - 1;
    let gap = this.#find(number);
    if (numbers[gap] === 0) return false;
    this.#size -= 1;
    // What was put behind it for want of its own place moves up.
    for (let place = (gap + 1) & mask; numbers[place] !== 0; place = (place + 1) & mask) {
      const away = (place - numbers[place]!) & mask;
      if (away < ((place - gap) & mask)) continue;
      numbers[gap] = numbers[place]!;
      entries[gap] = entries[place]!;
      gap = place;
    }
    numbers[gap] = 0;
    entries[gap] = null;
    return true;
  }

  values(): T[] {
    return this.#entries.filter((entry) => entry !== null);
  }

  clear(): void {
    this.#numbers.fill(0);
    this.#entries.fill(null);
    this.#size = 0;
  }

  /** Where a number is, or would be. */
  #find(number: number): number {
    const numbers = this.#numbers;
    const mask = numbers.length - 1;
    let place = number & mask;
    while (numbers[place] !== 0 && numbers[place] !== number) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const numbers = this.#numbers;
    const entries = this.#entries;
    this.#numbers = new Array<number>(2 * numbers.length).fill(0);
    this.#entries = new Array<T | null>(2 * numbers.length).fill(null);
    this.#size = 0;
    numbers.forEach((number, place) => number !== 0 && this.set(number, entries[place]!));
  }
}
