import { isUtf8 } from 'node:buffer';
import type { Format } from './codec';
import { InvalidMessageError, MalformedMessageError } from './errors';

/**
 * A format for messages which are one JSON text each: `delimiter('\n', { format: json() })` is what is called JSON Lines or
 * NDJSON, `lengthPrefix({ format: json() })` has the length before it.
 *
 * Source: RFC 8259; always UTF-8, and without line breaks when it is sent. What is not JSON is a
 * {@link MalformedMessageError}, and so is everything that `check` throws for, with its error as the cause.
 *
 * @param check turns the parsed value into what is handed out, or throws: `json((value) => Order.parse(value))` with zod.
 * Without it a peer can send any value at all, whatever `In` says
 */
export function json<In = unknown, Out = In>(check?: (value: unknown) => In): Format<In, Out> {
  return {
    parse(bytes) {
      if (!isUtf8(bytes)) throw new MalformedMessageError('json: a message is not UTF-8', bytes);
      try {
        const value: unknown = JSON.parse(bytes.toString());
        return check === undefined ? (value as In) : check(value);
      } catch (cause) {
        throw new MalformedMessageError(
          `json: a message of ${bytes.length} bytes is refused: ${reasonOf(cause)}`,
          bytes,
          {
            cause,
          },
        );
      }
    },
    format(message) {
      let text: string | undefined;
      try {
        text = JSON.stringify(message);
      } catch (cause) {
        throw new InvalidMessageError(`json: a message cannot be JSON: ${reasonOf(cause)}`, { cause });
      }
      if (text !== undefined) return Buffer.from(text);
      throw new InvalidMessageError(
        `json: a message is ${typeof message}, which JSON does not have; send null instead`,
      );
    },
  };
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
