/**
 * `npm run attendance`: the server, unless it is told to read what the server has kept.
 *
 *     npm run attendance -- --port 5051          socketserver serve attendance --port 5051
 *     npm run attendance -- report 101
 *     npm run attendance -- export 101 --from 2026-11-01 --to 2026-11-30 > presences.csv
 */
import { type CommandIo, exit, languageOf, main, ownStreams, reportError, UsageError } from '@socketserver/host';
import { join } from 'node:path';

import { archiveTexts } from './archive-texts';
import { isReadingCommand, readingCommand } from './reading-command';

/** This package, as `socketserver serve` finds it from wherever it is started. */
const PACKAGE = join(__dirname, '..');

/**
 * The whole command.
 *
 * @returns the exit code
 */
export async function attendanceCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const [first = '', ...rest] = argv;
  if (isReadingCommand(first)) return readingCommand(first, rest, io);
  const texts = archiveTexts[languageOf(argv)];
  if (first === '--help' || first === '-h') {
    io.stdout.write(texts.help.overview);
    return 0;
  }
  if (first === '' || first === 'serve' || first.startsWith('-')) {
    return main(['serve', PACKAGE, ...withLanguage(first === 'serve' ? rest : argv)], io);
  }
  return reportError(new UsageError(texts.unknownCommand(JSON.stringify(first)), '', first), io.stderr);
}

/** For the server the language is a setting, as everything that is the plugin's own. */
function withLanguage(argv: readonly string[]): string[] {
  return argv.flatMap((argument, index) => {
    if (argument === '--lang') return ['--set', `lang=${argv[index + 1] ?? ''}`];
    if (argument.startsWith('--lang=')) return ['--set', argument.slice(2)];
    return argv[index - 1] === '--lang' ? [] : [argument];
  });
}

if (require.main === module) {
  const argv = process.argv.slice(2);
  ownStreams(); // From here on a reader that has gone is no error.
  const io = { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() };
  void attendanceCommand(argv, io).then((code) => {
    // What waits for a slow reader is written to its end; a server leaves nothing that is worth waiting for.
    if (!isReadingCommand(argv[0])) return exit(code);
    process.exitCode = code;
  });
}
