/** What the commands are given. */
import type { Writable } from 'node:stream';
import type { ListName, OptionName } from '../options';

/** What a command writes to and looks at: the process's own, or a test's. */
export interface CommandIo {
  readonly stdout: Writable;
  readonly stderr: Writable & { isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** The flags of `serve` and `check`, as text. */
export type CommandFlags = Partial<Record<Exclude<OptionName, ListName>, string>> &
  Partial<Record<ListName | 'set', string[]>> & { config?: string };
