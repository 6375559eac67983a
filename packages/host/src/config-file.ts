/** The file of `--config`: JSON with the options of the server and, under `settings`, those of the plugin. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigFileError } from './errors';
import { isRecord } from './is-record';
import { optionNames, type OptionName } from './options';
import { codeOf, reasonOf } from './thrown';

export interface ConfigFile {
  /** The path as it was given, for messages. */
  readonly file: string;
  /** Values by option, not yet checked. */
  readonly options: Readonly<Partial<Record<OptionName, unknown>>>;
  /** The plugin's settings, not yet checked. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Reads a configuration file.
 * @param cwd the folder that a relative path starts from
 * @throws {ConfigFileError} when it cannot be read, is not JSON, or has a key that nothing understands
 */
export function readConfigFile(file: string, cwd: string): ConfigFile {
  const content = parse(file, read(file, cwd));
  if (!isRecord(content)) throw new ConfigFileError(file, 'it must contain a JSON object, such as {"port": 5000}');
  const { settings = {}, ...rest } = content;
  if (!isRecord(settings)) throw new ConfigFileError(file, '"settings" must be a JSON object');
  const unknown = Object.keys(rest).filter((key) => !(optionNames as readonly string[]).includes(key));
  if (unknown.length > 0) {
    const known = [...optionNames, 'settings'].join(', ');
    throw new ConfigFileError(file, `unknown key ${unknown.map((key) => `"${key}"`).join(', ')}; known are ${known}`);
  }
  return { file, options: rest, settings };
}

function read(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8').replace(/^\ufeff/, '');
  } catch (cause) {
    const why: Partial<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EACCES: 'it may not be read (permission denied)',
      EISDIR: 'it is a folder',
    };
    throw new ConfigFileError(file, why[codeOf(cause) ?? ''] ?? reasonOf(cause), { cause });
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigFileError(file, `it is not JSON: ${reasonOf(cause)}`, { cause });
  }
}
