/**
 * The roll: which classes are being called, and who has answered.
 *
 * It is the service behind every face of this app (the text protocol today), and may live in another thread or process
 * than its caller: every method returns a promise, and arguments and results are plain data. Faces turn what people type
 * into these calls and the outcomes into their own words.
 *
 * A promise that has resolved is a fact on disk: a presence that was `registered` outlives a crash of the machine.
 *
 * A class is named by its number in decimal without leading zeros; a student by digits, leading zeros and all.
 * Times are milliseconds since 1970 (UTC).
 */

/** Who acts, for the audit: a peer's address and port, such as `127.0.0.1:53211`. */
export type Actor = string;

/** What opening a class did. */
export interface Opening {
  /** `already-open`: it was open before, and stays so. */
  readonly outcome: 'opened' | 'already-open';
  /** When the session that is open now began. */
  readonly at: number;
}

/** What closing a class did. */
export interface Closing {
  /** `not-open`: there was nothing to close. */
  readonly outcome: 'closed' | 'not-open';
  /** When it was closed, or refused. */
  readonly at: number;
  /** Who was present, in the order of arrival; nobody when it was not open. */
  readonly students: readonly string[];
}

/** What a look at a class showed. */
export interface Consultation {
  /** Whether the class is open. */
  readonly outcome: 'open' | 'not-open';
  /** When it was looked at. */
  readonly at: number;
  /** Who is present so far, in the order of arrival. */
  readonly students: readonly string[];
}

/** What a student's registration did. */
export interface Registration {
  /** `repeated`: the student was there already, and nothing was added. `not-open`: refused. */
  readonly outcome: 'registered' | 'repeated' | 'not-open';
  /** When the presence was registered: for `repeated` the first time. When it was refused, for `not-open`. */
  readonly at: number;
}

/**
 * The service that faces call.
 *
 * Acts on one class take effect one after the other, in the order of the calls. All of them reject with a
 * {@link StorageError} when they cannot be written down, and have then changed nothing. What opens a class or adds a
 * student is also refused by one when space is so short that the rest is needed for closing what is open.
 *
 * All of them reject with a {@link ClassNumberError} or a {@link StudentNumberError}, and have changed nothing, when a
 * number is not as it is described above.
 */
export abstract class Roll {
  /** Opens a class, unless it is open. @throws {LimitError} when too many classes are open */
  abstract open(classNumber: string, actor: Actor): Promise<Opening>;
  /** Closes a class, and tells who was present. */
  abstract close(classNumber: string, actor: Actor): Promise<Closing>;
  /** Opens a class that is closed and closes one that is open, in one step. @throws {LimitError} as `open()` does */
  abstract toggle(classNumber: string, actor: Actor): Promise<Opening | Closing>;
  /** Tells who is present so far. Changes nothing, and works even when nothing can be written. */
  abstract consult(classNumber: string): Promise<Consultation>;
  /** Adds a student to an open class. @throws {LimitError} when the class is full */
  abstract register(classNumber: string, student: string, actor: Actor): Promise<Registration>;
}
