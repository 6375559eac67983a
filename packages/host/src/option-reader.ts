import { UsageError } from './errors';
import { type Language, languages } from './language';
import { flagOf } from './options';

/** What is said about an option whose value cannot be used. */
interface Texts {
  readonly badOption: (flag: string, value: string, expected: string) => string;
  readonly integer: (least: number, most: number) => string;
  readonly oneOf: (choices: readonly string[]) => string;
  readonly host: string;
}

const texts: Readonly<Record<Language, Texts>> = {
  'pt-BR': {
    badOption: (flag, value, expected) => `erro: ${flag} ${value}: esperado ${expected}`,
    integer: (least, most) => `um número de ${least} a ${most}`,
    oneOf: (choices) => `um destes: ${choices.join(', ')}`,
    host: 'um nome ou endereço IP',
  },
  en: {
    badOption: (flag, value, expected) => `error: ${flag} ${value}: expected ${expected}`,
    integer: (least, most) => `a number from ${least} to ${most}`,
    oneOf: (choices) => `one of ${choices.join(', ')}`,
    host: 'a name or an IP address',
  },
};

/**
 * The options of a command line, checked one by one. They are asked for as commander names them: `dataDir` is what
 * `--data-dir` was given.
 */
export class OptionReader {
  readonly #options: Readonly<Record<string, unknown>>;
  /** The language of `--lang`. */
  readonly lang: Language;

  /**
   * @param options what commander's `opts()` gives
   * @throws {UsageError} when there is a `--lang`, but no such language
   */
  constructor(options: Readonly<Record<string, unknown>>) {
    this.#options = options;
    this.lang = 'pt-BR';
    if (this.has('lang')) this.lang = this.choice('lang', languages);
  }

  /** Whether the option was given, or has a default. */
  has(name: string): boolean {
    return this.#options[name] !== undefined;
  }

  /** Whatever was given; '' if nothing was. */
  text(name: string): string {
    const value = this.#options[name];
    return typeof value === 'string' ? value : '';
  }

  /** @throws {UsageError} when it is not a whole number from `least` to `most` */
  integer(name: string, least: number, most: number): number {
    const number = /^\d{1,10}$/.test(this.text(name)) ? Number(this.text(name)) : NaN;
    return number >= least && number <= most ? number : this.#refuse(name, texts[this.lang].integer(least, most));
  }

  /** @throws {UsageError} when it is none of the choices */
  choice<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.text(name);
    return choices.find((choice) => choice === value) ?? this.#refuse(name, texts[this.lang].oneOf(choices));
  }

  /** @throws {UsageError} when it is empty or contains a space */
  host(name: string): string {
    return this.matching(name, /^\S+$/, texts[this.lang].host);
  }

  /**
   * @param expected what a right value is, in the language of the command, for the message
   * @throws {UsageError} when the pattern does not match it
   */
  matching(name: string, pattern: RegExp, expected: string): string {
    return pattern.test(this.text(name)) ? this.text(name) : this.#refuse(name, expected);
  }

  #refuse(name: string, expected: string): never {
    const flag = flagOf(name);
    const value = this.text(name);
    throw new UsageError(texts[this.lang].badOption(flag, JSON.stringify(value), expected), flag, value);
  }
}
