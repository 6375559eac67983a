import { Command } from 'commander';
import { addSettingOptions } from '../src/setting-options';

const opts = (...argv: string[]) => addSettingOptions(new Command('report')).parse(argv, { from: 'user' }).opts();

describe('addSettingOptions()', () => {
  it('reads --set as often as it is given, and one --config', () => {
    expect(opts('--set', 'a=1', '--config', 'my.json', '--set=b=2')).toEqual({
      set: ['a=1', 'b=2'],
      config: 'my.json',
    });
  });

  it('says nothing of what was not given', () => {
    expect(opts()).toEqual({});
  });

  it('has help in each language', () => {
    const help = (language?: 'pt-BR' | 'en') =>
      addSettingOptions(new Command('report'), language).configureHelp({ helpWidth: 1000 }).helpInformation();
    expect(help()).toBe(help('en'));
    expect(help('en')).toMatch(/--config <file> +JSON file .*SOCKETSERVER_CONFIG.*\n.*--set <key=value> +a setting/);
    expect(help('pt-BR')).toMatch(/--config <file> +arquivo JSON .*SOCKETSERVER_CONFIG.*\n.*--set <key=value> +uma/);
  });
});
