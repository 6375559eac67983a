/**
 * What there is room for. Rows of the audit are never removed, so that whoever is refused often enough, or opens one
 * class after the other, could fill all that the store may take; and then nobody could even close a class.
 *
 * ```
 *   0 ─────────────── 1/2 ──────────────────── 9/10 ─────────── 1
 *    all is written    │  no rows about what     │  only closings
 *                      │  has changed nothing    │
 * ```
 *
 * What counts is what is in use, with all that waits to be written, and a closing for each class that is open: so the
 * last tenth is enough for those, however many there are.
 */
import type { Logger } from '@socketserver/core';

import { StorageError } from './errors';
import type { StorageTexts } from './storage-texts';

/** Of `maxBytes`: what a write takes at most, with what indexes and half-filled pages come to. */
export const BYTES_PER_WRITE = 512;

const HALF = 0.5;
const NEARLY_ALL = 0.9;

/** A limit that was reached is left again when so much is free below it: otherwise every other act would be told. */
const MARGIN = 0.05;

/** What the space is about. */
export interface StorageSpaceOptions {
  readonly maxBytes: number;
  /** The folder, for messages. */
  readonly folder: string;
  readonly logger: Logger;
  readonly texts: StorageTexts;
  /** How many writes are to come: those that wait, and one for each class that is open. */
  readonly expected: () => number;
}

export class StorageSpace {
  readonly #options: StorageSpaceOptions;
  #inUse = 0;
  #isHalf = false;
  #isNearlyAll = false;

  constructor(options: StorageSpaceOptions) {
    this.#options = options;
  }

  /** To be called with what the store says, whenever it says it: 0 to 1. */
  told(inUse: number): void {
    this.#inUse = inUse;
    this.#look();
  }

  /** Whether rows can be spared for acts that change nothing. */
  isPlenty(): boolean {
    this.#look();
    return !this.#isHalf;
  }

  /** To be called before a class is opened or grows. @throws {StorageError} `full`, when the rest is kept for closings */
  demand(): void {
    this.#look();
    if (!this.#isNearlyAll) return;
    const { folder, maxBytes } = this.#options;
    const message = `${folder}: what is left of maxBytes=${maxBytes} is kept for closing what is open; allow more with --set maxBytes=…, or choose another folder with --set dataDir=…`;
    throw new StorageError(message, 'full', folder);
  }

  #look(): void {
    const { maxBytes, expected, logger, texts } = this.#options;
    const share = this.#inUse + (expected() * BYTES_PER_WRITE) / maxBytes;
    const isHalf = exceeds(share, HALF, this.#isHalf);
    const isNearlyAll = exceeds(share, NEARLY_ALL, this.#isNearlyAll);
    if (isHalf === this.#isHalf && isNearlyAll === this.#isNearlyAll) return;
    const fields = { inUse: Number(share.toFixed(3)), maxBytes };
    if (isHalf !== this.#isHalf) {
      this.#isHalf = isHalf;
      if (isHalf) logger.warn(fields, texts.half(maxBytes));
      else logger.info(fields, texts.notHalf);
    }
    if (isNearlyAll !== this.#isNearlyAll) {
      this.#isNearlyAll = isNearlyAll;
      if (isNearlyAll) logger.error(fields, texts.nearlyAll(maxBytes));
      else logger.info(fields, texts.notNearlyAll);
    }
  }
}

function exceeds(share: number, limit: number, did: boolean): boolean {
  return share > (did ? limit - MARGIN : limit);
}
