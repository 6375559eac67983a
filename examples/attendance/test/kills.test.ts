/**
 * Servers that are killed under load, by chance: `SOCKETSERVER_SEED` brings a run back, as far as the operating system
 * lets it.
 */
import { endPrograms, Random } from '@socketserver/testing';

import { KillRun } from './kills-run';
import { concurrent } from './roll-server';
import { TemporaryFolder } from './storage';

const KILLS = 100;
/** Side by side, one under each strategy: while one starts, another is busy. */
const SERVERS = concurrent.length;

const seed = Number(process.env.SOCKETSERVER_SEED ?? Math.floor(Math.random() * 2 ** 32));

let folder: TemporaryFolder;

beforeAll(() => (folder = new TemporaryFolder()));

afterAll(async () => {
  await endPrograms();
  folder[Symbol.dispose]();
});

describe('a server that is killed', () => {
  it(`has kept all that it acknowledged, ${KILLS} times (SOCKETSERVER_SEED=${seed})`, async () => {
    const runs = concurrent.map((strategy, index) => {
      return new KillRun(folder.file(strategy), strategy, new Random(seed + index));
    });
    // The first that is wrong is enough: then all come to their end.
    const complaints: string[] = [];
    await Promise.all(
      runs.map(async (run, index) => {
        try {
          for (let kill = index; kill < KILLS && complaints.length === 0; kill += SERVERS) {
            complaints.push(...(await run.kill()));
          }
          if (complaints.length === 0) complaints.push(...(await run.finish()));
        } catch (error) {
          complaints.push(String(error));
        }
      }),
    );
    expect(complaints).toEqual([]);
    // It was under load, and killed between the decision and the answer, before the sync and after it.
    const sum = (count: (run: KillRun) => number) => runs.reduce((total, run) => total + count(run), 0);
    expect(sum(({ ledger }) => ledger.acknowledged)).toBeGreaterThan(KILLS * 100);
    expect(sum(({ ledger }) => ledger.doubts.made)).toBeGreaterThan(0);
    expect(sum(({ ledger }) => ledger.doubts.lost)).toBeGreaterThan(0);
  }, 180_000);
});
