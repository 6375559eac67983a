/**
 * The `Logger` service: pino, one JSON object per line; on a terminal pino-pretty, one readable line each.
 *
 * What a peer sent may be in any field. JSON escapes C0 controls by itself; the rest, and everything in the readable
 * form, is escaped here, so that no peer can move the cursor, forge a line or retitle the window.
 */
import { Logger, escapeControls } from '@socketserver/core';
import { types } from 'node:util';
import pino from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { BoundedWriter } from './bounded-writer';
import { isRecord } from './is-record';
import type { LogLevel } from './options';

export interface LoggerOptions {
  /** Where lines go: standard error. */
  readonly writer: Pick<BoundedWriter, 'write'>;
  /** @default 'info' */
  readonly level?: LogLevel;
  /** Readable lines instead of JSON. @default false */
  readonly pretty?: boolean;
  /** Colours in readable lines. @default false */
  readonly colors?: boolean;
}

export class PinoLogger extends Logger {
  readonly #pino: pino.Logger;

  constructor(options: LoggerOptions) {
    super();
    const { writer, level = 'info', pretty = false, colors = false } = options;
    const toLine = pretty ? readable(colors) : escapeLine;
    this.#pino = pino(
      // Without a process id and a host name in every line.
      { level, base: null, serializers: { error: errorAsData } },
      { write: (line: string) => writer.write(toLine(line)) },
    );
  }

  override debug(fields: object, message: string): void {
    this.#pino.debug(fields, message);
  }

  override info(fields: object, message: string): void {
    this.#pino.info(fields, message);
  }

  override warn(fields: object, message: string): void {
    this.#pino.warn(fields, message);
  }

  override error(fields: object, message: string): void {
    this.#pino.error(fields, message);
  }
}

/** From a worker an error comes as data already. */
function errorAsData(error: unknown): unknown {
  return types.isNativeError(error) ? pino.stdSerializers.err(error) : error;
}

/** Whether the stream is a terminal that wants colours. https://no-color.org */
export function wantsColors(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/** In a line of JSON these characters can only be inside a string, where the escape means the same. */
function escapeLine(line: string): string {
  return line.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function readable(colors: boolean): (line: string) => string {
  // Made here and called for each line: as a stream or a transport, pino-pretty would lose the last lines at the end.
  const pretty = prettyFactory({
    colorize: colors,
    translateTime: 'SYS:HH:MM:ss.l',
    errorLikeObjectKeys: ['err', 'error'],
    singleLine: true,
  });
  return (line) => pretty(escapeStrings(JSON.parse(line)));
}

function escapeStrings(value: unknown, key = ''): unknown {
  // A stack needs its lines; pino-pretty indents them.
  if (typeof value === 'string') return escapeControls(value, key === 'stack' ? '\n' : '');
  if (Array.isArray(value)) return value.map((item) => escapeStrings(item));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [escapeControls(name), escapeStrings(inner, name)]),
  );
}
