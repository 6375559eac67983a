/** The two things that people type: which class, and which student. */

const MAX_CLASS_DIGITS = 15;
const MAX_STUDENT_DIGITS = 20;

/** A class, as it was typed and as the roll knows it. */
export interface ClassField {
  /** In decimal without leading zeros: `7` for `007`. */
  readonly number: string;
  /** What replies repeat: `007`. */
  readonly typed: string;
}

/** Reads a class number: a positive integer. @returns undefined if it is none */
export function parseClass(text: string): ClassField | undefined {
  const typed = trimmed(text);
  const number = typed.replace(/^0+/, '');
  return isDigits(typed, MAX_CLASS_DIGITS) && number !== '' ? { number, typed } : undefined;
}

/** Reads a student's number: digits, whose leading zeros count. @returns undefined if it is none */
export function parseStudent(text: string): string | undefined {
  const student = trimmed(text);
  return isDigits(student, MAX_STUDENT_DIGITS) ? student : undefined;
}

/** Divides `<left>/<right>`. @returns undefined unless there is exactly one slash */
export function splitAtSlash(text: string): [left: string, right: string] | undefined {
  const parts = text.split('/');
  return parts.length === 2 ? (parts as [string, string]) : undefined;
}

/** Without the spaces and tabs around it. */
export function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

function isDigits(text: string, most: number): boolean {
  return text.length <= most && /^[0-9]+$/.test(text);
}
