import { settled } from '@socketserver/testing';

import { StorageError } from '../src/errors';
import { GroupCommit, type GroupCommitOptions } from '../src/group-commit';
import type { Write } from '../src/roll-store';
import { MemoryStore } from './memory-store';

const full = new StorageError('the disk is full', 'full', '/data');
const refused = { outcome: 'not-open', before: null, after: null } as const;

/** A write that changes nothing, which a store takes in any order. */
function write(number: number): Write {
  const audit = {
    at: number,
    actor: 'me',
    act: 'close',
    classNumber: String(number),
    student: null,
    ...refused,
  } as const;
  return { audit, change: null };
}

async function opened(options?: GroupCommitOptions) {
  const store = new MemoryStore();
  await store.open();
  const commit = new GroupCommit(store, options);
  const undone: number[] = [];
  /** Appends the writes with these numbers, and tells what comes of each. */
  const append = (...numbers: number[]) =>
    numbers.map((number) => {
      return commit
        .append(write(number), () => void undone.push(number))
        .then(
          () => 'durable',
          (error: unknown) => error,
        );
    });
  return { store, commit, undone, append };
}

/** The numbers of the writes in a batch. */
function numbers(batch: readonly Write[]): number[] {
  return batch.map(({ audit }) => audit.at);
}

describe('GroupCommit', () => {
  it('writes together what is appended in one turn of the event loop', async () => {
    const { store, append } = await opened();
    const first = append(1, 2);
    await Promise.resolve();
    const second = append(3);
    expect(await Promise.all([...first, ...second])).toEqual(['durable', 'durable', 'durable']);
    expect(store.batches.map(numbers)).toEqual([[1, 2, 3]]);
  });

  it('writes as the next batch what is appended while one is at the store', async () => {
    const { store, append } = await opened();
    const held = store.hold();
    const first = append(1);
    const batch = await held;
    const second = append(2, 3);
    batch.release();
    await Promise.all([...first, ...second]);
    expect(store.batches.map(numbers)).toEqual([[1], [2, 3]]);
    expect(store.complaints).toEqual([]);
  });

  it('resolves an append only when its batch is durable', async () => {
    const { store, append } = await opened();
    const held = store.hold();
    const heard = jest.fn();
    const [first] = append(1);
    void first!.then(heard);
    const batch = await held;
    await settled();
    expect(heard).not.toHaveBeenCalled();
    batch.release();
    expect(await first).toBe('durable');
  });

  it('goes on after it has been idle', async () => {
    const { store, append } = await opened();
    await Promise.all(append(1));
    await settled();
    await Promise.all(append(2));
    expect(store.batches.map(numbers)).toEqual([[1], [2]]);
  });

  it('puts no more than maxBatch writes into one batch', async () => {
    const { store, append } = await opened({ maxBatch: 2 });
    await Promise.all(append(1, 2, 3, 4, 5));
    expect(store.batches.map(numbers)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('takes back a batch that fails and all that waits behind it, the latest first, and then rejects them', async () => {
    const { store, append, undone } = await opened({ maxBatch: 2 });
    const held = store.hold();
    const first = append(1);
    const batch = await held;
    const rest = append(2, 3, 4);
    const seen = first[0]!.then(() => [...undone]);
    batch.fail(full);
    expect(await seen).toEqual([4, 3, 2, 1]);
    expect(await Promise.all([...first, ...rest])).toEqual([full, full, full, full]);
    expect(store.batches).toEqual([]);
  });

  it('leaves alone what was durable before, and writes what is appended afterwards', async () => {
    const { store, append, undone } = await opened();
    await Promise.all(append(1));
    store.fate = () => Promise.reject(full);
    expect(await Promise.all(append(2))).toEqual([full]);
    store.fate = () => undefined;
    expect(await Promise.all(append(3))).toEqual(['durable']);
    expect(undone).toEqual([2]);
    expect(store.batches.map(numbers)).toEqual([[1], [3]]);
  });

  it('tells once that writing fails, and once that it works again', async () => {
    const told: unknown[] = [];
    const { store, append } = await opened({
      onFailing: (error) => told.push(error),
      onWorking: () => told.push('working'),
    });
    await Promise.all(append(1));
    for (let round = 0; round < 2; round += 1) {
      store.fate = () => Promise.reject(full);
      await Promise.all(append(2));
      await Promise.all(append(3));
      store.fate = () => undefined;
      await Promise.all(append(4));
      await Promise.all(append(5));
    }
    expect(told).toEqual([full, 'working', full, 'working']);
  });

  it('refuses at once what is more than maxPending, and takes more when some is written', async () => {
    const { store, commit, append, undone } = await opened({ maxPending: 3 });
    const held = store.hold();
    const taken = append(1, 2, 3);
    expect(() => append(4)).toThrow(/^3 acts wait for the disk; try again/);
    expect(() => commit.append(write(5))).toThrow(expect.objectContaining({ reason: 'busy', path: '' }) as Error);
    (await held).release();
    await Promise.all(taken);
    await Promise.all(append(6));
    expect(undone).toEqual([]);
    expect(store.batches.map(numbers)).toEqual([[1, 2, 3], [6]]);
  });

  it('has room again after a failure', async () => {
    const { store, append } = await opened({ maxPending: 2 });
    store.fate = () => Promise.reject(full);
    await Promise.all(append(1, 2));
    await Promise.all(append(3, 4));
    store.fate = () => undefined;
    expect(await Promise.all(append(5, 6))).toEqual(['durable', 'durable']);
  });

  it('tells how much is in use, before anybody hears that it is written', async () => {
    const order: unknown[] = [];
    const { store, commit } = await opened({ onWritten: (inUse) => order.push(inUse, commit.pending) });
    store.inUse = 0.25;
    const held = store.hold();
    const first = commit.append(write(1)).then(() => order.push('durable'));
    const batch = await held;
    const second = commit.append(write(2));
    expect(commit.pending).toBe(2);
    batch.release();
    await Promise.all([first, second]);
    expect(order).toEqual([0.25, 1, 'durable', 0.25, 0]);
  });

  it('closes when nothing is pending, and takes nothing more', async () => {
    const { store, commit, append } = await opened({ maxBatch: 1 });
    const taken = append(1, 2);
    const closed = commit.close();
    expect(() => append(3)).toThrow('the roll is being closed, and takes nothing any more');
    await Promise.all([closed, commit.close()]);
    expect(store.batches.map(numbers)).toEqual([[1], [2]]);
    expect(await Promise.all(taken)).toEqual(['durable', 'durable']);
  });

  it('closes when what was pending is undone', async () => {
    const { store, commit, append, undone } = await opened();
    store.fate = () => Promise.reject(full);
    void Promise.all(append(1, 2));
    await commit.close();
    expect(undone).toEqual([2, 1]);
  });

  it('does not mind that nobody listens to what fails', async () => {
    const { store, commit } = await opened();
    store.fate = () => Promise.reject(full);
    void commit.append(write(1));
    await commit.close();
    await settled();
  });
});
