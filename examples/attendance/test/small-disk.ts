import { type Program, Program as Process } from '@socketserver/testing';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';

/**
 * Ways to a mount namespace of one's own: for root, and for others where the system lets them. With a namespace for
 * processes, too: all that the shell has started ends with it.
 */
const WAYS = [[], ['--user', '--map-root-user']].map((way) => [
  ...way,
  ...['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'],
]);

const flags = WAYS.find(
  (way) => spawnSync('unshare', [...way, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0,
);

/** `describe` where a small disk can be had. */
export function describeWithSmallDisk(title: string, tests: () => void): void {
  if (flags !== undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: nobody may mount a tmpfs here)`, tests);
}

/**
 * A shell that sees a disk of a few MiB where others see an empty folder; the disk goes away with it. What it runs sees
 * the disk, too. To be ended by `endPrograms()`.
 */
export class SmallDisk {
  readonly program: Program;
  #commands = 0;

  /** @param folder where the disk appears @param size as mount(8) takes it: `2m` */
  constructor(folder: string, size: string) {
    const script = `mount -t tmpfs -o mode=700,size=${size} tmpfs "$1" && exec sh -s`;
    this.program = new Process('unshare', [...flags!, 'sh', '-c', script, 'sh', folder]);
  }

  /** Runs a command of the shell. @returns its exit code, and what it has printed on standard output */
  async run(command: string): Promise<{ code: number; output: string }> {
    const before = this.program.stdout.length;
    const mark = `command ${(this.#commands += 1)} ended with`;
    this.program.process.stdin.write(`${command}\necho "${mark} $?"\n`);
    const { 1: code, index } = await this.program.prints(new RegExp(`^${mark} (\\d+)\\n`, 'm'));
    return { code: Number(code), output: this.program.stdout.slice(before, index) };
  }

  /** Leaves no room on the disk. */
  async fill(folder: string): Promise<void> {
    // As much as possible, then what is left of the last page.
    await this.run(`cat /dev/zero > ${folder}/ballast 2> /dev/null; sync`);
  }

  async free(folder: string): Promise<void> {
    await this.run(`rm ${folder}/ballast`);
  }
}
