/** The flags by which a command is told the settings of a plugin, the same for `serve` and for an app's own commands. */
import { type Command, Option } from 'commander';
import type { Language } from './language';
import { settingPrefix } from './settings';

const texts: Readonly<Record<Language, Readonly<Record<'config' | 'set', string>>>> = {
  'pt-BR': {
    config:
      'arquivo JSON com opções do servidor e, em "settings", as do plugin (padrão: nenhum; ambiente: SOCKETSERVER_CONFIG)',
    set: `uma configuração do plugin; pode ser repetida (padrão: a do plugin; ambiente: ${settingPrefix}<KEY>)`,
  },
  en: {
    config:
      'JSON file with options of the server and, under "settings", those of the plugin (default: none; env: SOCKETSERVER_CONFIG)',
    set: `a setting of the plugin; may be repeated (default: the plugin's; env: ${settingPrefix}<KEY>)`,
  },
};

/**
 * Adds `--config <file>` and `--set <key=value>` to a command of commander. What its `opts()` then has in `config` and
 * `set` is for `pluginSettings()`.
 *
 * @param language that of the help. @default 'en'
 */
export function addSettingOptions(command: Command, language: Language = 'en'): Command {
  return command
    .option('--config <file>', texts[language].config)
    .addOption(new Option('--set <key=value>', texts[language].set).argParser(collect));
}

/** Reads a flag that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
