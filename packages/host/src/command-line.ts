/** What the commands of an app share: errors that are thrown, one line for each, an end by signal. */
import { Command, CommanderError } from 'commander';
import { HostError } from './errors';
import { reportError, tolerateClosedPipes } from './exit';
import type { Language } from './language';

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

/**
 * A command of commander whose errors are thrown and whose texts go to the given streams.
 *
 * @param language that of commander's own words: the headings of the help, and its errors. @default 'en'
 */
export function newCommand(name: string, description: string, streams: Streams, language: Language = 'en'): Command {
  const translate = language === 'en' ? (text: string) => text : inPortuguese;
  return new Command(name)
    .description(description)
    .helpOption('-h, --help', translate('print this help'))
    .exitOverride()
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .configureHelp({
      styleTitle: translate,
      styleUsage: translate,
      styleOptionDescription: translate,
    })
    .configureOutput({
      writeOut: streams.stdout,
      writeErr: streams.stderr,
      outputError: (text, write) => write(translate(text)),
    });
}

/** Commander has no languages: what it says by itself, and what that is in Portuguese. */
const portuguese: readonly (readonly [RegExp, string])[] = [
  [/^Usage:/, 'Uso:'],
  [/^Arguments:/, 'Argumentos:'],
  [/^Options:/, 'Opções:'],
  [/\[options\]/, '[opções]'],
  [/^print this help$/, 'mostra esta ajuda'],
  [/ \(default: (.*)\)$/, ' (padrão: $1)'],
  [/^error: unknown option (.*)/, 'erro: opção desconhecida: $1'],
  [/^error: option (.*) argument missing/, 'erro: falta o valor de $1'],
  [/^error: missing required argument (.*)/, 'erro: falta $1'],
  [/^error: too many arguments.*/, 'erro: argumentos demais'],
];

function inPortuguese(text: string): string {
  return portuguese.reduce((translated, [pattern, words]) => translated.replace(pattern, words), text);
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
