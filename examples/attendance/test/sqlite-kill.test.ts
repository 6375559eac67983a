import { endPrograms } from '@socketserver/testing';

import { SqliteStore } from '../src/sqlite-store';
import { settingsFor, storeProgram, TemporaryFolder } from './storage';

afterEach(endPrograms);

/** Students in a batch. */
const BATCH = 7;

describe('SqliteStore in a process that is killed', () => {
  it('has kept everything that it said it kept, whole batches, and nothing twice', async () => {
    using folder = new TemporaryFolder();
    for (let round = 1; round <= 5; round += 1) {
      const program = storeProgram(folder.path);
      program.process.stdin.write(`open\nclass ${round}\nflood ${round} ${BATCH}\n`);
      await program.prints(new RegExp(`kept ${BATCH * round * round * 3}\n`));
      expect(await program.end('SIGKILL')).toBe('SIGKILL');

      const acknowledged = Number(
        program.stdout
          .match(/kept (\d+)\n/g)!
          .at(-1)!
          .slice(5),
      );
      const store = new SqliteStore(settingsFor(folder.path));
      const { sessions } = await store.open();
      await store.close();
      expect(sessions).toHaveLength(round);
      const students = sessions.at(-1)!.presences.map(({ student }) => Number(student));
      // Its last batch may have been kept without a word.
      expect([acknowledged, acknowledged + BATCH]).toContain(students.length);
      expect(students).toEqual(students.map((_, index) => index));
    }
  });
});
