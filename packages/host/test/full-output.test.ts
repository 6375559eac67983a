import { endPrograms, expectNoLeaks, Peer, Program, SocketFolder } from '@socketserver/testing';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

expectNoLeaks('file');
afterEach(endPrograms);

/** A file that is always full, as Linux has it. */
const full = '/dev/full';
const onLinux = existsSync(full) ? it : it.skip;

const bin = join(__dirname, '../bin/socketserver.js');
const printer = join(__dirname, 'fixtures/printer.js');

onLinux('a server whose output goes to a full disk says so and goes on (where there is a /dev/full)', async () => {
  using folder = new SocketFolder();
  const path = folder.path();
  const command = [bin, 'serve', printer, '--poll-interval', '60000', '--unix', path];
  const server = new Program('sh', ['-c', `exec "$0" "$@" > ${full}`, process.execPath, ...command]);
  await server.prints(
    /"level":40,.*texts of the output cannot be written and are lost until they can: .*ENOSPC/,
    'stderr',
  );
  for (let round = 0; round < 3; round += 1) {
    using peer = await Peer.connect(path);
    await peer.send('hello\n');
    expect(String(await peer.read(8))).toBe('printed\n');
  }
  expect(await server.end('SIGTERM')).toBe(0);
  expect(server.stderr.match(/cannot be written/g)).toHaveLength(1);
});
