import { endPrograms, Program } from '@socketserver/testing';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { look, opening, STORE_PROGRAM, TemporaryFolder, writeInto } from './storage';
import { parseTrace } from './trace';

let folder: TemporaryFolder;
beforeEach(() => (folder = new TemporaryFolder()));
afterEach(async () => {
  await endPrograms();
  folder[Symbol.dispose]();
});

const SYNCS = 'fsync,fdatasync';

const canInject = spawnSync('strace', ['-f', '-e', `inject=${SYNCS}:error=EIO:when=1`, 'true']).status === 0;

function describeWithFaults(title: string, tests: () => void): void {
  if (canInject) describe(title, tests);
  else describe.skip(`${title} (skipped: strace is not here, or may not make calls fail)`, tests);
}

/** A store whose calls about its log fail as strace is told: `fsync:error=EIO:when=3`. */
function store(fault: string): Program {
  const flags = ['-f', '-P', folder.file('attendance.db-wal'), '-e', `inject=${fault}`, '-o', folder.file('trace')];
  return new Program('strace', [...flags, process.execPath, STORE_PROGRAM, folder.path]);
}

describeWithFaults('a sync that fails', () => {
  it('is a refusal, and what was refused does not come back after a crash', async () => {
    // So that the process begins with an empty log, which is synced once for its head.
    writeInto(folder.path, opening('101'));
    const program = store(`${SYNCS}:error=EIO:when=3`);
    // At once: no quiet moment comes between, in which the log would be synced for another reason.
    program.process.stdin.write('open\nregister 101 1\nregister 101 2\n');
    const [, message] = await program.prints(/^ok register 101 1\nbegin register 101 2\nerror failed (.*)\n/m);
    expect(message).toContain('disk I/O error');
    const trace = readFileSync(folder.file('trace'), 'utf8');
    // The thread whose call has failed: the signal ends its whole process. It would only end strace without it.
    process.kill(Number(/^\d+/.exec(trace)![0]), 'SIGKILL');
    await program.ended;

    const failed = parseTrace(trace).filter(({ result }) => result.includes('EIO'));
    expect(failed).toHaveLength(1);
    expect(look(folder.path, 'SELECT student FROM presences')).toEqual([{ student: '1' }]);
    writeInto(folder.path, opening('102'));
    expect(look(folder.path, 'SELECT count(*) AS rows FROM audit')).toEqual([{ rows: 3 }]);
  });
});

describeWithFaults('a quota that is used up, on a disk with room', () => {
  it.each(['ENOSPC', 'EDQUOT'])('is told as a full disk, and not as the fault of maxBytes: %s', async (error) => {
    writeInto(folder.path, opening('101'));
    const program = store(`pwrite64:error=${error}`);
    program.process.stdin.write('open\nregister 101 1\nend\n');
    const [, message] = await program.prints(/^error full (.*)\n/m);
    expect(message).toContain('its disk is full; free some space');
    program.process.stdin.end();
    await program.ended;
  });
});
