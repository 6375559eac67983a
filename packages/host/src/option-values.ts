/** What the values of options may be: how each kind is read, from text as well as from JSON, and shown. */
import type { BlockList } from 'node:net';
import { badEntryOf, isBlockList, readAddressList, showAddressList } from './address-list';

export interface OptionValue<T> {
  /** What a right value looks like, for messages. */
  readonly expected: string;
  /** The value, or undefined when it is not a right one. Takes text as well as JSON values. */
  readonly read: (value: unknown) => T | undefined;
  /** The part of a value that makes it a wrong one, where it has parts. */
  readonly fault?: (value: unknown) => string | undefined;
  /** Whether its flag may be given several times. */
  readonly isList?: boolean;
}

/** A larger number of milliseconds overflows Node's timers, which then fire at once. */
export const longestTime = 2_147_483_647;

export function wholeNumber(most: number, least = 0): OptionValue<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    read: (value) => {
      const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
      return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
        ? number
        : undefined;
    },
  };
}

export function oneOf<T extends string>(known: readonly T[]): OptionValue<T> {
  return { expected: `one of ${known.join(', ')}`, read: (value) => known.find((candidate) => candidate === value) };
}

/** Text that a pattern describes. */
export function text(expected: string, pattern: RegExp): OptionValue<string> {
  return { expected, read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined) };
}

export const addressList: OptionValue<BlockList> = {
  expected: 'addresses and ranges with commas between them, such as 10.0.0.0/8,::1',
  read: readAddressList,
  fault: badEntryOf,
  isList: true,
};

/** A value as people write it. */
export function showValue(value: unknown): string {
  if (typeof value === 'function') return value.name;
  if (isBlockList(value)) return showAddressList(value);
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}
