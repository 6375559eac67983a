import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';

import { StorageError } from './errors';
import type { Change, OpenSession, Write } from './roll-store';

/** What is said to the database, prepared once. */
export class RollStatements {
  readonly begin: StatementSyncInstance;
  readonly commit: StatementSyncInstance;
  readonly rollback: StatementSyncInstance;
  /** Puts all of the log into the database, and empties the log: `busy` is 0 unless a reader was in the way. */
  readonly truncateLog: StatementSyncInstance;
  readonly #pagesInUse: StatementSyncInstance;
  readonly #archive: boolean;
  readonly #audit: StatementSyncInstance;
  readonly #open: StatementSyncInstance;
  readonly #register: StatementSyncInstance;
  readonly #close: StatementSyncInstance;
  readonly #erasePresences: StatementSyncInstance;
  readonly #eraseSession: StatementSyncInstance;

  /** @param archive whether what is over is kept */
  constructor(
    database: DatabaseSyncInstance,
    archive: boolean,
    /** The file, for messages. */
    private readonly path: string,
  ) {
    this.#archive = archive;
    const prepare = (sql: string) => database.prepare(sql);
    this.begin = prepare('BEGIN IMMEDIATE');
    this.commit = prepare('COMMIT');
    this.rollback = prepare('ROLLBACK');
    this.truncateLog = prepare('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#pagesInUse = prepare(
      'SELECT page_count - freelist_count AS pages FROM pragma_page_count, pragma_freelist_count',
    );
    this.#audit = prepare(
      'INSERT INTO audit (at, actor, act, outcome, class, student, "before", "after") VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const session = 'SELECT id FROM sessions WHERE class = ? AND closed_at IS NULL';
    this.#open = prepare('INSERT INTO sessions (class, opened_at) VALUES (?, ?)');
    this.#register = prepare(`INSERT INTO presences (session, student, at) VALUES ((${session}), ?, ?)`);
    this.#close = prepare('UPDATE sessions SET closed_at = ? WHERE class = ? AND closed_at IS NULL');
    this.#erasePresences = prepare(`DELETE FROM presences WHERE session = (${session})`);
    this.#eraseSession = prepare('DELETE FROM sessions WHERE class = ? AND closed_at IS NULL');
  }

  /** Within a transaction. @returns the number of its row of the audit */
  apply({ audit, change }: Write): number {
    if (change !== null) this.#change(change);
    const { at, actor, act, outcome, classNumber, student, before, after } = audit;
    const { lastInsertRowid } = this.#audit.run(at, actor, act, outcome, classNumber, student, before, after);
    return Number(lastInsertRowid);
  }

  /** Pages of the database that hold something: within a transaction as it will be. */
  pagesInUse(): number {
    return (this.#pagesInUse.get() as { pages: number }).pages;
  }

  #change(change: Change): void {
    const { type, classNumber, at } = change;
    if (type === 'open') {
      this.#open.run(classNumber, at);
    } else if (type === 'register') {
      this.#register.run(classNumber, change.student, at);
    } else if (this.#archive) {
      this.#expectOne(this.#close.run(at, classNumber).changes, classNumber);
    } else {
      this.#erasePresences.run(classNumber);
      this.#expectOne(this.#eraseSession.run(classNumber).changes, classNumber);
    }
  }

  #expectOne(changes: number, classNumber: string): void {
    if (changes === 1) return;
    const message = `${this.path}: class ${classNumber} is not open in it; restart the server, which reads it again`;
    throw new StorageError(message, 'failed', this.path);
  }
}

/** The sessions that are open, the oldest first. */
export function readOpenSessions(database: DatabaseSyncInstance): OpenSession[] {
  const presences = database.prepare('SELECT student, at FROM presences WHERE session = ? ORDER BY id');
  const sessions = database
    .prepare('SELECT id, class, opened_at AS openedAt FROM sessions WHERE closed_at IS NULL ORDER BY id')
    .all() as { id: number; class: string; openedAt: number }[];
  return sessions.map(({ id, class: classNumber, openedAt }) => ({
    classNumber,
    openedAt,
    presences: presences.all(id) as OpenSession['presences'],
  }));
}

/** How many rows the audit has. Since none is ever removed, this number tells one state of the roll from every other. */
export function countEntries(database: DatabaseSyncInstance): number {
  const { entries } = database.prepare('SELECT coalesce(max(id), 0) AS entries FROM audit').get() as {
    entries: number;
  };
  return entries;
}
