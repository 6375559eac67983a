import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Milliseconds after which a program is killed, and its test fails. */
const TIMEOUT = 15_000;

/** What a program has printed. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end. Rejects when that is a failure or takes too long.
 *
 * @param input what it reads on its standard input
 */
export function runProgram(program: string, args: readonly string[], input = ''): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(error);
    });
    // A program that has ended without reading is no failure of ours.
    child.stdin!.on('error', () => undefined).end(input);
  });
}

/** Runs a Python program of this folder, and gives the JSON that it prints. */
export async function runPython(file: string, args: readonly unknown[] = []): Promise<unknown> {
  const { stdout } = await runProgram('python3', [join(__dirname, file), ...args.map(String)]);
  return JSON.parse(stdout) as unknown;
}

/** Whether a program is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['-V']).error === undefined;
}
