/**
 * One class, while its roll is being called: the lecture notes' `ClassType`, with their attributes and methods.
 *
 * Differs from the notes: a student is found without walking through the list, and nobody is in it twice.
 */
export class ClassType {
  /** Whether students can register. */
  isOpened = false;
  /** Each student's time of arrival, in milliseconds since 1970, in the order of arrival. */
  readonly #arrivals = new Map<string, number>();

  /** @param number what identifies the class */
  constructor(readonly number: string) {}

  /** The students who are present, in the order of arrival. A new array at each call. */
  get presentStudents(): string[] {
    return [...this.#arrivals.keys()];
  }

  /** How many students are present. */
  get count(): number {
    return this.#arrivals.size;
  }

  /** Lets students register. */
  open(): void {
    this.isOpened = true;
  }

  /** Lets nobody register any more. The students stay. */
  close(): void {
    this.isOpened = false;
  }

  /**
   * Adds a student, unless there already.
   *
   * @param at when, in milliseconds since 1970. @default now
   */
  addStudent(student: string, at: number = Date.now()): void {
    if (!this.#arrivals.has(student)) this.#arrivals.set(student, at);
  }

  /** Removes a student, if there. */
  removeStudent(student: string): void {
    this.#arrivals.delete(student);
  }

  /** Whether the student is present. */
  isStudentPresent(student: string): boolean {
    return this.#arrivals.has(student);
  }

  /** When the student came, in milliseconds since 1970; undefined if not present. */
  registeredAt(student: string): number | undefined {
    return this.#arrivals.get(student);
  }
}
