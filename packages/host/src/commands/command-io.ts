/** What the commands are given. */
import type { Writable } from 'node:stream';
import type { ListName, OptionName } from '../options';

/** What a command writes to and looks at: the process's own, or a test's. */
export interface CommandIo {
  /** Gets what the command is asked for. */
  readonly stdout: Writable;
  /** Gets errors and logs. */
  readonly stderr: Writable & Partial<Pick<NodeJS.WriteStream, 'isTTY'>>;
  /** The environment variables. */
  readonly env: NodeJS.ProcessEnv;
  /** The folder that relative paths start from. */
  readonly cwd: string;
}

/** The flags of `serve` and `check`, as text. */
export type CommandFlags = Partial<Record<Exclude<OptionName, ListName>, string>> &
  Partial<Record<ListName | 'set', string[]>> & { config?: string };
