import { endPrograms } from '@socketserver/testing';
import { readdirSync, rmSync } from 'node:fs';

import { OwnerLock } from '../src/owner-lock';
import { storeProgram, TemporaryFolder } from './storage';

let folder: TemporaryFolder;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(async () => {
  await endPrograms();
  folder[Symbol.dispose]();
});

const refused = () =>
  expect.objectContaining({
    reason: 'in-use',
    path: folder.path,
    message: `${folder.path}: another server keeps its roll in this folder; end that one, or choose another folder with --set dataDir=…`,
  }) as Error;

describe('OwnerLock', () => {
  it('is had by one at a time in a process', () => {
    const first = OwnerLock.take(folder.path);
    expect(() => OwnerLock.take(folder.path)).toThrow(refused());
    first.release();
    OwnerLock.take(folder.path).release();
  });

  it('survives the refusal of another', () => {
    const first = OwnerLock.take(folder.path);
    expect(() => OwnerLock.take(folder.path)).toThrow(refused());
    expect(() => OwnerLock.take(folder.path)).toThrow(refused());
    first.release();
  });

  it('keeps out another process, before and after one of this process was refused', async () => {
    const lock = OwnerLock.take(folder.path);
    const program = storeProgram(folder.path);
    program.process.stdin.write('open\n');
    await program.prints(/^error in-use .*$/m);
    expect(() => OwnerLock.take(folder.path)).toThrow(refused());
    program.process.stdin.write('open\n');
    await program.prints(/^error in-use .*\n[^]*^error in-use /m);
    lock.release();
  });

  it('ends with its process, also when that is killed', async () => {
    const program = storeProgram(folder.path);
    program.process.stdin.write('open\n');
    await program.prints(/^ok open$/m);
    expect(() => OwnerLock.take(folder.path)).toThrow(refused());
    expect(await program.end('SIGKILL')).toBe('SIGKILL');
    OwnerLock.take(folder.path).release();
  });

  it('notices that its file was deleted, and that another is in its place', () => {
    const lock = OwnerLock.take(folder.path);
    expect(lock.isInPlace).toBe(true);
    rmSync(folder.file('owner.lock'));
    expect(lock.isInPlace).toBe(false);
    const other = OwnerLock.take(folder.path);
    expect([lock.isInPlace, other.isInPlace]).toEqual([false, true]);
    other.release();
    lock.release();
  });

  it('leaves one empty file', () => {
    const lock = OwnerLock.take(folder.path);
    expect(readdirSync(folder.path)).toEqual(['owner.lock']);
    lock.release();
  });
});
