/** Where the roll is written down: the part that could be another database. */

/** One change of the roll. */
export type Change =
  | { readonly type: 'open'; readonly classNumber: string; readonly at: number }
  | { readonly type: 'register'; readonly classNumber: string; readonly student: string; readonly at: number }
  | { readonly type: 'close'; readonly classNumber: string; readonly at: number };

/** One row of the audit: what somebody did, whether it changed anything or was refused. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who did it: address and port. */
  readonly actor: string;
  readonly act: 'open' | 'close' | 'register';
  /** What came of it: an `outcome` of the roll. */
  readonly outcome: 'opened' | 'already-open' | 'closed' | 'not-open' | 'registered' | 'repeated';
  readonly classNumber: string;
  /** Whom it was about, if anybody. */
  readonly student: string | null;
  /** The class before: `null` when it was closed, otherwise how many were present. */
  readonly before: number | null;
  /** The class after, likewise. */
  readonly after: number | null;
}

/** An act as it is written down: its row of the audit, and the change, unless there was none. */
export interface Write {
  readonly audit: AuditEntry;
  readonly change: Change | null;
}

/** A session that nobody has closed yet. */
export interface OpenSession {
  readonly classNumber: string;
  readonly openedAt: number;
  /** In the order of arrival. */
  readonly presences: readonly { readonly student: string; readonly at: number }[];
}

/** What a store has found. */
export interface StoredRoll {
  /** The oldest first. */
  readonly sessions: readonly OpenSession[];
  /** Of all that the store may take, the share that is in use: 0 to 1. */
  readonly inUse: number;
}

/** A class, so that it is its own injection token. Everything it rejects with is a {@link StorageError}. */
export abstract class RollStore {
  /** Makes the store ready, and tells which sessions were open when it was last used. Called once, first. */
  abstract open(): Promise<StoredRoll>;
  /**
   * Writes all of the batch, in its order, or nothing of it. When it resolves, all of it is on disk: the operating system
   * has been told to sync, and has said that it did. Called again only when the last call has settled.
   *
   * @returns of all that the store may take, the share that is in use now: 0 to 1
   */
  abstract write(batch: readonly Write[]): Promise<number>;
  /** Lets go of the file. Nothing may be called after it. Idempotent. */
  abstract close(): Promise<void>;
}
