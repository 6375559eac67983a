import { join } from 'node:path';

import { Program } from '@socketserver/testing';

/** One of the Python programs beside the tests. */
export function fixture(name: string): string {
  return join(__dirname, 'fixtures', `${name}.py`);
}

/** A compiled program of this package. */
export function compiled(name: string, ...args: string[]): Program {
  return new Program(process.execPath, [join(__dirname, '../dist', `${name}.js`), ...args]);
}

/** The hub, as the `socketserver` command runs it, and the port that it listens on. */
export async function hubProgram(args: readonly string[] = [], nodeFlags: readonly string[] = []) {
  const bin = join(__dirname, '../../../packages/host/bin/socketserver.js');
  const serve = [...nodeFlags, bin, 'serve', join(__dirname, '..'), '--port', '0', ...args];
  const hub = new Program(process.execPath, serve, { withChannel: true });
  const [, port] = await hub.prints(/^listening on tcp:\/\/127\.0\.0\.1:(\d+) \(\w+\)$/m);
  return { hub, port: Number(port) };
}
