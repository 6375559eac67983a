/**
 * The monitor's frame: one text of exactly 67 bytes (65 characters), sent by an agent every 3 seconds.
 *
 * ```
 * byte  0         9          19 20            33    38 39                  61    66
 *       Hostname: pc-home    ·  Carga de CPU:   0.5 %· Memória Disponível:  50.4 %
 *       label 9   host 10       label 13      num 5    label 21           num 5
 * ```
 *
 * The printed lecture notes lost its padding, so agents written from them differ in where they put the spaces. Ours
 * sends the layout above; six layouts are understood, because all of them are labels in one order with spaces or
 * newlines between.
 */
import { type Format, MalformedMessageError } from '@socketserver/framing';

/** The length of every frame, in bytes. */
export const FRAME_SIZE = 67;

const HOST_WIDTH = 10;

/** What one machine says about itself. */
export interface Sample {
  /** The machine's name as it reports it: it can be cut short, and two machines can have the same one. */
  readonly host: string;
  /** The CPU's load, in percent from 0 to 100. */
  readonly cpu: number;
  /** The memory that programs can still get (not merely the free one), in percent of the total, from 0 to 100. */
  readonly memory: number;
}

/** A sample as it arrived. */
export interface Frame extends Sample {
  /** The whole frame as text. Without control characters, except newlines between its parts. */
  readonly text: string;
}

/** Frames from and to bytes, for `fixedLength(FRAME_SIZE, frame)`. */
export const frame: Format<Frame, Sample> = { parse, format };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const layout =
  /^Hostname:[ \n]*(\S.*?)[ \n]+Carga de CPU:[ \n]*([^%]*?)[ \n]*%[ \n]+Memória Disponível:[ \n]*([^%]*?)[ \n]*%[ \n]*$/u;
const labels = ['Hostname:', 'Carga de CPU:', 'Memória Disponível:'] as const;

/** Control and format characters and foreign line ends: none belongs into a frame, all of them can deceive a terminal. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Reads one frame, in any of the six layouts.
 *
 * @throws {MalformedMessageError} when it is not a frame; the message says what was wrong where
 */
function parse(bytes: Buffer): Frame {
  const text = decode(bytes);
  const parts = layout.exec(text);
  if (parts === null) throw malformed(whatIsMissing(text), bytes);
  const [, host = '', cpu = '', memory = ''] = parts;
  return { host, cpu: percentOf(cpu, labels[1], bytes), memory: percentOf(memory, labels[2], bytes), text };
}

/**
 * Writes one frame of exactly {@link FRAME_SIZE} bytes, whatever the sample: the host goes through {@link asciiHost},
 * a number is cut to 0 to 100, and one that is none becomes 0.
 */
function format({ host, cpu, memory }: Sample): Buffer {
  return Buffer.from(
    `Hostname:${asciiHost(host).padEnd(HOST_WIDTH)} Carga de CPU:${percent(cpu)}% Memória Disponível:${percent(memory)}%`,
  );
}

/**
 * A machine's name as it fits into a frame: 1 to 10 printable ASCII characters.
 *
 * A longer or wider name would make a longer frame, and every later one would be read from the wrong place. Accents are
 * dropped, any other foreign character becomes `?`, and a name of which nothing is left is `?`.
 */
export function asciiHost(name: string): string {
  const ascii = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^ -~]/gu, '?')
    .trim()
    .slice(0, HOST_WIDTH)
    .trimEnd();
  return ascii === '' ? '?' : ascii;
}

function decode(bytes: Buffer): string {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw malformed('it is not valid UTF-8', bytes, cause);
  }
  for (const [character] of text.matchAll(unprintable)) {
    if (character !== '\n') throw malformed(`it contains the control character ${codePoint(character)}`, bytes);
  }
  return text;
}

function whatIsMissing(text: string): string {
  let from = 0;
  for (const label of labels) {
    const at = text.indexOf(label, from);
    if (at === -1 || (from === 0 && at !== 0)) {
      return `expected the label ${JSON.stringify(label)} ${from === 0 ? 'at the start' : 'next'} in ${JSON.stringify(text)}`;
    }
    from = at + label.length;
  }
  return `expected a host and two numbers, each followed by "%", between the labels in ${JSON.stringify(text)}`;
}

function percentOf(text: string, label: string, bytes: Buffer): number {
  const value = /^\d{1,3}(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value >= 0 && value <= 100) return value;
  throw malformed(`${JSON.stringify(label)} is ${JSON.stringify(text)}, expected a number from 0 to 100`, bytes);
}

function percent(value: number): string {
  const inRange = Number.isNaN(value) ? 0 : Math.min(100, Math.max(0, value));
  return inRange.toFixed(1).padStart(5);
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function malformed(reason: string, bytes: Buffer, cause?: unknown): MalformedMessageError {
  return new MalformedMessageError(`not a monitor frame: ${reason}`, bytes, { cause });
}
