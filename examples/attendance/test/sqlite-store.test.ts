import { expectNoLeaks, until } from '@socketserver/testing';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';

import type { AttendanceSettings } from '../src/settings';
import { SqliteStore } from '../src/sqlite-store';
import { closing, look, opening, registration, settingsFor, TemporaryFolder } from './storage';

expectNoLeaks();

let folder: TemporaryFolder;
let stores: SqliteStore[];
/** The threads that were started in this test. */
let threads: Worker[];
const remember = (message: unknown) => threads.push((message as { worker: Worker }).worker);

beforeEach(() => {
  [folder, stores, threads] = [new TemporaryFolder(), [], []];
  subscribe('worker_threads', remember);
});
afterEach(async () => {
  unsubscribe('worker_threads', remember);
  await Promise.all(stores.map((store) => store.close()));
  folder[Symbol.dispose]();
});

function newStore(settings: Partial<AttendanceSettings> = {}): SqliteStore {
  const store = new SqliteStore(settingsFor(folder.path, settings));
  stores.push(store);
  return store;
}

const students = () => look<{ student: string }>(folder.path, 'SELECT student FROM presences ORDER BY id');
const lastThread = () => threads.at(-1)!;

describe('SqliteStore', () => {
  it('finds again what it has written', async () => {
    const store = newStore();
    expect(await store.open()).toMatchObject({ sessions: [] });
    await store.write([opening('101', 5), registration('101', '042', 6)]);
    await store.write([opening('102', 7)]);
    await store.write([closing('102', 8)]);
    await store.close();
    expect((await newStore().open()).sessions).toEqual([
      { classNumber: '101', openedAt: 5, presences: [{ student: '042', at: 6 }] },
    ]);
  });

  it('leaves the database in one file, and no thread, when it is closed', async () => {
    const store = newStore();
    await store.open();
    await store.write([opening('101')]);
    expect(threads).toHaveLength(1);
    const gone = once(lastThread(), 'exit');
    await Promise.all([store.close(), store.close()]);
    await gone;
    expect(readdirSync(folder.path)).toEqual(['attendance.db', 'owner.lock']);
  });

  it('finishes a write that is under way when it is closed', async () => {
    const store = newStore();
    await store.open();
    const writing = store.write([opening('101'), registration('101', '042')]);
    await store.close();
    await writing;
    expect(students()).toEqual([{ student: '042' }]);
  });

  it('takes an empty batch', async () => {
    const store = newStore();
    await store.open();
    await store.write([opening('101')]);
    await store.write([]);
    await store.write([registration('101', '042')]);
    expect(students()).toEqual([{ student: '042' }]);
  });

  it('takes nothing any more when it is closed, not even while it is being opened', async () => {
    const store = newStore();
    const opening_ = store.open();
    await store.close();
    await expect(opening_).rejects.toThrow(`${folder.path}: the store has been closed; open a new one`);
    await expect(store.write([opening('101')])).rejects.toThrow('the store has been closed');
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1]);
  });

  it('can be closed without having been opened', async () => {
    await newStore().close();
  });

  it('rejects what cannot be written, and writes what comes after it', async () => {
    const store = newStore();
    await store.open();
    await expect(store.write([registration('101', '042')])).rejects.toMatchObject({
      name: 'StorageError',
      code: 'ERR_ATTENDANCE_STORAGE',
      reason: 'failed',
      path: folder.file('attendance.db'),
      cause: expect.objectContaining({ message: expect.stringContaining('NOT NULL') as string }) as Error,
    });
    await store.write([opening('101')]);
    expect(threads).toHaveLength(1);
  });

  it('refuses a folder that another server has, and leaves no thread', async () => {
    const first = newStore();
    await first.open();
    const second = newStore();
    await expect(second.open()).rejects.toMatchObject({
      reason: 'in-use',
      message: expect.stringContaining(`${folder.path}: another server`) as string,
    });
    expect(threads.map(({ threadId }) => threadId > 0)).toEqual([true, false]);
    await first.write([opening('101')]);
    await first.close();
    expect((await newStore().open()).sessions).toHaveLength(1);
  });

  it('refuses a damaged file, and leaves no thread', async () => {
    writeFileSync(folder.file('attendance.db'), 'this is not a database. '.repeat(50));
    await expect(newStore().open()).rejects.toMatchObject({ reason: 'damaged' });
    expect(lastThread().threadId).toBe(-1);
  });

  it('takes erased students out of the log as soon as there is a quiet moment', async () => {
    const store = newStore({ archive: false });
    await store.open();
    await store.write([opening('101'), registration('101', '042', 0, null), closing('101')]);
    expect(statSync(folder.file('attendance.db-wal')).size).toBeGreaterThan(0);
    await until(() => statSync(folder.file('attendance.db-wal')).size === 0);
    await store.write([opening('101')]);
  });
});
