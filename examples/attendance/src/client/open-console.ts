import { PlainConsole } from './plain-console';
import { TerminalConsole } from './terminal-console';
import type { ConsoleEvents, ConsoleStreams, TextConsole } from './text-console';

/** A console that suits the streams: edited lines and colours for a terminal, plain lines for anything else. */
export function openConsole(streams: ConsoleStreams, events: ConsoleEvents): TextConsole {
  const { stdin, stdout, env } = streams;
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb';
  return isTerminal ? new TerminalConsole(streams, events) : new PlainConsole(streams, events);
}
