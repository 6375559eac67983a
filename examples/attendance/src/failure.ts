/** What clients are told when the roll could not do what they asked for. */
import type { LimitError, StorageError } from './errors';
import { errors } from './wire-texts';

/**
 * The answer in Portuguese to a request that failed with this error.
 *
 * Recognised by `code` and not by class: an error may have come from another thread or process.
 *
 * @throws whatever is no error of this app: nobody has foreseen it
 */
export function failureText(error: unknown): string {
  if (isStorageError(error)) return error.reason === 'full' ? errors.noSpace : errors.notWritten;
  if (isLimitError(error)) return error.setting === 'maxClasses' ? errors.tooManyClasses : errors.classFull;
  // Asked by somebody who was faster than the start.
  if (codeOf(error) === 'ERR_ATTENDANCE_NOT_RESTORED') return errors.notWritten;
  throw error;
}

function isStorageError(error: unknown): error is StorageError {
  return codeOf(error) === 'ERR_ATTENDANCE_STORAGE';
}

function isLimitError(error: unknown): error is LimitError {
  return codeOf(error) === 'ERR_ATTENDANCE_LIMIT';
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}
