/** `socketserver serve <plugin>` */
import type { CommandFlags, CommandIo } from './command-io';
import { loadForCommand } from './load-for-command';
import { readyLine, runPlugin } from '../run-plugin';
import { untilSignal } from '../signals';

export async function serve(name: string, flags: CommandFlags, io: CommandIo): Promise<number> {
  const { plugin, file, warnings, sources } = await loadForCommand(name, flags, io);
  const running = await runPlugin(plugin, { ...sources, file, stdout: io.stdout, stderr: io.stderr });
  for (const warning of warnings) running.logger.warn({}, warning);
  // Before the ready line: who reads it may send a signal at once.
  const ended = untilSignal(running);
  running.output.write(`${readyLine(running)}\n`);
  return ended;
}
