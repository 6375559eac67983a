import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';

import { makePrivateFile, makePrivateFolder, tighten } from '../src/private-files';
import { TemporaryFolder } from './storage';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

const describeWithModes = process.platform === 'win32' ? describe.skip : describe;

let folder: TemporaryFolder;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(() => folder[Symbol.dispose]());

describeWithModes('makePrivateFolder() and makePrivateFile()', () => {
  it.each([0, 0o022, 0o777])('give everything to the owner and nothing to others, whatever the umask (%#)', (umask) => {
    const before = process.umask(umask);
    try {
      makePrivateFolder(folder.file('data'), false);
      makePrivateFile(folder.file('data', 'file'));
    } finally {
      process.umask(before);
    }
    expect(modeOf(folder.file('data'))).toBe('700');
    expect(modeOf(folder.file('data', 'file'))).toBe('600');
  });

  it('leave a folder that is there as it is', () => {
    mkdirSync(folder.file('data'), { mode: 0o755 });
    makePrivateFolder(folder.file('data'), false);
    expect(modeOf(folder.file('data'))).toBe('755');
  });

  it('leave a file that is there as it is', () => {
    writeFileSync(folder.file('file'), 'content', { mode: 0o644 });
    makePrivateFile(folder.file('file'));
    expect(statSync(folder.file('file')).size).toBe(7);
  });
});

describe('makePrivateFolder()', () => {
  it('makes the folders above it when it may', () => {
    makePrivateFolder(folder.file('a', 'b', 'data'), true);
    expect(statSync(folder.file('a', 'b', 'data')).isDirectory()).toBe(true);
  });

  it('makes none of them when it may not', () => {
    expect(() => makePrivateFolder(folder.file('a', 'data'), false)).toThrow('ENOENT');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('refuses a file in its place', () => {
    const path = folder.file('data');
    writeFileSync(path, '');
    const message = `${path}: it is a file, and not a folder; choose another one with --set dataDir=…`;
    expect(() => makePrivateFolder(path, true)).toThrow(message);
  });
});

describeWithModes('tighten()', () => {
  it.each([
    [0o644, '600'],
    [0o666, '600'],
    [0o700, '600'],
    [0o400, '400'],
  ])('makes of mode %o', (mode, expected) => {
    const file = folder.file('file');
    writeFileSync(file, '');
    chmodSync(file, mode);
    tighten(file);
    expect(modeOf(file)).toBe(expected);
  });

  it('passes over a file that is not there', () => {
    expect(() => tighten(folder.file('none'))).not.toThrow();
  });
});
