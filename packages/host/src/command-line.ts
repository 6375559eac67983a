/** What the commands of an app share: errors that are thrown, one line for each, an end by signal. */
import { Command, CommanderError } from 'commander';
import { HostError } from './errors';
import { reportError, tolerateClosedPipes } from './exit';

/** The exit code for a command line, an address or a setting that cannot be used. */
export const USAGE = 2;

/** Where a command writes. */
export interface Streams {
  /** Gets what the command is asked for. */
  readonly stdout: (text: string) => void;
  /** Gets what happens meanwhile, and errors. */
  readonly stderr: (text: string) => void;
}

/** The process's own. A reader that goes away, as in `… | head -1`, is no error. */
export function ownStreams(): Streams {
  tolerateClosedPipes();
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  };
}

/** A command of commander whose errors are thrown and whose texts go to the given streams. */
export function newCommand(name: string, description: string, { stdout, stderr }: Streams): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: stdout, writeErr: stderr });
}

/**
 * Runs a command until it is done, or has ended after SIGINT or SIGTERM, which abort the signal that it is given.
 *
 * Errors of this package and of commander become one line on standard error; others are rejected with.
 *
 * @returns the exit code: that of `main`, or {@link USAGE} after an error
 */
export async function runCommand({ stderr }: Streams, main: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await main(stopping.signal);
  } catch (error) {
    // Commander has written its line itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (!(error instanceof HostError)) throw error;
    return reportError(error, { write: stderr });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
