import { registerError } from '@socketserver/core';

/** The root of the attendance app's own errors. `code` is stable. */
export class AttendanceError extends Error {
  constructor(
    message: string,
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Why something could not be written down or read. */
export type StorageReason =
  /** The disk, or the space that `maxBytes` allows, is full. */
  | 'full'
  /** Another server has the same data folder. */
  | 'in-use'
  /** The file is not a database, or its content is damaged. */
  | 'damaged'
  /** The file was made by a later version of this app. */
  | 'newer'
  /** The folder or the file may not be read or written. */
  | 'denied'
  /** The process has as many files and connections open as it may have. */
  | 'too-many-files'
  /** More wants to be written at once than can wait for it. */
  | 'busy'
  /** Anything else that the file system or the database reports. */
  | 'failed';

/** The data could not be read or written. What was being done has not been done. */
export class StorageError extends AttendanceError {
  constructor(
    message: string,
    readonly reason: StorageReason,
    /** The file or folder that it is about; `''` if it is about none. */
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(message, 'ERR_ATTENDANCE_STORAGE', options);
  }
}

/** As many as allowed are there already. Nothing has been changed. */
export class LimitError extends AttendanceError {
  constructor(
    message: string,
    /** The setting that bounds it: `maxClasses`, `maxStudents`. */
    readonly setting: 'maxClasses' | 'maxStudents',
    /** Its value. */
    readonly limit: number,
  ) {
    super(message, 'ERR_ATTENDANCE_LIMIT');
  }
}

/** What a program gave as a class number is not a positive integer of at most 15 digits. */
export class ClassNumberError extends AttendanceError {
  constructor(
    /** What was given. */
    readonly value: string,
  ) {
    super(
      `a class number is a positive integer of at most 15 digits; got ${JSON.stringify(value)}`,
      'ERR_ATTENDANCE_CLASS_NUMBER',
    );
  }
}

/** What a program gave as a student's number is not 1 to 20 digits. */
export class StudentNumberError extends AttendanceError {
  constructor(
    /** What was given. */
    readonly value: string,
  ) {
    super(`a student's number is 1 to 20 digits; got ${JSON.stringify(value)}`, 'ERR_ATTENDANCE_STUDENT_NUMBER');
  }
}

// Handlers in threads and processes get the roll's errors as what they are.
registerError(AttendanceError, ClassNumberError, LimitError, StorageError, StudentNumberError);
