import { inspect } from 'node:util';
import { InvalidOptionError } from './errors';

/** No message is longer than this, whatever the options say: 16 MiB. */
export const mostBytes = 16 * 1024 * 1024;

/** @throws {InvalidOptionError} unless `value` is a whole number of bytes from `least` to `most`: 1 to 16 MiB */
export function checkBytes(codec: string, option: string, value: number, least = 1, most = mostBytes): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new InvalidOptionError(
    `${codec}: ${option} is ${show(value)}; give a whole number of bytes from ${least} to ${most}`,
    option,
    value,
  );
}

/**
 * A misspelt option would be no option at all: a limit that nobody meant.
 *
 * @throws {InvalidOptionError} unless `options` is an object with nothing but these options
 */
export function checkNames(codec: string, options: object, known: readonly string[]): void {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) {
    throw new InvalidOptionError(
      `${codec}: the options are ${show(given)}; give an object, as { ${known[0]}: … }`,
      'options',
      given,
    );
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const value: unknown = (given as Record<string, unknown>)[unknown];
  throw new InvalidOptionError(
    `${codec}: there is no option ${unknown}; there are ${known.join(', ')}`,
    unknown,
    value,
  );
}

/** @throws {InvalidOptionError} unless `value` is one of `choices` */
export function checkChoice<T extends string | number>(
  codec: string,
  option: string,
  value: T,
  choices: readonly T[],
): void {
  if (choices.includes(value)) return;
  const wanted = choices.map(show).join(' or ');
  throw new InvalidOptionError(`${codec}: ${option} is ${show(value)}; give ${wanted}`, option, value);
}

/** A value as an error shows it: short, whatever it is. */
export function show(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 64, maxArrayLength: 4, breakLength: Infinity });
}
