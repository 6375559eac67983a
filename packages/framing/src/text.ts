/** Text in bytes: strictly, so that nothing is replaced, dropped or sent as another character. */
import { isUtf8 } from 'node:buffer';
import { toUSVString } from 'node:util';
import { checkChoice } from './check-option';
import type { Format } from './codec';
import { InvalidMessageError, MalformedMessageError } from './errors';

/** How bytes become text: `utf8` refuses bytes that are not UTF-8; `latin1` makes byte n the character with the number n. */
export type TextEncoding = 'utf8' | 'latin1';

/** What invalid UTF-8 becomes. It is also an ordinary character, so its presence is a suspicion, not a proof. */
const replacement = '\ufffd';
const replacementBytes = Buffer.from(replacement);

/**
 * A format for messages which are text: `delimiter('\0', { format: text() })`.
 *
 * @param encoding `utf8` refuses bytes that are not UTF-8, `latin1` takes any
 * @throws {InvalidOptionError} for any other encoding
 */
export function text(encoding: TextEncoding = 'utf8'): Format<string> {
  checkEncoding('text', encoding);
  return {
    parse(bytes) {
      const message = textOf(bytes, 0, bytes.length, encoding);
      if (message !== undefined) return message;
      throw new MalformedMessageError(
        `text: a message of ${bytes.length} bytes is not UTF-8; if the peer uses another encoding, try text('latin1')`,
        bytes,
      );
    },
    format(message) {
      const flaw = encodingFlaw(message, encoding);
      const bytes = Buffer.from(message, encoding);
      if (flaw === undefined) return bytes;
      throw new InvalidMessageError(`text: a message ${flaw}`, { bytes, length: bytes.length });
    },
  };
}

/** @throws {InvalidOptionError} unless `encoding` is one */
export function checkEncoding(codec: string, encoding: TextEncoding): void {
  checkChoice(codec, 'encoding', encoding, ['utf8', 'latin1']);
}

/** The text of the bytes from `from` to `to`; undefined if they are not UTF-8. */
export function textOf(bytes: Buffer, from: number, to: number, encoding: TextEncoding): string | undefined {
  const text = bytes.toString(encoding, from, to);
  // Far cheaper than to validate every text: only one in which something may have been replaced is looked at twice.
  if (encoding !== 'utf8' || !text.includes(replacement) || isUtf8(bytes.subarray(from, to))) return text;
  return undefined;
}

/** Why `text` would arrive as another text in this encoding, or undefined if it would not. */
export function encodingFlaw(text: string, encoding: TextEncoding): string | undefined {
  if (encoding === 'utf8') {
    if (toUSVString(text) === text) return undefined;
    return 'has half of a surrogate pair, which UTF-8 cannot hold; cut text between characters';
  }
  const wide = text.search(/[^\u0000-\u00ff]/);
  return wide === -1 ? undefined : `has a character at index ${wide} that latin1 does not have; use encoding: 'utf8'`;
}

/** Where the bytes from `from` to `to` stop being whole characters of UTF-8. */
export function utf8End(bytes: Buffer, from: number, to: number): number {
  const part = bytes.subarray(from, to);
  if (isUtf8(part)) return to;
  const text = part.toString();
  let end = 0;
  let seen = 0;
  for (let at = text.indexOf(replacement); at !== -1; at = text.indexOf(replacement, seen)) {
    end += Buffer.byteLength(text.slice(seen, at));
    if (!part.subarray(end, end + replacementBytes.length).equals(replacementBytes)) break;
    end += replacementBytes.length;
    seen = at + 1;
  }
  return from + end;
}

/** Whether these bytes are none, or the beginning of one character of UTF-8. */
export function beginsCharacter(bytes: Buffer): boolean {
  const [lead] = bytes;
  if (lead === undefined) return true;
  const missing = (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2) - bytes.length;
  // What may follow depends on the lead byte, but always the lowest continuation byte or the highest.
  return missing > 0 && [0x80, 0xbf].some((byte) => isUtf8(Buffer.concat([bytes, Buffer.alloc(missing, byte)])));
}
