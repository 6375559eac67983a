import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { list } from '../../src/commands/list';
import { written } from '../written';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'socketserver-list-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function install(folder: string, manifest: object): void {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, 'package.json'), JSON.stringify(manifest));
}

function listed(cwd = root): string[] {
  const stdout = new PassThrough();
  expect(list({ cwd, stdout })).toBe(0);
  return written(stdout).trimEnd().split('\n');
}

const keywords = ['socketserver-plugin'];

describe('list', () => {
  it('says in one friendly line that there are none', () => {
    expect(listed()).toEqual([expect.stringContaining(`No plugins found from ${root}`)]);
  });

  it('prints what to give to serve, the version, the description and the folder', () => {
    install('node_modules/@socketserver/monitor', {
      name: '@socketserver/monitor',
      version: '1.2.3',
      description: 'Hosts',
      keywords,
    });
    install('node_modules/@acme/meter', { name: '@acme/meter', version: '0.1.0', keywords });
    install('node_modules/socketserver-echo', { name: 'socketserver-echo', version: '2.0.0', keywords });
    install('node_modules/other', { name: 'other', version: '1.0.0', keywords: ['net'] });
    const modules = join(root, 'node_modules');
    expect(listed()).toEqual([
      `@acme/meter  0.1.0  ${join(modules, '@acme/meter')}`,
      `echo         2.0.0  ${join(modules, 'socketserver-echo')}`,
      `monitor      1.2.3  Hosts  ${join(modules, '@socketserver/monitor')}`,
    ]);
  });

  it('looks in the folders above, and prefers the nearest of one name', () => {
    install('node_modules/socketserver-echo', { name: 'socketserver-echo', version: '1.0.0', keywords });
    install('node_modules/socketserver-chat', { name: 'socketserver-chat', version: '1.0.0', keywords });
    install('app/node_modules/socketserver-echo', { name: 'socketserver-echo', version: '2.0.0', keywords });
    expect(listed(join(root, 'app')).map((line) => line.split(/\s+/, 2))).toEqual([
      ['chat', '1.0.0'],
      ['echo', '2.0.0'],
    ]);
  });

  it('steps over broken links, damaged files and packages without a name', () => {
    install('node_modules/nameless', { keywords });
    mkdirSync(join(root, 'node_modules/damaged'));
    writeFileSync(join(root, 'node_modules/damaged/package.json'), '{');
    symlinkSync(join(root, 'nowhere'), join(root, 'node_modules/broken'));
    expect(listed()).toEqual([expect.stringContaining('No plugins found')]);
  });

  it('lets no package write to the terminal', () => {
    install('node_modules/bad', { name: 'bad', version: '1', description: '\u001b[2J', keywords });
    expect(listed()[0]).toContain('\\x1b[2J');
  });
});
