import { execFile } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..', '..');

/** What Jest reports of a test file that leaves things behind. It has to be made to exit, because of those. */
function reportOf(file: string): Promise<string> {
  const jest = require.resolve('jest/bin/jest');
  const flags = ['--forceExit', '--verbose', '--coverage=false', '--testMatch', join(__dirname, 'fixtures', file)];
  return new Promise((resolve) => {
    execFile(process.execPath, [jest, ...flags], { cwd: root, timeout: 60_000 }, (_error, _stdout, stderr) => {
      resolve(stderr);
    });
  });
}

describe('expectNoLeaks()', () => {
  it('fails the very tests that leave something behind, and names it', async () => {
    const report = await reportOf('leaving.ts');
    expect(report).toMatch(/✓ leaves nothing/);
    for (const left of ['a server', 'a socket', 'a thread', 'a child']) expect(report).toMatch(`✕ leaves ${left}`);
    if (process.platform === 'linux') expect(report).toMatch(/1 socket descriptor \(tcp 127\.0\.0\.1:\d+, listening\)/);
    expect(report).toMatch(/2 TCPSocketWrap/);
    expect(report).toMatch(/1 thread \(thread \d+\)/);
    expect(report).toMatch(/1 child \(\d+: .*process\.stdin\.resume\(\)\)/);
  }, 60_000);
});
