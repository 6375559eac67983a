/** `report` and `export`: what the server has kept, also while it is running. */
import {
  addSettingOptions,
  type CommandIo,
  escapeControls,
  type Language,
  languageOf,
  newCommand,
  OptionReader,
  pluginSettings,
  reportError,
  USAGE,
  UsageError,
} from '@socketserver/host';
import { CommanderError } from 'commander';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { Archive, type SessionRange } from './archive';
import { type ArchiveTexts, archiveTexts } from './archive-texts';
import { type Separator, separators, writeCsv } from './csv';
import { dataFolder } from './data-folder';
import { StorageError } from './errors';
import { parseClass } from './fields';
import { localDay } from './local-time';
import { reportOf, rowsOf } from './report';
import { settings } from './settings';
import { storageText } from './storage-texts';

type ReadingCommand = 'report' | 'export';

export function isReadingCommand(name: unknown): name is ReadingCommand {
  return name === 'report' || name === 'export';
}

/** What the command line, the environment and the configuration file say. */
interface Request {
  readonly classNumber: string;
  readonly folder: string;
  readonly language: Language;
  readonly range: SessionRange;
  readonly separator: Separator;
}

/** The exit code when there is nothing to show, or it cannot be shown. */
const FAILED = 1;

/**
 * The whole command. It ends at a signal as programs do by themselves: what it has open, it only reads.
 *
 * @returns the exit code
 */
export async function readingCommand(name: ReadingCommand, argv: readonly string[], io: CommandIo): Promise<number> {
  let language = languageOf(argv);
  try {
    const request = await parse(name, argv, io, archiveTexts[language]);
    language = request.language;
    return await show(name, request, io, archiveTexts[language]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    // Who reads it has seen enough, as in `… | head`.
    if (code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE') return 0;
    const { notWritten, unreadable } = archiveTexts[language];
    if (syscall === 'write') return fail(io, notWritten(message));
    if (error instanceof StorageError) return fail(io, unreadable(storageText(error, language)));
    return reportError(error, io.stderr);
  }
}

async function show(name: ReadingCommand, request: Request, io: CommandIo, texts: ArchiveTexts): Promise<number> {
  const { classNumber, folder, range, separator } = request;
  const archive = Archive.open(folder);
  if (archive === undefined) return fail(io, texts.nothingYet(folder));
  try {
    if (archive.countSessions(classNumber) === 0) return fail(io, texts.noSessions(classNumber));
    if (name === 'export') await writeCsv(rowsOf(archive, classNumber, range), texts.columns, separator, io.stdout);
    else await pipeline(Readable.from(reportOf(archive, classNumber, texts)), io.stdout, { end: false });
    return 0;
  } finally {
    archive.close();
  }
}

/**
 * @throws {UsageError} when an argument cannot be used
 * @throws {HostError} when the settings cannot
 * @throws {CommanderError} after `--help`, and when a flag is unknown or lacks its value
 */
async function parse(
  name: ReadingCommand,
  argv: readonly string[],
  { stdout, stderr, env, cwd }: CommandIo,
  { help, badClass }: ArchiveTexts,
): Promise<Request> {
  const streams = { stdout: (text: string) => stdout.write(text), stderr: (text: string) => stderr.write(text) };
  const command = newCommand(`attendance ${name}`, help[name], streams, languageOf(argv)).argument(
    '<class>',
    help.class,
  );
  if (name === 'export') {
    command.option('--from <day>', help.from).option('--to <day>', help.to);
    command.option('--separator <character>', help.separator, ',');
  }
  addSettingOptions(command, languageOf(argv)).option('--lang <lang>', help.lang).parse(argv, { from: 'user' });

  const { set, config } = command.opts<{ set?: string[]; config?: string }>();
  const reader = new OptionReader({ separator: ',', ...command.opts() });
  const typed = command.args[0] ?? '';
  const turma = parseClass(typed);
  if (turma === undefined) throw new UsageError(badClass(JSON.stringify(typed)), '<class>', typed);
  const range = readRange(reader);
  const separator = reader.choice('separator', separators);
  const { dataDir, lang } = await pluginSettings({ settings }, { set, config, env, cwd });
  return {
    classNumber: turma.number,
    folder: dataFolder({ dataDir }, cwd),
    language: reader.has('lang') ? reader.lang : lang,
    range,
    separator,
  };
}

function readRange(reader: OptionReader): SessionRange {
  const { badDay, fromAfterTo } = archiveTexts[reader.lang];
  const dayOf = (name: 'from' | 'to') => {
    if (!reader.has(name)) return undefined;
    const typed = reader.text(name);
    const day = localDay(typed);
    if (day === undefined) throw new UsageError(badDay(`--${name}`, JSON.stringify(typed)), `--${name}`, typed);
    return day;
  };
  const [from, to] = [dayOf('from'), dayOf('to')];
  if (from !== undefined && to !== undefined && from.begins > to.begins) {
    const values = [reader.text('from'), reader.text('to')] as const;
    throw new UsageError(fromAfterTo(...values), '--from', values[0]);
  }
  return { from: from?.begins, before: to?.ends };
}

function fail({ stderr }: CommandIo, line: string): number {
  stderr.write(`${escapeControls(line)}\n`);
  return FAILED;
}
