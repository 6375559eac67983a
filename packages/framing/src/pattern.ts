/**
 * Self-delimiting text: messages in which one can see where they end, found by a regular expression.
 *
 * ```
 *   pattern(/\(.*?\)/)      │ 28 61 29 │ 28 62 20 63 29 │ …      '(a)', '(b c)'
 *                             (  a  )    (  b     c  )
 * ```
 *
 * **A message is the shortest beginning of the stream which the whole expression matches.** It is complete with its last
 * byte, and does not depend on how the stream was cut or on what follows. So an expression has to end in what ends a
 * message: `/\d+;/`, not `/\d+/`, whose shortest match is one digit. And it must not look past its match: `$`, `\b`, `\B`
 * and lookahead are refused.
 *
 * The engine cannot say whether an expression that does not match yet could do so with more text. So bytes that are no
 * message are refused when `maxLength` of them have come, not earlier.
 *
 * An expression is tried again whenever bytes have come, on at most `maxLength` of them, and a few times more to find the
 * shortest match. One that backtracks, such as `/(a+)+;/`, can take time exponential in `maxLength`, and blocks its thread
 * meanwhile: write expressions in which no text can be matched in two ways, and set a small limit.
 */
import { types } from 'node:util';
import { checkBytes, checkNames } from './check-option';
import type { Codec, Decoder } from './codec';
import { InvalidMessageError, InvalidOptionError, MalformedMessageError } from './errors';
import { checkParsed } from './format';
import { StreamDecoder } from './stream-decoder';
import { beginsCharacter, checkEncoding, encodingFlaw, type TextEncoding, utf8End } from './text';

/** What self-delimiting text is like. */
export interface PatternOptions {
  /** Bytes of a message at most; up to 16 MiB. @default 4096 */
  readonly maxLength?: number;
  /**
   * `utf8` refuses bytes that are not UTF-8, and adds the flag `u` to the expression, so that it sees whole characters.
   * `latin1` takes any: byte n is the character with the number n.
   *
   * @default 'utf8'
   */
  readonly encoding?: TextEncoding;
}

/** How a match becomes a value, and a value the text of one message. */
export interface PatternFormat<In, Out = In> {
  /**
   * The value of one message; never undefined.
   *
   * @param match of exactly the message: `match[0]` and `match.input` are the whole of it
   * @throws {MalformedMessageError} when it makes no sense
   */
  parse(match: RegExpExecArray): In;
  /** The text of one message, its end included. */
  format(message: Out): string;
}

/** Bytes that are tried first; four times as many when they hold no message. */
const firstTry = 256;

const textItself: PatternFormat<string> = { parse: (match) => match[0], format: (message) => message };

/**
 * A codec for messages which a regular expression matches; each is the text, what ends it included.
 *
 * `encode()` refuses a text which is not exactly one message.
 *
 * @param expression is copied; of its flags `g`, `y` and `d` make no difference
 * @throws {InvalidOptionError} when an option has a value that it cannot have, and for an expression that matches nothing at
 * all (`/a?/`) or looks past its match
 */
export function pattern(expression: RegExp, options?: PatternOptions): Codec<string>;
/**
 * A codec for the values of messages which a regular expression matches.
 *
 * @param expression is copied; of its flags `g`, `y` and `d` make no difference
 * @param options `format`: turns a match into a value, and a value into text
 * @throws {InvalidOptionError} when an option has a value that it cannot have, and for an expression that matches nothing at
 * all (`/a?/`) or looks past its match
 */
export function pattern<In, Out = In>(
  expression: RegExp,
  options: PatternOptions & { readonly format: PatternFormat<In, Out> },
): Codec<In, Out>;
export function pattern(
  expression: RegExp,
  options: PatternOptions & { readonly format?: PatternFormat<unknown, never> } = {},
): Codec<unknown, never> {
  checkNames('pattern', options, ['maxLength', 'encoding', 'format']);
  const { maxLength = 4096, encoding = 'utf8', format = textItself } = options;
  checkBytes('pattern', 'maxLength', maxLength);
  checkEncoding('pattern', encoding);
  const sticky = stickyOf(expression, encoding);
  return {
    decoder: (): Decoder<unknown> => new PatternDecoder(String(expression), sticky, maxLength, encoding, format),
    encode: (message) => encodeText(format.format(message), sticky, maxLength, encoding),
  };
}

class PatternDecoder<In> extends StreamDecoder<In> {
  constructor(
    private readonly name: string,
    private readonly expression: RegExp,
    private readonly maxLength: number,
    private readonly encoding: TextEncoding,
    private readonly format: PatternFormat<In, never>,
  ) {
    super(maxLength, `a message that ${name} does not match yet`);
  }

  protected override decode(): In | undefined {
    const { bytes, from, encoding, expression } = this;
    const most = Math.min(this.to, from + this.maxLength);
    // Beginning with few bytes keeps a short message cheap in a long chunk.
    for (let size = Math.max(firstTry, this.seen + 1); ; size *= 4) {
      const end = Math.min(most, from + size);
      const whole = encoding === 'utf8' ? utf8End(bytes, from, end) : end;
      const text = bytes.toString(encoding, from, whole);
      const length = shortestMatch(expression, text);
      if (length > 0) return this.#message(text.slice(0, length));
      if (!beginsCharacter(bytes.subarray(whole, end))) this.#refuse(most, `is not UTF-8 at byte ${whole - from}`);
      if (end === most) break;
    }
    if (most - from === this.maxLength) this.#refuse(most, `has no match in ${this.maxLength} bytes (maxLength)`);
    return undefined;
  }

  #message(text: string): In {
    const { bytes, from, encoding } = this;
    const end = from + Buffer.byteLength(text, encoding);
    // Read again, because `text` would keep all the text behind it in memory.
    const match = exec(this.expression, bytes.toString(encoding, from, end));
    const message = checkParsed(this.format.parse(match), 'pattern', this.format);
    this.from = end;
    return message;
  }

  #refuse(end: number, reason: string): never {
    throw new MalformedMessageError(
      `pattern: what should match ${this.name} ${reason}`,
      this.bytes.subarray(this.from, end),
    );
  }
}

/** The length of the shortest beginning of `text` that matches; 0 if none does. */
function shortestMatch(expression: RegExp, text: string): number {
  let matched = matchedLength(expression, text, text.length);
  if (matched === 0) return 0;
  // Mostly the match is the shortest already. Otherwise halving finds it: text behind a match cannot undo it.
  let unmatched = 0;
  for (let length = matched - 1; matched - unmatched > 1; length = (unmatched + matched) >>> 1) {
    const shorter = matchedLength(expression, text, length);
    if (shorter === 0) unmatched = length;
    else matched = shorter;
  }
  return matched;
}

/** How far the expression matches in the first `length` characters; 0 if it does not. */
function matchedLength(expression: RegExp, text: string, length: number): number {
  const isInsidePair = length < text.length && (text.charCodeAt(length - 1) & 0xfc00) === 0xd800;
  expression.lastIndex = 0;
  return expression.test(text.slice(0, isInsidePair ? length - 1 : length)) ? expression.lastIndex : 0;
}

function exec(expression: RegExp, text: string): RegExpExecArray {
  expression.lastIndex = 0;
  return expression.exec(text)!;
}

function stickyOf(expression: RegExp, encoding: TextEncoding): RegExp {
  const refuse = (reason: string): never => {
    throw new InvalidOptionError(`pattern: ${String(expression)} ${reason}`, 'expression', expression);
  };
  if (!types.isRegExp(expression)) return refuse('is no regular expression; give one');
  const flags = expression.flags.replace(/[gdy]/g, '');
  const isUnicode = /[uv]/.test(flags);
  const looking = lookingPast(expression.source, flags.includes('v'));
  if (looking !== undefined) {
    return refuse(
      `has ${looking}, which looks past the match, where the text may not have come yet; end it in what ends a message`,
    );
  }
  let sticky: RegExp;
  try {
    sticky = new RegExp(expression.source, `${flags}y${encoding === 'utf8' && !isUnicode ? 'u' : ''}`);
  } catch (error) {
    return refuse(
      `is not valid with the flag u, which encoding 'utf8' needs (${String(error)}); correct it, or use encoding: 'latin1'`,
    );
  }
  if (sticky.test('')) return refuse('matches a message without a byte; let it match at least one');
  return sticky;
}

/** What of an expression depends on the text behind its match; undefined if nothing does. */
function lookingPast(source: string, hasNestedClasses: boolean): string | undefined {
  let depth = 0;
  for (const [token] of source.matchAll(/\\[^]|\[|\]|\(\?!|\(\?=|\$/g)) {
    if (token === '[' && (depth === 0 || hasNestedClasses)) depth++;
    else if (token === ']' && depth > 0) depth--;
    else if (depth === 0 && ['$', '\\b', '\\B', '(?=', '(?!'].includes(token)) return token;
  }
  return undefined;
}

function encodeText(text: string, expression: RegExp, maxLength: number, encoding: TextEncoding): Buffer {
  const bytes = Buffer.from(text, encoding);
  const flaw = encodingFlaw(text, encoding) ?? flawOf(text, bytes.length, expression, maxLength);
  if (flaw === undefined) return bytes;
  throw new InvalidMessageError(`pattern: a message ${flaw}`, {
    bytes,
    length: bytes.length,
    limit: bytes.length > maxLength ? maxLength : undefined,
  });
}

/** Why the peer would not find this text as one message, or undefined if it would. */
function flawOf(text: string, length: number, expression: RegExp, maxLength: number): string | undefined {
  if (length > maxLength)
    return `of ${length} bytes is longer than maxLength (${maxLength}); shorten it or raise maxLength`;
  const matched = shortestMatch(expression, text);
  if (matched === text.length && matched > 0) return undefined;
  if (matched === 0)
    return `of ${length} bytes is not matched by /${expression.source}/; give the whole message, its end included`;
  return `would end at character ${matched} of ${text.length}, where /${expression.source}/ matches already; send each message by itself`;
}
