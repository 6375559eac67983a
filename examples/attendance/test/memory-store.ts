import type { StorageError } from '../src/errors';
import { type AuditEntry, type Change, RollStore, type StoredRoll, type Write } from '../src/roll-store';

/** A session in the store. */
export interface StoredSession {
  readonly classNumber: string;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly presences: { readonly student: string; readonly at: number }[];
}

/** A batch on its way to the disk, which a test lets go. */
export interface HeldBatch {
  readonly writes: readonly Write[];
  release(): void;
  fail(error: StorageError): void;
}

/**
 * A store without a disk. It is slow, or fails, when a test says so.
 *
 * It takes nobody's word: a change that does not fit what it has is a complaint, and so is a call that breaks the rules.
 */
export class MemoryStore extends RollStore {
  /** What has been written, batch by batch. */
  readonly batches: (readonly Write[])[] = [];
  /** Every session, those that are closed too, in the order of their opening. */
  readonly sessions: StoredSession[] = [];
  readonly audit: AuditEntry[] = [];
  readonly complaints: string[] = [];
  /** The share of its space that it says to use. */
  inUse = 0;
  /** Called before a batch is written; what it throws is why it is not written. */
  fate: (batch: readonly Write[]) => Promise<void> | void = () => undefined;
  #state: 'new' | 'open' | 'writing' | 'closed' = 'new';

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  get openSessions(): StoredSession[] {
    return this.sessions.filter(({ closedAt }) => closedAt === null);
  }

  override async open(): Promise<StoredRoll> {
    this.#expect('new');
    this.#state = 'open';
    return { sessions: structuredClone(this.openSessions), inUse: this.inUse };
  }

  override async write(batch: readonly Write[]): Promise<number> {
    this.#expect('open');
    this.#state = 'writing';
    try {
      await this.fate(batch);
      const copy = structuredClone(batch);
      this.batches.push(copy);
      for (const write of copy) this.#apply(write);
      return this.inUse;
    } finally {
      this.#state = 'open';
    }
  }

  override async close(): Promise<void> {
    if (this.#state === 'writing') this.complaints.push('closed while it writes');
    this.#state = 'closed';
  }

  /** The same disk after a restart. */
  reopened(): MemoryStore {
    const store = new MemoryStore();
    store.sessions.push(...structuredClone(this.sessions));
    return store;
  }

  /** Resolves with the next batch when it comes; it stays on its way until it is let go. */
  hold(): Promise<HeldBatch> {
    return new Promise((come) => {
      this.fate = (writes) => {
        this.fate = () => undefined;
        return new Promise((release, fail) => come({ writes, release, fail }));
      };
    });
  }

  #expect(state: 'new' | 'open'): void {
    if (this.#state !== state) this.complaints.push(`called while it is ${this.#state}, and should be ${state}`);
  }

  #apply({ audit, change }: Write): void {
    const before = this.#count(audit.classNumber);
    if (change !== null) this.#change(change);
    const after = this.#count(audit.classNumber);
    if (audit.before !== before || audit.after !== after) {
      this.complaints.push(`${JSON.stringify(audit)}, but it was ${before} before and ${after} after`);
    }
    this.audit.push(audit);
  }

  #change(change: Change): void {
    const { classNumber, at } = change;
    const index = this.sessions.findIndex((it) => it.classNumber === classNumber && it.closedAt === null);
    const session = this.sessions[index];
    if (change.type === 'open') {
      if (session !== undefined) this.complaints.push(`class ${classNumber} is opened twice`);
      this.sessions.push({ classNumber, openedAt: at, closedAt: null, presences: [] });
    } else if (session === undefined) {
      this.complaints.push(`${change.type} in class ${classNumber}, which is not open`);
    } else if (change.type === 'close') {
      this.sessions[index] = { ...session, closedAt: at };
    } else {
      const { student } = change;
      if (session.presences.some((it) => it.student === student)) {
        this.complaints.push(`${student} is twice in class ${classNumber}`);
      }
      session.presences.push({ student, at });
    }
  }

  #count(classNumber: string): number | null {
    return this.openSessions.find((session) => session.classNumber === classNumber)?.presences.length ?? null;
  }
}
