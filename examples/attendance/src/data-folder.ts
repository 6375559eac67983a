/** Where the roll is kept. */
import envPaths from 'env-paths';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

import type { AttendanceSettings } from './settings';

/** The name of the database in its folder. */
export const DATABASE = 'attendance.db';

/**
 * The folder that the settings mean: what `dataDir` says, or the platform's usual one for data, such as
 * `~/.local/share/socketserver-attendance`.
 *
 * @param cwd where a relative `dataDir` starts from
 */
export function dataFolder({ dataDir }: Pick<AttendanceSettings, 'dataDir'>, cwd = process.cwd()): string {
  // The suffix would only say that Node made the folder.
  if (dataDir === undefined) return envPaths('socketserver-attendance', { suffix: '' }).data;
  // A shell leaves the tilde of `--set dataDir=~/roll` as it is.
  return resolve(
    cwd,
    dataDir.replace(/^~(?=$|[/\\])/, () => homedir()),
  );
}
