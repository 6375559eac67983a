export { AttendanceHandler } from './attendance-handler';
export { AttendanceService } from './attendance-service';
export { ClassType } from './class-type';
export { AttendanceClient, type AttendanceClientOptions } from './client/attendance-client';
export { ReplyTimeoutError, ReplyTooLongError, RequestPendingError, ServerGoneError } from './client/client-errors';
export { CODES, MAX_REQUEST, requests } from './codec';
export { DurableRoll } from './durable-roll';
export {
  AttendanceError,
  ClassNumberError,
  LimitError,
  StorageError,
  type StorageReason,
  StudentNumberError,
} from './errors';
export { attendance, attendance as default } from './plugin';
export { type Actor, type Closing, type Consultation, type Opening, type Registration, Roll } from './roll';
export { type AuditEntry, type Change, type OpenSession, RollStore, type StoredRoll, type Write } from './roll-store';
export { type AttendanceSettings, settings } from './settings';
