/**
 * The roll as it has been written down, for reports: also while a server is writing, and never in its way.
 *
 * Nothing here holds a transaction from one result to the next: as long as a reader has one, the log of the database can
 * only grow, and a reader may be as slow as the person at the end of `report 101 | less`.
 */
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { statSync } from 'node:fs';
import { join } from 'node:path';

import { DATABASE } from './data-folder';
import { schemaVersion } from './schema';
import { storageFailure } from './storage-failure';

/** A session that is over, or still open. Times are milliseconds since 1970. */
export interface ArchivedSession {
  readonly classNumber: string;
  readonly openedAt: number;
  /** null: nobody has closed it yet. */
  readonly closedAt: number | null;
  /** In the order of arrival. */
  readonly presences: readonly { readonly student: string; readonly at: number }[];
}

/** Which sessions, by the time of their opening. */
export interface SessionRange {
  /** From this time on, in milliseconds since 1970. @default from the first one on */
  readonly from?: number | undefined;
  /** Before this time. @default to the last one */
  readonly before?: number | undefined;
  /** @default false */
  readonly newestFirst?: boolean;
}

/** In how many sessions a student was present. */
export interface StudentTotal {
  readonly student: string;
  readonly sessions: number;
}

/** Milliseconds to wait for another program that has locked the database. */
const PATIENCE = 5000;

/** Students that are asked for at a time. */
const PAGE = 500;

interface SessionRow {
  readonly id: number;
  readonly openedAt: number;
  readonly closedAt: number | null;
}

/** Sessions that are opened later than it was do not appear in it. */
export class Archive {
  /** The file. */
  readonly path: string;
  readonly #database: DatabaseSyncInstance;
  readonly #lastSession: number;

  private constructor(path: string, database: DatabaseSyncInstance) {
    this.path = path;
    this.#database = database;
    this.#lastSession = this.#read<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM sessions')[0]!.id;
  }

  /**
   * @returns undefined when no server has kept anything in this folder yet
   * @throws {StorageError} when it cannot be read
   */
  static open(folder: string): Archive | undefined {
    const path = join(folder, DATABASE);
    let database: DatabaseSyncInstance | undefined;
    try {
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      database = new DatabaseSync(path, { readOnly: true, timeout: PATIENCE });
      // A server that is just starting has not made the tables yet.
      if (schemaVersion(database, path) > 0) return new Archive(path, database);
      database.close();
      return undefined;
    } catch (error) {
      database?.close();
      throw storageFailure(error, path);
    }
  }

  /** How many sessions a class has had. @throws {StorageError} */
  countSessions(classNumber: string): number {
    const sql = 'SELECT count(*) AS sessions FROM sessions WHERE class = ? AND id <= ?';
    return this.#read<{ sessions: number }>(sql, classNumber, this.#lastSession)[0]!.sessions;
  }

  /** The sessions of a class, one after the other. @throws {StorageError} */
  *sessions(classNumber: string, range: SessionRange = {}): Generator<ArchivedSession, void> {
    const { from = Number.MIN_SAFE_INTEGER, before = Number.MAX_SAFE_INTEGER, newestFirst = false } = range;
    const next = `
      SELECT id, opened_at AS openedAt, closed_at AS closedAt FROM sessions
      WHERE class = ? AND opened_at >= ? AND opened_at < ? AND id ${newestFirst ? '<' : '>'} ? AND id <= ?
      ORDER BY id ${newestFirst ? 'DESC' : 'ASC'} LIMIT 1`;
    let last = newestFirst ? Number.MAX_SAFE_INTEGER : 0;
    for (;;) {
      const [session] = this.#read<SessionRow>(next, classNumber, from, before, last, this.#lastSession);
      if (session === undefined) return;
      const { id, openedAt, closedAt } = session;
      const presences = this.#read<ArchivedSession['presences'][number]>(
        'SELECT student, at FROM presences WHERE session = ? ORDER BY id',
        id,
      );
      yield { classNumber, openedAt, closedAt, presences };
      last = id;
    }
  }

  /** Everybody who was ever present in a class, by number. @throws {StorageError} */
  *students(classNumber: string): Generator<StudentTotal, void> {
    const next = `
      SELECT student, count(*) AS sessions FROM presences
      WHERE session IN (SELECT id FROM sessions WHERE class = ? AND id <= ?) AND student > ?
      GROUP BY student ORDER BY student LIMIT ${PAGE}`;
    let last = '';
    for (;;) {
      const page = this.#read<StudentTotal>(next, classNumber, this.#lastSession, last);
      yield* page;
      if (page.length < PAGE) return;
      last = page.at(-1)!.student;
    }
  }

  close(): void {
    this.#database.close();
  }

  #read<Row>(sql: string, ...values: (number | string)[]): Row[] {
    try {
      return this.#database.prepare(sql).all(...values) as Row[];
    } catch (error) {
      throw storageFailure(error, this.path);
    }
  }
}
