/** The `socketserver` command. */
import { Command, CommanderError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './commands/check';
import type { CommandFlags, CommandIo } from './commands/command-io';
import { list } from './commands/list';
import { serve } from './commands/serve';
import { reportError, tolerateClosedPipes } from './exit';
import { optionNames, options } from './options';
import { addSettingOptions, collect } from './setting-options';

/**
 * Runs the command.
 * @param args what follows the name of the command
 * @returns the exit code; see exit.ts. Nothing is thrown
 */
export async function main(args: readonly string[] = process.argv.slice(2), io: CommandIo = ownIo()): Promise<number> {
  let code = 0;
  const program = new Command('socketserver')
    .description('Runs a request handler as a server: one at a time, as concurrent tasks or in a select loop.')
    .version(version(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(oneLine(text)),
    });
  withOptions(program.command('serve'), 'run a plugin until SIGINT or SIGTERM').action(
    async (plugin: string, flags: CommandFlags) => {
      code = await serve(plugin, flags, io);
    },
  );
  withOptions(program.command('check'), 'load a plugin and validate its settings, without serving').action(
    async (plugin: string, flags: CommandFlags) => {
      code = await check(plugin, flags, io);
    },
  );
  program
    .command('list')
    .description('print the plugins that can be found from this folder')
    .action(() => {
      code = list(io);
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportError(error, io.stderr);
  }
}

function withOptions(command: Command, description: string): Command {
  command
    .description(description)
    .argument('<plugin>', 'a path, a package, or a short name: monitor is @socketserver/monitor');
  for (const name of optionNames) {
    const { flag, help, shownDefault, env, isList = false } = options[name];
    const option = new Option(flag, `${help} (default: ${shownDefault}; env: ${env})`);
    command.addOption(isList ? option.argParser(collect) : option);
  }
  return addSettingOptions(command).addHelpText(
    'after',
    '\nA flag wins over the environment, that over the file, and that over the plugin. Times are milliseconds.',
  );
}

/** Commander puts its "did you mean" on a line of its own. */
function oneLine(text: string): string {
  return text.startsWith('error: ') ? `${text.trim().replace(/\s*\n\s*/g, ' ')}\n` : text;
}

function version(): string {
  const manifest = readFileSync(join(__dirname, '../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function ownIo(): CommandIo {
  tolerateClosedPipes();
  return { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() };
}
