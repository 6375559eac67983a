import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { duplicateDescriptor } from '../src/libc';

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('duplicateDescriptor', () => {
  onLinux('gives another descriptor of the same file, which children do not inherit', () => {
    const fd = openSync('/dev/null', 'r');
    const copy = duplicateDescriptor(fd)!;
    try {
      expect(copy).toBeGreaterThan(2);
      expect(copy).not.toBe(fd);
      expect(readlinkSync(`/proc/self/fd/${copy}`)).toBe('/dev/null');
      const [, flags] = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${copy}`, 'utf8'))!;
      expect(parseInt(flags!, 8) & 0o2000000).not.toBe(0); // O_CLOEXEC
    } finally {
      closeSync(fd);
      closeSync(copy);
    }
  });

  onLinux('gives -1 for a descriptor that is not open', () => {
    expect(duplicateDescriptor(-1)).toBe(-1);
  });

  it('gives null on a system whose numbers are not known', () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
    Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
    try {
      expect(duplicateDescriptor(0)).toBeNull();
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });
});
