/**
 * How many more connections a process can hold.
 *
 * When a process has no descriptor left, libuv accepts waiting connections and closes them at once, and says nothing. So
 * servers stop accepting before: a part of the process's limit is kept in reserve, for files, for other sockets and for
 * what else a program opens.
 *
 * Connections are counted as they come and go. What else is open is looked up now and then, unless the limit is far away.
 */
import { openFiles, openFilesLimit } from './open-files';

/** With so many left nobody needs an exact number. */
const PLENTY = 4096;

/**
 * Milliseconds for which a look at the system is good enough, for each descriptor that was open, and at most. It costs
 * time in proportion to what is open: about a hundredth of this.
 */
const FRESH_PER_OPEN = 0.1;
const LONGEST_FRESH = 2000;

/** How to look up the two numbers; tests give their own. */
export interface DescriptorCounts {
  limit(): number;
  open(): number;
}

export class DescriptorBudget {
  readonly #counts: DescriptorCounts;
  #limit = 0;
  #reserve = 0;
  #open = 0;
  #countedAt = -Infinity;

  constructor(counts: DescriptorCounts = { limit: openFilesLimit, open: openFiles }) {
    this.#counts = counts;
  }

  /** What the process may have open, as last looked up. */
  get limit(): number {
    return this.#limit;
  }

  /** What it has open, as far as is known. */
  get open(): number {
    return this.#open;
  }

  /** Descriptors that connections leave free: a tenth, at least 8, at most 256. */
  get reserve(): number {
    return this.#reserve;
  }

  /** How many more connections fit in; `Infinity` when there is no need to count. */
  room(): number {
    // Asked for each connection that comes or goes: mostly this is all.
    if (this.#limit - this.#reserve - this.#open >= PLENTY) return Infinity;
    if (!this.#isFresh) this.recount();
    const left = this.#limit - this.#reserve - this.#open;
    return left >= PLENTY ? Infinity : Math.max(0, left);
  }

  /** A connection has come. */
  took(): void {
    this.#open += 1;
  }

  /** A connection has gone. */
  released(): void {
    this.#open -= 1;
  }

  /** Looks both numbers up. */
  recount(): void {
    this.#countedAt = performance.now();
    this.#limit = this.#counts.limit();
    this.#reserve = Math.min(256, Math.max(8, Math.ceil(this.#limit / 10)));
    this.#open = this.#counts.open();
  }

  get #isFresh(): boolean {
    const span = Math.min(LONGEST_FRESH, this.#open * FRESH_PER_OPEN);
    return performance.now() - this.#countedAt < span;
  }
}

/** Of this process: all its servers share it. */
export const descriptorBudget = new DescriptorBudget();
