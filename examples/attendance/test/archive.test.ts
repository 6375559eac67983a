import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';

import { Archive } from '../src/archive';
import { RollDatabase } from '../src/roll-database';
import type { Write } from '../src/roll-store';
import { closing, opening, registration, settingsFor, tamper, TemporaryFolder } from './storage';

let folder: TemporaryFolder;
let server: RollDatabase | undefined;
let archive: Archive | undefined;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(() => {
  archive?.close();
  server?.close();
  archive = server = undefined;
  folder[Symbol.dispose]();
});

/** What a server has written that is still running. */
function write(...batch: Write[]): void {
  server ??= RollDatabase.open({ ...settingsFor(folder.path), folder: folder.path, withParents: false }).database;
  server.write(batch);
}

function stopServer(): void {
  server!.close();
  server = undefined;
}

function openArchive(): Archive {
  return (archive = Archive.open(folder.path)!);
}

const file = () => folder.file('attendance.db');

describe('Archive', () => {
  it('has the sessions of one class, closed and open, in the order of their opening', () => {
    write(opening('101', 1), opening('102', 2), registration('101', '9', 3), registration('101', '042', 4));
    write(closing('101', 5), opening('101', 6), registration('102', '7', 7));
    const archive = openArchive();
    const first = {
      classNumber: '101',
      openedAt: 1,
      closedAt: 5,
      presences: [
        { student: '9', at: 3 },
        { student: '042', at: 4 },
      ],
    };
    const second = { classNumber: '101', openedAt: 6, closedAt: null, presences: [] };
    expect([...archive.sessions('101')]).toEqual([first, second]);
    expect([...archive.sessions('101', { newestFirst: true })]).toEqual([second, first]);
    expect(archive.countSessions('101')).toBe(2);
    expect([...archive.sessions('103')]).toEqual([]);
    expect(archive.countSessions('103')).toBe(0);
  });

  it.each([
    [{ from: 20 }, [20, 30]],
    [{ before: 20 }, [10]],
    [{ from: 11, before: 30 }, [20]],
    [{ from: 31 }, []],
    [{}, [10, 20, 30]],
  ])('has the sessions that were opened in %j', (range, expected) => {
    for (const at of [10, 20, 30]) write(opening('101', at), closing('101', at + 100));
    expect([...openArchive().sessions('101', range)].map(({ openedAt }) => openedAt)).toEqual(expected);
  });

  it('has every student of a class by number, with the sessions in which he was', () => {
    const numbers = Array.from({ length: 1203 }, (_, i) => String(i).padStart(5, '0'));
    write(opening('101'), ...numbers.map((student) => registration('101', student)), closing('101'));
    write(opening('101'), registration('101', '00007'), registration('101', '1'));
    write(opening('102'), registration('102', '00007'));
    const totals = [...openArchive().students('101')];
    expect(totals.map(({ student }) => student)).toEqual([...numbers, '1'].sort());
    expect(totals.filter(({ sessions }) => sessions !== 1)).toEqual([{ student: '00007', sessions: 2 }]);
  });

  it('does not see the sessions that are opened while it is read', () => {
    write(opening('101'), registration('101', '1'));
    const archive = openArchive();
    const sessions = archive.sessions('101');
    sessions.next();
    write(closing('101'), opening('101'), registration('101', '1'));
    expect([...sessions]).toEqual([]);
    expect([...archive.students('101')]).toEqual([{ student: '1', sessions: 1 }]);
    expect(archive.countSessions('101')).toBe(1);
  });

  it('is in nobody’s way while it is read', () => {
    write(opening('101'), registration('101', '1'), closing('101'), opening('101'));
    const sessions = openArchive().sessions('101');
    sessions.next();
    write(registration('101', '1'));
    // The log can be emptied only if nobody reads what is in it.
    expect(server!.checkpoint()).toBe(true);
    expect(statSync(`${file()}-wal`).size).toBe(0);
  });

  it('can be read without a server', () => {
    write(opening('101'), registration('101', '1'));
    stopServer();
    expect([...openArchive().sessions('101')]).toHaveLength(1);
    if (process.platform !== 'win32') {
      for (const end of ['', '-wal', '-shm']) {
        const stats = statSync(file() + end, { throwIfNoEntry: false });
        expect((stats?.mode ?? 0o600) & 0o777).toBe(0o600);
      }
    }
  });

  it('is not there before a server has been there', () => {
    expect(Archive.open(folder.path)).toBeUndefined();
    expect(Archive.open(folder.file('none'))).toBeUndefined();
    writeFileSync(file(), '');
    expect(Archive.open(folder.path)).toBeUndefined();
  });

  (process.getuid?.() === 0 ? it.skip : it)('says so when it may not be looked for (not as root)', () => {
    chmodSync(folder.path, 0);
    expect(() => Archive.open(folder.path)).toThrow(
      expect.objectContaining({ reason: 'denied', path: file() }) as Error,
    );
    chmodSync(folder.path, 0o700);
  });

  it('refuses a file that is no database', () => {
    writeFileSync(file(), 'this is not a database. '.repeat(50));
    expect(() => Archive.open(folder.path)).toThrow(
      expect.objectContaining({ name: 'StorageError', reason: 'damaged', path: file() }) as Error,
    );
  });

  it('says where it finds that the file is damaged', () => {
    write(opening('101'), ...Array.from({ length: 3000 }, (_, i) => registration('101', String(i))));
    stopServer();
    const content = readFileSync(file());
    content.fill(0xff, content.length / 2);
    writeFileSync(file(), content);
    const archive = openArchive();
    expect(() => [...archive.sessions('101')]).toThrow(
      expect.objectContaining({ name: 'StorageError', reason: 'damaged', path: file() }) as Error,
    );
  });

  it("refuses a later version's file", () => {
    write(opening('101'));
    stopServer();
    tamper(folder.path, (database) => database.exec('PRAGMA user_version = 2'));
    expect(() => Archive.open(folder.path)).toThrow(
      expect.objectContaining({ reason: 'newer', path: file() }) as Error,
    );
  });
});
