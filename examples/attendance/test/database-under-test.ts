import { type Opened, type Place, RollDatabase } from '../src/roll-database';
import { TemporaryFolder } from './storage';

/** A database in a folder of its own, in the thread of the test. */
export class DatabaseUnderTest {
  readonly folder = new TemporaryFolder();
  /** The folder of the database. It is not there before `open()`. */
  readonly path = this.folder.file('data');
  #open: RollDatabase | undefined;

  /** A file of it. */
  file(name = 'attendance.db'): string {
    return this.folder.file('data', name);
  }

  open(others: Partial<Place> = {}): { database: RollDatabase; opened: Opened } {
    const place = { folder: this.path, withParents: false, maxBytes: 2 ** 30, archive: true, ...others };
    const found = RollDatabase.open(place);
    this.#open = found.database;
    return found;
  }

  close(): void {
    this.#open?.close();
    this.#open = undefined;
  }

  reopen(others: Partial<Place> = {}): Opened {
    this.close();
    return this.open(others).opened;
  }

  [Symbol.dispose](): void {
    this.close();
    this.folder[Symbol.dispose]();
  }
}
