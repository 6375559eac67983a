import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Program } from '@socketserver/testing';

import { RollDatabase } from '../src/roll-database';
import type { AuditEntry, Write } from '../src/roll-store';
import { type AttendanceSettings, settings } from '../src/settings';

/** A folder for the data of one test, removed with it. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'attendance-'));

  /** A path in it. */
  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Settings with this data folder, and the defaults for whatever is not given. */
export function settingsFor(dataDir: string, others: Partial<AttendanceSettings> = {}): AttendanceSettings {
  return { ...settings.parse({}), dataDir, ...others };
}

export function opening(classNumber: string, at = 0): Write {
  return written({ act: 'open', outcome: 'opened', classNumber, at, before: null, after: 0 }, true);
}

export function closing(classNumber: string, at = 0): Write {
  return written({ act: 'close', outcome: 'closed', classNumber, at, before: 0, after: null }, true);
}

export function registration(classNumber: string, student: string, at = 0, audited: string | null = student): Write {
  const entry = written({ act: 'register', outcome: 'registered', classNumber, at, student: audited }, true);
  return { ...entry, change: { type: 'register', classNumber, student, at } };
}

export function refusal(classNumber: string, student: string, at = 0): Write {
  return written({ act: 'register', outcome: 'not-open', classNumber, at, student }, false);
}

type Entry = Pick<AuditEntry, 'act' | 'outcome' | 'classNumber' | 'at'> & Partial<AuditEntry>;

function written(entry: Entry, changes: boolean): Write {
  const { act: type, classNumber, at } = entry;
  return {
    audit: { actor: '127.0.0.1:50000', student: null, before: 0, after: 0, ...entry },
    change: changes && type !== 'register' ? { type, classNumber, at } : null,
  };
}

/** Registrations in class 101 of as many students, whose numbers begin with 042. */
export function students(count: number, first = 0): Write[] {
  return Array.from({ length: count }, (_, i) => registration('101', `042${String(first + i).padStart(6, '0')}`));
}

/** Writes as a server would that is not running any more. */
export function writeInto(folder: string, ...batch: Write[]): void {
  const { database } = RollDatabase.open({ ...settingsFor(folder), folder, withParents: false });
  database.write(batch);
  database.close();
}

/** Looks into the database of a folder, and into nothing but what has been committed. */
export function look<Row>(folder: string, sql: string): Row[] {
  const database = new DatabaseSync(join(folder, 'attendance.db'), { readOnly: true, timeout: 5000 });
  try {
    return database.prepare(sql).all() as Row[];
  } finally {
    database.close();
  }
}

/** Does something to the database of a folder that the app would not do. */
export function tamper(folder: string, act: (database: DatabaseSyncInstance) => void): void {
  const database = new DatabaseSync(join(folder, 'attendance.db'));
  try {
    act(database);
  } finally {
    database.close();
  }
}

/** The program that has a store of its own; see the file. */
export const STORE_PROGRAM = join(__dirname, 'fixtures', 'store.js');

export function storeProgram(dataDir: string): Program {
  return new Program(process.execPath, [STORE_PROGRAM, dataDir]);
}
