/**
 * How the command ends. Exit codes:
 *
 *     0        done, or drained after SIGINT or SIGTERM
 *     1        something failed that should not: a bug, with its stack; or the plugin failed while it was stopping
 *     2        could not begin: a bad option, plugin, setting or address, with one line for each
 *     130 143  a second SIGINT or SIGTERM cut the drain short
 */
import { BoundedWriter } from './bounded-writer';
import { HostError, PluginHookError, UsageError } from './errors';
import { escapeControls } from '@socketserver/core';

/**
 * Says on standard error why the command ends.
 * @returns the exit code
 */
export function reportError(error: unknown, stderr: { write(text: string): unknown } = process.stderr): number {
  if (error instanceof HostError) {
    // An app has said `error:` in its own language.
    const mark = error instanceof UsageError ? '' : 'error: ';
    for (const line of error.message.split('\n')) stderr.write(`${mark}${escapeControls(line)}\n`);
    return error instanceof PluginHookError && error.hook === 'stop' ? 1 : 2;
  }
  const text = error instanceof Error && error.stack !== undefined ? error.stack : String(error);
  stderr.write(`internal error: ${escapeControls(text, '\n')}\n`);
  return 1;
}

/** Lets a command end quietly whose reader has gone, as in `socketserver list | head -1`. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Ends the process when all output has left it, or when its reader is stuck. */
export async function exit(code: number): Promise<void> {
  const writers = [process.stdout, process.stderr].map((stream) => new BoundedWriter(stream));
  await Promise.all(writers.map((writer) => writer.flush()));
  process.exit(code);
}
