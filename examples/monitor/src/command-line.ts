/** What the commands of this package share: flags in the user's language, one line for an error, an end by signal. */
import { Command, CommanderError } from 'commander';

import { UsageError } from './errors';
import { type Language, languages, type Texts, texts } from './texts';

/** The exit code for a command line, an address or a setting that cannot be used. */
export const USAGE = 2;

/** Where a command writes. */
export interface Streams {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** The process's own. */
export function ownStreams(): Streams {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  };
}

/** The language that the command line asks for, read before it is parsed: the help is written in it, too. */
export function languageOf(argv: readonly string[]): Language {
  const at = argv.lastIndexOf('--lang');
  const asked = argv[at + 1] ?? '';
  const inline = argv.findLast((argument) => argument.startsWith('--lang='))?.slice('--lang='.length);
  return languages.find((language) => language === (inline ?? (at === -1 ? '' : asked))) ?? 'pt-BR';
}

/** A command whose errors are thrown and whose texts go to the given streams. */
export function newCommand(name: string, description: string, { stdout, stderr }: Streams): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: stdout, writeErr: stderr });
}

/**
 * Runs a command until it is done, SIGINT or SIGTERM.
 *
 * @returns the exit code
 */
export async function runCommand({ stderr }: Streams, main: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await main(stopping.signal);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (!(error instanceof UsageError)) throw error;
    stderr(`${error.message}\n`);
    return USAGE;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** The options of a command line, checked one by one. */
export class OptionReader {
  readonly #options: Readonly<Record<string, string | undefined>>;
  /** The language that was asked for. */
  readonly lang: Language;

  /** @throws {UsageError} when there is no such language */
  constructor(options: Readonly<Record<string, string | undefined>>) {
    this.#options = options;
    this.lang = 'pt-BR';
    this.lang = this.choice('lang', languages);
  }

  /** The texts in the language that was asked for. */
  get texts(): Texts {
    return texts[this.lang];
  }

  /** Whether the option was given, or has a default. */
  has(name: string): boolean {
    return this.#options[name] !== undefined;
  }

  /** Whatever was given; '' if nothing was. */
  text(name: string): string {
    return this.#options[name] ?? '';
  }

  /** @throws {UsageError} when it is not a whole number from `least` to `most` */
  integer(name: string, least: number, most: number): number {
    const number = /^\d{1,10}$/.test(this.text(name)) ? Number(this.text(name)) : NaN;
    return number >= least && number <= most ? number : this.#refuse(name, this.texts.expectedInteger(least, most));
  }

  /** @throws {UsageError} when it is none of the choices */
  choice<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.text(name);
    return choices.find((choice) => choice === value) ?? this.#refuse(name, this.texts.expectedOneOf(choices));
  }

  /** What a machine is called. @throws {UsageError} when there is nothing in it but spaces */
  machine(name: string): string {
    return /\S/.test(this.text(name)) ? this.text(name) : this.#refuse(name, this.texts.expectedName);
  }

  /** @throws {UsageError} when it is empty or contains a space */
  host(name: string): string {
    return /^\S+$/.test(this.text(name)) ? this.text(name) : this.#refuse(name, this.texts.expectedHost);
  }

  #refuse(name: string, expected: string): never {
    const value = this.text(name);
    throw new UsageError(this.texts.badOption(`--${name}`, JSON.stringify(value), expected), `--${name}`, value);
  }
}
