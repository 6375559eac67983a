import { closeSync, openSync } from 'node:fs';
import { Ledger } from '../../src/hand-off/ledger';
import { canDuplicate, duplicateDescriptor } from '../../src/libc';
import { socketDescriptors } from '../loopback';
import { held } from './workers';

/** A second descriptor of a connection that is open until the end of the test. */
async function descriptor(): Promise<number> {
  return duplicateDescriptor((await held()).socket.fileno())!;
}

(canDuplicate() ? describe : describe.skip)('a ledger (where descriptors can be duplicated)', () => {
  it('gives the other side each descriptor once', () => {
    const ledger = new Ledger(3);
    const other = new Ledger(ledger.memory);
    const slot = ledger.room;
    ledger.put(slot, 7);
    expect([ledger.size, other.size]).toEqual([3, 3]);
    expect(other.take(slot, (fd) => `adopted ${fd}`)).toBe('adopted 7');
    expect(other.take(slot, (fd) => `adopted ${fd}`)).toBeNull();
  });

  it('has room for so many, in whatever order they are taken', () => {
    const ledger = new Ledger(3);
    const other = new Ledger(ledger.memory);
    for (const fd of [1000, 1001, 1002]) ledger.put(ledger.room, fd);
    expect(ledger.room).toBe(-1);
    other.take(1, () => 'adopted');
    expect(ledger.room).toBe(1);
    ledger.put(1, 1003);
    expect(ledger.room).toBe(-1);
    other.take(0, () => 'adopted');
    other.take(2, () => 'adopted');
    expect([0, 2]).toContain(ledger.room);
  });

  it('closes what was not taken', async () => {
    const ledger = new Ledger(3);
    const fds = [await descriptor(), await descriptor()];
    const before = socketDescriptors();
    for (const fd of fds) ledger.put(ledger.room, fd);
    ledger.closeAll();
    expect(socketDescriptors()).toBe(before - 2);
    ledger.closeAll();
    expect(ledger.room).not.toBe(-1);
  });

  it('closes what a worker had in hand when it was terminated', async () => {
    const ledger = new Ledger(1);
    const fd = await descriptor();
    const before = socketDescriptors();
    ledger.put(ledger.room, fd);
    // Within adopting, as the termination would be.
    new Ledger(ledger.memory).take(0, () => ledger.closeAll());
    expect(socketDescriptors()).toBe(before - 1);
  });

  it('leaves alone what has the number of a descriptor that the worker had adopted', async () => {
    const ledger = new Ledger(1);
    const fd = await descriptor();
    ledger.put(ledger.room, fd);
    let file = -1;
    new Ledger(ledger.memory).take(0, () => {
      closeSync(fd);
      file = openSync('/dev/null', 'r');
      ledger.closeAll();
    });
    expect(file).toBe(fd);
    closeSync(file); // Throws if it is closed already.
  });

  it('gives a descriptor to a handle, once, or closes it when the handle does not take it', async () => {
    const ledger = new Ledger(2);
    const other = new Ledger(ledger.memory);
    const [fd, refused] = [await descriptor(), await descriptor()];
    const before = socketDescriptors();
    for (const each of [fd, refused]) ledger.put(ledger.room, each);
    const opened: number[] = [];
    const handle = { open: (given: number) => opened.push(given) - 1, close: () => undefined };
    expect([other.open(0, handle), other.open(0, handle), opened]).toEqual([0, null, [fd]]);
    expect(other.open(1, handle)).toBe(1);
    expect([opened, socketDescriptors()]).toEqual([[fd, refused], before - 1]);
    ledger.closeAll();
    expect(socketDescriptors()).toBe(before - 1);
    closeSync(fd);
  });

  it('closes what cannot be adopted', async () => {
    const ledger = new Ledger(1);
    const fd = await descriptor();
    const before = socketDescriptors();
    ledger.put(ledger.room, fd);
    const adopt = () => {
      throw new TypeError('no socket');
    };
    expect(() => new Ledger(ledger.memory).take(0, adopt)).toThrow('no socket');
    expect(socketDescriptors()).toBe(before - 1);
    ledger.closeAll();
  });
});
