import { Clock, inject, injectable, Logger, SETTINGS } from '@socketserver/core';

import { ClassType } from './class-type';
import { dataFolder } from './data-folder';
import { AttendanceError, ClassNumberError, LimitError, StudentNumberError } from './errors';
import { parseClass, parseStudent } from './fields';
import { GroupCommit, type Undo } from './group-commit';
import { type Actor, type Closing, type Consultation, type Opening, type Registration, Roll } from './roll';
import { type AuditEntry, type Change, RollStore } from './roll-store';
import type { AttendanceSettings } from './settings';
import { StorageSpace } from './storage-space';
import { storageText, storageTexts } from './storage-texts';

/**
 * The roll in memory, and on disk before anybody hears of it.
 *
 * An act is decided at once, in memory, on top of acts that are still being written: what comes at the same time shares
 * one sync. What could not be written is undone, and so is all that was decided after it and not written yet.
 *
 * ```
 *   register ─▶ decided, seen by the next act ─▶ on disk ─▶ answered
 *                                           └─▶ could not be written ─▶ undone, rejected
 * ```
 *
 * An answer about what an act has found (`repeated`, `already-open`, `not-open`, a consultation) waits too, until what it
 * has found is on disk: it could still be undone. When space is short it has no row of its own in the audit.
 */
@injectable()
export class DurableRoll extends Roll {
  readonly #open = new Map<string, OpenClass>();
  /** By class: its latest change, while that may still be undone. Changes before it settle no later than it does. */
  readonly #unsettled = new Map<string, Promise<void>>();
  readonly #commit: GroupCommit;
  readonly #space: StorageSpace;
  #isRestored = false;

  constructor(
    private readonly store: RollStore,
    private readonly clock: Clock,
    logger: Logger,
    @inject(SETTINGS) private readonly settings: AttendanceSettings,
  ) {
    super();
    const { lang, maxBytes } = settings;
    const texts = storageTexts[lang];
    this.#commit = new GroupCommit(store, {
      onWritten: (inUse) => this.#space.told(inUse),
      onFailing: (error) => {
        const { path, reason } = error;
        logger.error({ path, reason }, texts.failing(storageText(error, lang)));
      },
      onWorking: () => logger.info({}, texts.working),
    });
    const expected = () => this.#commit.pending + this.#open.size;
    this.#space = new StorageSpace({ maxBytes, folder: dataFolder(settings), logger, texts, expected });
  }

  /**
   * Opens the store, and takes over the sessions that nobody has closed. To be awaited before the first act.
   * @throws {StorageError} when the store cannot be used
   */
  async restore(): Promise<void> {
    const { sessions, inUse } = await this.store.open();
    for (const { classNumber, openedAt, presences } of sessions) {
      const open = new OpenClass(classNumber, openedAt);
      for (const { student, at } of presences) open.addStudent(student, at);
      this.#open.set(classNumber, open);
    }
    this.#space.told(inUse);
    this.#isRestored = true;
  }

  /** Takes no act any more, waits until those before are written or undone, and closes the store. Idempotent. */
  async end(): Promise<void> {
    await this.#commit.close();
    await this.store.close();
  }

  override async open(classNumber: string, actor: Actor): Promise<Opening> {
    const open = this.#find(classNumber);
    if (open === undefined) return this.#begin(classNumber, actor);
    const { count } = open;
    return this.#unchanged<Opening>(
      { outcome: 'already-open', at: open.openedAt },
      this.#entry(actor, { act: 'open', outcome: 'already-open', classNumber, before: count, after: count }),
    );
  }

  override async close(classNumber: string, actor: Actor): Promise<Closing> {
    const open = this.#find(classNumber);
    if (open !== undefined) return this.#finish(open, actor);
    const entry = this.#entry(actor, { act: 'close', outcome: 'not-open', classNumber, before: null, after: null });
    return this.#unchanged<Closing>({ outcome: 'not-open', at: entry.at, students: [] }, entry);
  }

  override async toggle(classNumber: string, actor: Actor): Promise<Opening | Closing> {
    const open = this.#find(classNumber);
    return open === undefined ? this.#begin(classNumber, actor) : this.#finish(open, actor);
  }

  override async consult(classNumber: string): Promise<Consultation> {
    for (;;) {
      const open = this.#find(classNumber);
      const at = this.#now();
      const found: Consultation =
        open === undefined
          ? { outcome: 'not-open', at, students: [] }
          : { outcome: 'open', at, students: open.presentStudents };
      try {
        await this.#unsettled.get(classNumber);
        return found;
      } catch {
        // What it has found is undone. Every round takes a batch that fails, and this comes first after it.
      }
    }
  }

  override async register(classNumber: string, student: string, actor: Actor): Promise<Registration> {
    const open = this.#find(classNumber);
    if (parseStudent(student) !== student) throw new StudentNumberError(student);
    const about = { act: 'register', classNumber, student: this.settings.archive ? student : null } as const;
    if (open === undefined) {
      const entry = this.#entry(actor, { ...about, outcome: 'not-open', before: null, after: null });
      return this.#unchanged<Registration>({ outcome: 'not-open', at: entry.at }, entry);
    }
    const { count } = open;
    const first = open.registeredAt(student);
    if (first !== undefined) {
      const entry = this.#entry(actor, { ...about, outcome: 'repeated', before: count, after: count });
      return this.#unchanged<Registration>({ outcome: 'repeated', at: first }, entry);
    }
    const { maxStudents } = this.settings;
    if (count >= maxStudents) {
      throw new LimitError(
        `class ${classNumber} has ${count} students, as many as can be present; raise maxStudents for more`,
        'maxStudents',
        maxStudents,
      );
    }
    this.#space.demand();
    const entry = this.#entry(actor, { ...about, outcome: 'registered', before: count, after: count + 1 });
    const { at } = entry;
    const written = this.#append({ type: 'register', classNumber, student, at }, entry, () =>
      open.removeStudent(student),
    );
    open.addStudent(student, at);
    await written;
    return { outcome: 'registered', at };
  }

  async #begin(classNumber: string, actor: Actor): Promise<Opening> {
    const { maxClasses } = this.settings;
    if (this.#open.size >= maxClasses) {
      throw new LimitError(
        `${this.#open.size} classes are open, as many as can be; close some, or raise maxClasses for more`,
        'maxClasses',
        maxClasses,
      );
    }
    this.#space.demand();
    const entry = this.#entry(actor, { act: 'open', outcome: 'opened', classNumber, before: null, after: 0 });
    const { at } = entry;
    const written = this.#append({ type: 'open', classNumber, at }, entry, () => this.#open.delete(classNumber));
    this.#open.set(classNumber, new OpenClass(classNumber, at));
    await written;
    return { outcome: 'opened', at };
  }

  async #finish(open: OpenClass, actor: Actor): Promise<Closing> {
    const { number: classNumber, count, presentStudents: students } = open;
    const entry = this.#entry(actor, { act: 'close', outcome: 'closed', classNumber, before: count, after: null });
    const { at } = entry;
    const written = this.#append({ type: 'close', classNumber, at }, entry, () => {
      open.open();
      this.#open.set(classNumber, open);
    });
    open.close();
    this.#open.delete(classNumber);
    await written;
    return { outcome: 'closed', at, students };
  }

  #find(classNumber: string): OpenClass | undefined {
    if (!this.#isRestored) {
      throw new AttendanceError('the roll is not restored yet; await restore() first', 'ERR_ATTENDANCE_NOT_RESTORED');
    }
    // What the store cannot take would not be written, and neither would be what others ask for at the same time.
    if (parseClass(classNumber)?.number !== classNumber) throw new ClassNumberError(classNumber);
    return this.#open.get(classNumber);
  }

  #append(change: Change, audit: AuditEntry, undo: Undo): Promise<void> {
    const written = this.#commit.append({ audit, change }, undo);
    const { classNumber } = change;
    if (this.#unsettled.get(classNumber) !== written) {
      this.#unsettled.set(classNumber, written);
      const forget = () => {
        if (this.#unsettled.get(classNumber) === written) this.#unsettled.delete(classNumber);
      };
      written.then(forget, forget);
    }
    return written;
  }

  /** Answers an act that has changed nothing. */
  async #unchanged<T>(result: T, audit: AuditEntry): Promise<T> {
    const found = this.#unsettled.get(audit.classNumber);
    if (!this.#space.isPlenty()) {
      await found;
      return result;
    }
    const written = this.#commit.append({ audit, change: null });
    try {
      await written;
    } catch {
      // Only its row in the audit is missing, unless what it has found is undone: then this rejects.
      await found;
    }
    return result;
  }

  #entry(actor: Actor, act: Omit<AuditEntry, 'at' | 'actor' | 'student'> & { student?: string | null }): AuditEntry {
    return { at: this.#now(), actor, student: null, ...act };
  }

  #now(): number {
    return this.clock.date().getTime();
  }
}

class OpenClass extends ClassType {
  constructor(
    number: string,
    /** Milliseconds since 1970. */
    readonly openedAt: number,
  ) {
    super(number);
    this.open();
  }
}
