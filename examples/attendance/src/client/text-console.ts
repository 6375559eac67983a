import type { Readable, Writable } from 'node:stream';

/** Where a conversation is held: a terminal, or files and pipes. */
export interface TextConsole {
  /** Whether somebody sits there who can wait and be asked again. */
  readonly isInteractive: boolean;
  /** Whether there is no more input than what was read ahead. */
  readonly hasEnded: boolean;
  /** How many lines were entered that nobody has asked for. 0 where they are not read before. */
  readonly ahead: number;
  /** Asks, and resolves with the line that is entered; undefined when there is no more, or the console was closed. */
  ask(prompt: string): Promise<string | undefined>;
  /** Shows a part of the conversation, on standard output. Its last line needs no end. */
  say(text: string): void;
  /** Shows a line about the conversation, on standard error. */
  warn(text: string): void;
  /** Takes no more input, and leaves the cursor at the beginning of a line. Idempotent. */
  close(): void;
}

/** The three streams, with what a terminal's know more of. */
export interface ConsoleStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean; hasColors?(): boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

/** What a console tells when it happens, and not when it is asked. */
export interface ConsoleEvents {
  /** Ctrl-C, or nobody reads what is shown. */
  readonly onInterrupt: () => void;
  /** Ctrl-D: what was entered before still counts. */
  readonly onEnd: () => void;
}
