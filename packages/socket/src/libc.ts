/**
 * The one thing that Node cannot do and the C library can: duplicate a descriptor.
 *
 * It rests on the optional package `koffi`. Where that is not installed or cannot be loaded (or on Windows),
 * {@link duplicateDescriptor} gives `null` and its callers use their public-API fallback.
 */

/** `F_DUPFD_CLOEXEC` of fcntl.h: a child that is spawned meanwhile does not inherit the copy. */
const F_DUPFD_CLOEXEC: Partial<Record<NodeJS.Platform, number>> = { linux: 1030, darwin: 67, freebsd: 17 };

type Fcntl = (fd: number, command: number, type: 'int', argument: number) => number;

let fcntl: Fcntl | null | undefined;

/**
 * Another descriptor of the same open socket; the caller closes it.
 *
 * @returns the new descriptor, -1 when the process has none left, `null` where descriptors cannot be duplicated
 */
export function duplicateDescriptor(fd: number): number | null {
  const command = F_DUPFD_CLOEXEC[process.platform];
  fcntl ??= command === undefined ? null : loadFcntl();
  return fcntl === null || command === undefined ? null : fcntl(fd, command, 'int', 0);
}

function loadFcntl(): Fcntl | null {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded only when first needed
    const koffi = require('koffi') as { load(library: null): { func(prototype: string): unknown } };
    return koffi.load(null).func('int fcntl(int fd, int cmd, ...)') as Fcntl;
  } catch {
    return null;
  }
}
