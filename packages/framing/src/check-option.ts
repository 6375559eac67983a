import { inspect } from 'node:util';
import { InvalidOptionError } from './errors';

/** No message is longer than this, whatever the options say: 16 MiB. */
const mostBytes = 16 * 1024 * 1024;

/** @throws {InvalidOptionError} unless `value` is a whole number of bytes from 1 to 16 MiB */
export function checkBytes(codec: string, option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= mostBytes) return;
  throw new InvalidOptionError(
    `${codec}: ${option} is ${show(value)}; give a whole number of bytes from 1 to ${mostBytes}`,
    option,
    value,
  );
}

/** @throws {InvalidOptionError} unless `value` is one of `choices` */
export function checkChoice(codec: string, option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  const wanted = choices.map((choice) => `'${choice}'`).join(' or ');
  throw new InvalidOptionError(`${codec}: ${option} is ${show(value)}; give ${wanted}`, option, value);
}

function show(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 64, maxArrayLength: 4, breakLength: Infinity });
}
