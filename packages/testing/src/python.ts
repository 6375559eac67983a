/// <reference types="jest" />
/** Programs of Python's as the other side. A machine without Python, as Windows often is, skips such tests. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { Program } from './program';

/** Starts a file of Python's with these arguments. What it prints comes at once. */
export function python(file: string, ...args: readonly (string | number)[]): Program {
  return new Program('python3', ['-u', file, ...args.map(String)]);
}

/**
 * Starts a server of Python's on a free port.
 *
 * @param file takes the port as its first argument, 0 for a free one, and prints `porta N` once it listens
 * @param args what follows the port
 */
export async function pythonServer(
  file: string,
  ...args: readonly (string | number)[]
): Promise<{ server: Program; port: number }> {
  const server = python(file, 0, ...args);
  const [, port] = await server.prints(/^porta (\d+)$/m);
  return { server, port: Number(port) };
}

/** `describe` where there is a `python3`, and `describe.skip` elsewhere. */
// By way of `globalThis`, where it may be missing: this package is loaded outside Jest, too.
export const describeWithPython: jest.Describe = findsPython() ? globalThis.describe : globalThis.describe?.skip;

/** By a look at the folders: starting it would take longer than many a test file that never asks. */
function findsPython(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'python3'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
