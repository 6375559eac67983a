/** Where the roll is kept. */
import envPaths from 'env-paths';
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
  return dataDir === undefined ? envPaths('socketserver-attendance', { suffix: '' }).data : resolve(cwd, dataDir);
}
