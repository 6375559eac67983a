/** What the codecs of this package share about formats. */
import type { Format } from './codec';
import { InvalidOptionError } from './errors';

/** Any format, for a decoder or an encoder that passes values through. */
export type AnyFormat = Format<unknown, never>;

/** The bytes as they are. */
export const bytesThemselves: Format<Buffer, Uint8Array> = { parse: (bytes) => bytes, format: (message) => message };

/**
 * The value, unless it is undefined: to those who pull that means "no message yet", and they would wait for ever.
 *
 * @param codec what the codec is called in the error
 * @param format what has given the value
 * @throws {InvalidOptionError} for undefined
 */
export function checkParsed<T>(value: T, codec: string, format: unknown): T {
  if (value !== undefined) return value;
  throw new InvalidOptionError(
    `${codec}: format.parse() gave undefined, which means that there is no message yet; ` +
      'return a value, or throw MalformedMessageError',
    'format',
    format,
  );
}
