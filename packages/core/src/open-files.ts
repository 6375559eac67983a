/** How many descriptors this process may have open, and how many it has: what the system tells without an addon. */
import { readFileSync, readdirSync } from 'node:fs';

/** Where a process sees its own descriptors. */
const FOLDERS: Partial<Record<NodeJS.Platform, string>> = { linux: '/proc/self/fd', darwin: '/dev/fd' };

/** The soft limit of the process (`ulimit -n`); `Infinity` where there is none or it cannot be told. */
export function openFilesLimit(): number {
  const text = process.platform === 'linux' ? read('/proc/self/limits') : null;
  const soft = text === null ? reportedLimit() : /^Max open files\s+(\S+)/m.exec(text)?.[1];
  const limit = Number(soft);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : Infinity;
}

/** How many are open; 0 where it cannot be told. */
export function openFiles(): number {
  const folder = FOLDERS[process.platform];
  try {
    // Reading the folder opens one more.
    return folder === undefined ? 0 : readdirSync(folder).length - 1;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // None was left to look with; otherwise the folder is not there, as where /proc is not mounted.
    return code === 'EMFILE' || code === 'ENFILE' ? Infinity : 0;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

let reported: unknown;

/** From Node's diagnostic report, which takes long to make: asked once. */
function reportedLimit(): unknown {
  if (process.platform === 'win32') return undefined;
  reported ??= (process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }).userLimits
    ?.open_files?.soft;
  return reported;
}
