/** `socketserver check <plugin>`: what `serve` would do, without opening a socket. */
import type { CommandFlags, CommandIo } from './command-io';
import { escapeControls } from '@socketserver/core';
import { isRecord } from '../is-record';
import { optionNames, showOption, type OptionName } from '../options';
import { planRun, type RunPlan } from '../plan-run';
import { transportOf } from '../plugin-server';
import { showSetting } from '../settings';
import { loadForCommand } from './load-for-command';

export async function check(name: string, flags: CommandFlags, io: CommandIo): Promise<number> {
  const { plugin, file, warnings, sources } = await loadForCommand(name, flags, io);
  const plan = await planRun(plugin, sources);
  const rows: [string, string][] = [
    ['plugin', plugin.name],
    ...(plugin.description === undefined ? [] : [['about', plugin.description] as [string, string]]),
    ['file', file],
    ['transport', transportOf(plugin, plan.options.values)],
    ...shownOptions(plan).map((option): [string, string] => [option, describeOption(option, plan)]),
    ...settingRows(plan.settings),
    ...warnings.map((warning): [string, string] => ['warning', warning]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  for (const [label, text] of rows) io.stdout.write(`${label.padEnd(width)}  ${escapeControls(text)}\n`);
  io.stdout.write('ok\n');
  return 0;
}

/** A path takes the place of a host and a port. */
function shownOptions({ options: { values } }: RunPlan): OptionName[] {
  const unused = values.unix === undefined ? ['unix'] : ['host', 'port'];
  return optionNames.filter((name) => !unused.includes(name));
}

function describeOption(name: OptionName, { options: { values, sources } }: RunPlan): string {
  return `${showOption(name, values[name])}${sources[name] === 'default' ? '' : `  (${sources[name]})`}`;
}

function settingRows(settings: unknown): [string, string][] {
  if (!isRecord(settings)) return [['settings', JSON.stringify(settings)]];
  return Object.entries(settings).map(([key, value]) => [`settings.${key}`, showSetting(key, value)]);
}
