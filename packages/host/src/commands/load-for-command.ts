/** What `serve` and `check` have in common: read the flags, then load the plugin. */
import type { CommandFlags, CommandIo } from './command-io';
import { loadPlugin, type LoadedPlugin } from '../load-plugin';
import { optionSources, type RunSources } from '../plan-run';
import { resolveOptions } from '../resolve-options';

export async function loadForCommand(
  name: string,
  flags: CommandFlags,
  { env, cwd }: Pick<CommandIo, 'env' | 'cwd'>,
): Promise<LoadedPlugin & { readonly sources: RunSources }> {
  const sources: RunSources = { ...flags, env, cwd };
  // A mistyped flag is told before any code of the plugin runs; its defaults are not needed for that.
  const { values } = resolveOptions(optionSources(sources));
  return { ...(await loadPlugin(name, { cwd, timeout: values.loadTimeout })), sources };
}
