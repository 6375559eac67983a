/**
 * What Node cannot do and the C library can: duplicate a descriptor, end with one's parent, and what `hand-off/passage.ts`
 * needs.
 *
 * It rests on the optional package `koffi`. Where that is not installed or cannot be loaded (or on Windows), the functions
 * say so, and their callers use their public-API fallback.
 */

/** `F_DUPFD_CLOEXEC` of fcntl.h: a child that is spawned meanwhile does not inherit the copy. */
const F_DUPFD_CLOEXEC: Partial<Record<NodeJS.Platform, number>> = { linux: 1030, darwin: 67, freebsd: 17 };

/** `PR_SET_PDEATHSIG` of sys/prctl.h. */
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

type Prctl = (option: number, type: 'unsigned long', argument: number) => number;

type Fcntl = (fd: number, command: number, type: 'int', argument: number) => number;

let fcntl: Fcntl | null | undefined;

/**
 * Another descriptor of the same open socket; the caller closes it.
 *
 * @returns the new descriptor, -1 when the process has none left, `null` where descriptors cannot be duplicated
 */
export function duplicateDescriptor(fd: number): number | null {
  const command = F_DUPFD_CLOEXEC[process.platform];
  if (fcntl === undefined) fcntl = command === undefined ? null : cFunction<Fcntl>('int fcntl(int fd, int cmd, ...)');
  return fcntl === null || command === undefined ? null : fcntl(fd, command, 'int', 0);
}

/** Whether descriptors can be duplicated here. */
export function canDuplicate(): boolean {
  return duplicateDescriptor(-1) !== null;
}

/**
 * Lets the system kill this process when its parent has ended, however busy it is.
 *
 * @returns whether that is so: Linux only
 */
export function dieWithParent(): boolean {
  const prctl = process.platform === 'linux' ? cFunction<Prctl>('int prctl(int option, ...)') : null;
  return prctl?.(PR_SET_PDEATHSIG, 'unsigned long', SIGKILL) === 0;
}

/** The function of the C library with this prototype; `null` where it cannot be had. */
export function cFunction<F>(prototype: string): F | null {
  try {
    return (koffi().load(null) as { func(prototype: string): unknown }).func(prototype) as F;
  } catch {
    return null;
  }
}

/** The error number of the last function that was called. */
export function errno(): number {
  return koffi().errno();
}

function koffi(): { load(library: null): unknown; errno(): number } {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded only when first needed
  return require('koffi') as ReturnType<typeof koffi>;
}
