import { expectNoLeaks } from '@socketserver/testing';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

import type { Write } from '../src/roll-store';
import { SqliteStore } from '../src/sqlite-store';
import { closing, look, opening, registration, settingsFor, tamper, TemporaryFolder } from './storage';

// A thread cannot be ended from outside at a chosen moment: this one ends by itself.
jest.mock('node:worker_threads', () => {
  const real = jest.requireActual<typeof import('node:worker_threads')>('node:worker_threads');
  return {
    ...real,
    Worker: class extends real.Worker {
      constructor(_file: string, options: object) {
        super(require.resolve('./fixtures/mortal-worker.js'), options);
      }
    },
  };
});

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

/** A store in which class 101 is open. */
async function openedStore(): Promise<SqliteStore> {
  const store = newStore();
  await store.open();
  await store.write([opening('101')]);
  return store;
}

function newStore(): SqliteStore {
  const store = new SqliteStore(settingsFor(folder.path));
  stores.push(store);
  return store;
}

/** Registers a student in class 101, and ends the thread. */
function fatal(when: 'dies before' | 'dies after' | 'dies idle', student: string): Write {
  const { audit, change } = registration('101', student);
  return { audit: { ...audit, actor: when }, change };
}

/** Writes it, and waits until the thread has ended. */
async function writeLast(store: SqliteStore, student: string) {
  const gone = once(threads.at(-1)!, 'exit');
  await store.write([fatal('dies idle', student)]);
  await gone;
}

const students = () =>
  look<{ student: string }>(folder.path, 'SELECT student FROM presences ORDER BY id').map(({ student }) => student);

const hasEnded = () =>
  expect.objectContaining({
    name: 'StorageError',
    reason: 'failed',
    message: `${folder.path}: the thread that writes to it has ended; try again, or restart the server`,
  }) as Error;

const uncertain = () =>
  expect.objectContaining({
    name: 'StorageError',
    reason: 'failed',
    path: folder.path,
    message: `${folder.path}: what is written in it is not certain any more; restart the server, which reads it again`,
  }) as Error;

describe('SqliteStore, when its thread is lost', () => {
  it('goes on with another one at the next write', async () => {
    const store = await openedStore();
    for (const student of ['1', '2', '3', '4', '5']) {
      await writeLast(store, student);
      await store.write([registration('101', `9${student}`)]);
    }
    expect(students()).toEqual(['1', '91', '2', '92', '3', '93', '4', '94', '5', '95']);
    expect(threads).toHaveLength(6);
  });

  it('rejects the batch that was under way, if it was not written, and writes the next', async () => {
    const store = await openedStore();
    await expect(store.write([fatal('dies before', '1'), registration('101', '2')])).rejects.toThrow(hasEnded());
    expect(students()).toEqual([]);
    await store.write([registration('101', '1')]);
    expect(students()).toEqual(['1']);
    expect(threads).toHaveLength(2);
  });

  it('resolves for the batch that was under way, if it was written, and writes the next', async () => {
    const store = await openedStore();
    await store.write([fatal('dies after', '1'), registration('101', '2')]);
    expect(students()).toEqual(['1', '2']);
    await store.write([fatal('dies after', '3')]);
    await store.write([registration('101', '4')]);
    expect(students()).toEqual(['1', '2', '3', '4']);
    expect(threads).toHaveLength(3);
  });

  it('says that no other thread can be had, and tries again at the next write', async () => {
    const store = await openedStore();
    await writeLast(store, '1');
    const other = newStore();
    await other.open();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await expect(store.write([registration('101', '2')])).rejects.toMatchObject({ reason: 'in-use' });
    }
    await other.close();
    await store.write([registration('101', '2')]);
    expect(students()).toEqual(['1', '2']);
  });

  it('writes no more when somebody else has written meanwhile', async () => {
    const store = await openedStore();
    await writeLast(store, '1');
    const other = newStore();
    await other.open();
    await other.write([closing('101')]);
    await other.close();
    await expect(store.write([registration('101', '2')])).rejects.toThrow(uncertain());
    const before = threads.length;
    await expect(store.write([registration('101', '2')])).rejects.toThrow(uncertain());
    expect(threads).toHaveLength(before);
    // It holds on to nothing.
    await newStore().open();
  });

  it('writes no more when it cannot find out what became of a batch', async () => {
    const store = await openedStore();
    tamper(folder.path, (database) => database.exec('PRAGMA user_version = 2'));
    await expect(store.write([fatal('dies after', '1')])).rejects.toThrow(uncertain());
    await expect(store.write([registration('101', '2')])).rejects.toThrow(uncertain());
  });

  it('gives up when one thread after the other is lost, and nothing is written', async () => {
    const store = await openedStore();
    for (let loss = 0; loss < 3; loss += 1) {
      await expect(store.write([fatal('dies before', '1')])).rejects.toThrow(hasEnded());
    }
    await expect(store.write([fatal('dies before', '1')])).rejects.toThrow(uncertain());
    await expect(store.write([registration('101', '1')])).rejects.toThrow(uncertain());
    expect(threads).toHaveLength(4);
    expect(students()).toEqual([]);
  });

  it('can be closed', async () => {
    const store = await openedStore();
    await writeLast(store, '1');
    await store.close();
    await expect(store.write([registration('101', '2')])).rejects.toThrow('the store has been closed');
  });

  it('can be closed while the next one is starting', async () => {
    const store = await openedStore();
    const writing = store.write([fatal('dies before', '1')]);
    await once(threads[0]!, 'exit');
    await store.close();
    await expect(writing).rejects.toMatchObject({ name: 'StorageError', reason: 'failed' });
    expect(threads).toHaveLength(2);
  });
});
