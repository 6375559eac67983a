import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { optionNames, options } from '../src/options';
import { runCommand, SpawnedCommand } from './spawned-command';

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
let folder: string;

beforeAll(() => {
  // Inside the package, so that the plugin finds the packages that it needs.
  folder = mkdtempSync(join(__dirname, '.readme-'));
  const block = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  writeFileSync(join(folder, 'greeter.js'), block);
});

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
