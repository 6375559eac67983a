import { constants } from 'node:os';

import { StorageError } from '../src/errors';
import { storageFailure } from '../src/storage-failure';
import { TemporaryFolder } from './storage';

const PATH = '/data/attendance.db';

const ofSystem = (code: string) => Object.assign(new TypeError(`${code}: it went wrong`), { code });
const ofSqlite = (errcode: number) =>
  Object.assign(new TypeError('it went wrong'), { code: 'ERR_SQLITE_ERROR', errcode });

describe('storageFailure()', () => {
  it.each([
    ['ENOSPC', 'full', 'its disk is full; free some space, or choose another folder with --set dataDir=…'],
    ['EDQUOT', 'full', 'its disk is full; free some space, or choose another folder with --set dataDir=…'],
    [
      'EACCES',
      'denied',
      /^it may not be read and written \(EACCES: it went wrong\); change its permissions, or choose/,
    ],
    ['EPERM', 'denied', /^it may not be read and written \(EPERM/],
    ['EROFS', 'denied', /^it may not be read and written \(EROFS/],
    ['ENOENT', 'failed', /^there is no such folder; see to that, or choose another folder with --set dataDir=…$/],
    [
      'EMFILE',
      'too-many-files',
      'too many files are open; allow more (ulimit -n), or fewer clients (--max-connections)',
    ],
    ['ENFILE', 'too-many-files', /^too many files are open; /],
    ['EIO', 'failed', /^EIO: it went wrong; see to that, or choose/],
  ])('tells what %s means', (code, reason, text) => {
    const cause = ofSystem(code);
    const error = storageFailure(cause, PATH);
    expect(error).toMatchObject({ name: 'StorageError', code: 'ERR_ATTENDANCE_STORAGE', reason, path: PATH, cause });
    expect(error.message.slice(0, PATH.length + 2)).toBe(`${PATH}: `);
    expect(error.message.slice(PATH.length + 2)).toMatch(text);
  });

  it.each([
    ['SQLITE_FULL', 13, 'full'],
    ['SQLITE_BUSY', 5, 'in-use'],
    ['SQLITE_BUSY_SNAPSHOT', 517, 'in-use'],
    ['SQLITE_LOCKED', 6, 'in-use'],
    ['SQLITE_CORRUPT', 11, 'damaged'],
    ['SQLITE_CORRUPT_INDEX', 779, 'damaged'],
    ['SQLITE_NOTADB', 26, 'damaged'],
    ['SQLITE_READONLY', 8, 'denied'],
    ['SQLITE_READONLY_DIRECTORY', 1544, 'denied'],
    ['SQLITE_CANTOPEN', 14, 'denied'],
    ['SQLITE_PERM', 3, 'denied'],
    ['SQLITE_IOERR_FSYNC', 1034, 'failed'],
    ['SQLITE_CONSTRAINT_UNIQUE', 2067, 'failed'],
  ])('tells what %s means', (_name, errcode, reason) => {
    using folder = new TemporaryFolder();
    expect(storageFailure(ofSqlite(errcode), folder.file('attendance.db'))).toMatchObject({ reason });
  });

  it.each([
    ['database disk image is malformed', 'damaged'],
    ['malformed database schema (presences)', 'damaged'],
    ['file is not a database', 'damaged'],
    ['database or disk is full', 'full'],
    ['database is locked', 'in-use'],
    ['attempt to write a readonly database', 'denied'],
    ['unable to open database file', 'denied'],
    ['disk I/O error', 'failed'],
    ['no such table: sessions', 'failed'],
  ])('knows %j without a result code', (message, reason) => {
    using folder = new TemporaryFolder();
    const error = Object.assign(new TypeError(message), { code: 'ERR_SQLITE_ERROR' });
    expect(storageFailure(error, folder.file('attendance.db'))).toMatchObject({ reason });
  });

  it.each([
    ['EMFILE', 14, 'too-many-files'],
    ['EACCES', 14, 'denied'],
    ['EDQUOT', 778, 'full'],
    ['EIO', 778, 'failed'],
  ] as const)('takes the word of the system, if SQLite has passed it on: %s', (name, errcode, reason) => {
    using folder = new TemporaryFolder();
    const error = Object.assign(ofSqlite(errcode), { systemErrno: constants.errno[name] });
    expect(storageFailure(error, folder.file('attendance.db'))).toMatchObject({ reason });
  });

  it('knows a quota that is used up, for which Node has no name', () => {
    const error = Object.assign(new TypeError('Unknown system error -122'), { errno: -constants.errno.EDQUOT });
    expect(storageFailure(error, PATH)).toMatchObject({ reason: 'full' });
  });

  it('passes on what is one already', () => {
    const error = new StorageError('a message', 'newer', PATH);
    expect(storageFailure(error, '/elsewhere')).toBe(error);
  });

  it.each([undefined, null, 'text', { message: 5 }])('takes %j, too', (thrown) => {
    expect(storageFailure(thrown, PATH)).toMatchObject({ reason: 'failed', cause: thrown });
  });
});
