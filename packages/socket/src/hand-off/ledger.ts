/**
 * Which descriptors are on their way to a worker thread: memory that both sides share, so that whoever is left when the
 * other one ends knows what to close.
 *
 * ```
 *   server: put(fd) ──▶ slot │ fd │ ──▶ worker: take(slot), which empties it, and adopts
 *                            └────┘ ──▶ server, once the worker has ended: closeAll()
 * ```
 *
 * A slot is emptied before its descriptor is adopted: after that only the worker closes it, and the number may mean
 * another file soon. A worker cannot be terminated right in between where that is one step (`open`). Where it is many
 * (`take`), it leaves the number and the identity of the socket behind for that while.
 */
import { closeSync, fstatSync } from 'node:fs';

import type { EmptyHandle } from '../connection-hook';

const EMPTY = -1;

export class Ledger {
  /** What the other side makes its ledger of. */
  readonly memory: SharedArrayBuffer;
  readonly #slots: Int32Array;
  /** The descriptor and the inode of the socket that is being adopted. */
  readonly #adopting: Float64Array;
  #next = 0;

  /** @param slots how many descriptors may be on their way, or the memory of the other side's ledger */
  constructor(slots: number | SharedArrayBuffer) {
    const isNew = typeof slots === 'number';
    this.memory = isNew ? new SharedArrayBuffer(HEAD + slots * Int32Array.BYTES_PER_ELEMENT) : slots;
    this.#adopting = new Float64Array(this.memory, 0, 2);
    this.#slots = new Int32Array(this.memory, HEAD);
    if (!isNew) return;
    this.#adopting.fill(EMPTY);
    this.#slots.fill(EMPTY);
  }

  /** How many descriptors may be on their way. */
  get size(): number {
    return this.#slots.length;
  }

  // The server's side

  /** A slot for one more descriptor; -1 when all are taken. */
  get room(): number {
    const slots = this.#slots;
    // Mostly the oldest slot is empty again: workers adopt in the order of the messages.
    for (const _slot of slots) {
      const slot = this.#next;
      if (Atomics.load(slots, slot) === EMPTY) return slot;
      this.#next = (slot + 1) % slots.length;
    }
    return -1;
  }

  /** Puts a descriptor into a slot that {@link room} gave. */
  put(slot: number, fd: number): void {
    Atomics.store(this.#slots, slot, fd);
    this.#next = (slot + 1) % this.#slots.length;
  }

  /** Closes what the worker has not adopted. Called once it has ended. */
  closeAll(): void {
    for (const fd of this.#slots) if (fd !== EMPTY) closeSync(fd);
    this.#slots.fill(EMPTY);
    const [fd = EMPTY, inode] = this.#adopting;
    this.#adopting.fill(EMPTY);
    if (fd !== EMPTY && inodeOf(fd) === inode) closeSync(fd);
  }

  // The worker's side

  /**
   * Puts the descriptor in a slot into a handle.
   *
   * @returns 0, or an error number, and then the descriptor is closed; `null`: the slot is empty
   */
  open(slot: number, handle: EmptyHandle): number | null {
    const fd = Atomics.load(this.#slots, slot);
    if (fd === EMPTY) return null;
    // A thread is terminated where a function begins or a loop goes round, so never between these two.
    Atomics.store(this.#slots, slot, EMPTY);
    const status = handle.open(fd);
    if (status !== 0) closeSync(fd);
    return status;
  }

  /** Adopts the descriptor in a slot, or closes it if that fails. @returns what `adopt` gives; `null`: the slot is empty */
  take<T>(slot: number, adopt: (fd: number) => T): T | null {
    const adopting = this.#adopting;
    const fd = Atomics.load(this.#slots, slot);
    if (fd === EMPTY) return null;
    adopting[1] = inodeOf(fd);
    adopting[0] = fd;
    Atomics.store(this.#slots, slot, EMPTY);
    try {
      return adopt(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    } finally {
      adopting[0] = EMPTY;
    }
  }
}

/** Bytes before the slots. */
const HEAD = 2 * Float64Array.BYTES_PER_ELEMENT;

/** What a descriptor leads to, as a number that no other open socket has; if it leads to no socket, one that equals none. */
function inodeOf(fd: number): number {
  try {
    const stats = fstatSync(fd);
    return stats.isSocket() ? stats.ino : NaN;
  } catch {
    return NaN;
  }
}
