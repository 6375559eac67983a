import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { endPrograms, Program } from '@socketserver/testing';
import { optionNames, options } from '../src/options';
import { runCommand, SpawnedCommand } from './spawned-command';

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
let folder: string;

beforeAll(() => {
  // Inside the package, so that the plugin finds the packages that it needs.
  folder = mkdtempSync(join(__dirname, '.readme-'));
  const block = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  writeFileSync(join(folder, 'greeter.js'), block);
  const own = /```ts\n([^`]*pluginSettings[\s\S]*?)```/.exec(readme)?.[1] ?? '';
  writeFileSync(join(folder, 'greeting.mjs'), own.replace('./greeter', './greeter.js'));
});

afterEach(endPrograms);

afterAll(() => rmSync(folder, { recursive: true }));

describe('README', () => {
  it('shows a plugin that runs', async () => {
    await using command = new SpawnedCommand([
      'serve',
      join(folder, 'greeter.js'),
      '--port',
      '0',
      '--set',
      'greeting=Hello',
    ]);
    const port = await command.port();
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    const texts: string[] = [];
    for await (const text of socket) texts.push(String(text));
    expect(texts.join('')).toBe('Hello\n');
  });

  it('shows a plugin that passes the check', async () => {
    expect(await runCommand(['check', join(folder, 'greeter.js')])).toMatchObject({ code: 0, stderr: '' });
  });

  it('shows a command of one’s own that sees the settings of the plugin', async () => {
    const greeting = (...args: string[]) => new Program(process.execPath, [join(folder, 'greeting.mjs'), ...args]);
    const right = greeting('--set', 'greeting=Olá');
    expect([await right.ended, right.stdout, right.stderr]).toEqual([0, 'Olá\n', '']);
    const wrong = greeting('--set', 'greting=Olá');
    expect([await wrong.ended, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toMatch(/^error: --set greting: unknown setting.*\n$/);
    const unread = greeting();
    unread.process.stdout.destroy();
    expect([await unread.ended, unread.stderr]).toEqual([0, '']);
  });

  it.each(optionNames)('lists %s with its default and its variable', (name) => {
    const { flag, shownDefault, env } = options[name];
    expect(readme).toMatch(
      new RegExp(`^\\| \`${flag}\` +\\| ${shownDefault.replace('.', '\\.')} +\\| \`${env}\` +\\|`, 'm'),
    );
  });

  it('lists every error class with its code, and no other', () => {
    const source = readFileSync(join(__dirname, '../src/errors.ts'), 'utf8');
    const classes = [...source.matchAll(/class (\w+) extends HostError/g)].map(([, name]) => name);
    const codes = [...source.matchAll(/super\(\s*'([A-Z_]+)'/g)].map(([, code]) => code);
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| `(\w+)` +\|/gm)].map(([, code, name]) => `${code} ${name}`);
    expect(rows).toEqual(classes.map((name, index) => `${codes[index]} ${name}`).sort());
  });
});
