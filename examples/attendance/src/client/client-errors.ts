import { AttendanceError } from '../errors';

/** The server ended the connection. */
export class ServerGoneError extends AttendanceError {
  constructor(
    /** What had come of a reply by then; '' if nothing, or if none was awaited. */
    readonly partial = '',
  ) {
    super('the server ended the connection; connect again to go on', 'ERR_ATTENDANCE_SERVER_GONE');
  }
}

/** A reply did not become whole in time. The connection is closed: what comes late would pass for the next reply. */
export class ReplyTimeoutError extends AttendanceError {
  constructor(
    /** Milliseconds that it had. */
    readonly timeout: number,
    /** What had come of it. */
    readonly partial: string,
  ) {
    super(`no whole reply came within ${timeout} ms; connect again to go on`, 'ERR_ATTENDANCE_REPLY_TIMEOUT');
  }
}

/** A reply has more bytes than are kept. The connection is closed, because nobody knows where the reply ends. */
export class ReplyTooLongError extends AttendanceError {
  constructor(
    /** Bytes that a reply can have. */
    readonly limit: number,
  ) {
    super(
      `the reply has more than ${limit} bytes; check that this is a roll call server`,
      'ERR_ATTENDANCE_REPLY_LENGTH',
    );
  }
}

/** The reply to the last request is still to come, and replies do not say what they belong to. */
export class RequestPendingError extends AttendanceError {
  constructor() {
    super('a request is on its way; await its reply before the next one', 'ERR_ATTENDANCE_REQUEST_PENDING');
  }
}

/** The server could not be reached, or did not answer, as often as it was tried. */
export class GaveUpError extends AttendanceError {
  constructor(
    /** How often it was tried. */
    readonly attempts: number,
    options: ErrorOptions,
  ) {
    super(
      `no answer from the server after ${attempts} attempts; check host and port`,
      'ERR_ATTENDANCE_GAVE_UP',
      options,
    );
  }
}
