import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PluginNotFoundError } from '../src/errors';
import { resolvePlugin } from '../src/resolve-plugin';

let cwd: string;

function write(path: string, content: string): string {
  const file = join(cwd, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  return file;
}

beforeAll(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'socketserver-resolve-')));
  write('plugin.js', '');
  write('folder/package.json', '{"main": "main.js"}');
  write('folder/main.js', '');
  write('node_modules/@socketserver/monitor/index.js', '');
  write('node_modules/monitor/index.js', '');
  write('node_modules/socketserver-echo/index.js', '');
  write('node_modules/plain/index.js', '');
  write('node_modules/@acme/meter/package.json', '{"exports": {".": {"types": "./x.d.ts", "import": "./esm.mjs"}}}');
  write('node_modules/@acme/meter/esm.mjs', '');
  write('node_modules/@acme/closed/package.json', '{"exports": {"./part": "./part.js"}}');
});

afterAll(() => rmSync(cwd, { recursive: true }));

describe('resolvePlugin()', () => {
  it.each([
    ['a path', './plugin.js', 'plugin.js'],
    ['a file name', 'plugin.js', 'plugin.js'],
    ['a path without its ending', './plugin', 'plugin.js'],
    ['a folder', './folder', 'folder/main.js'],
    ['a short name, first in the scope', 'monitor', 'node_modules/@socketserver/monitor/index.js'],
    ['a short name with a prefix', 'echo', 'node_modules/socketserver-echo/index.js'],
    ['a package', 'plain', 'node_modules/plain/index.js'],
  ])('finds %s', (_what, name, file) => {
    expect(resolvePlugin(name, cwd)).toBe(join(cwd, file));
  });

  it('finds an absolute path and a URL', () => {
    const file = join(cwd, 'plugin.js');
    expect(resolvePlugin(file, '/')).toBe(file);
    expect(resolvePlugin(pathToFileURL(file).href, '/')).toBe(file);
  });

  it('says what it tried and from where', () => {
    const find = () => resolvePlugin('nothing', cwd);
    expect(find).toThrow(PluginNotFoundError);
    expect(find).toThrow(
      `plugin "nothing" was not found from ${cwd} (tried @socketserver/nothing, socketserver-nothing, nothing)`,
    );
    expect(() => resolvePlugin('./nothing', cwd)).toThrow(`(tried ${join(cwd, 'nothing')})`);
    expect(() => resolvePlugin('@acme/nothing', cwd)).toThrow('(tried @acme/nothing)');
  });

  // Jest resolves packages by rules of its own, so these two run as they do for users: built, in Node itself.
  it('finds a package for import only, and says when one has no main entry', () => {
    const script = `
      const { resolvePlugin } = require(${JSON.stringify(join(__dirname, '../dist/resolve-plugin.js'))});
      for (const name of ['@acme/meter', '@acme/closed']) {
        try { console.log(resolvePlugin(name, process.cwd())); } catch (error) { console.log(error.message); }
      }`;
    const lines = execFileSync(process.execPath, ['-e', script], { cwd, encoding: 'utf8' }).split('\n');
    expect(lines[0]).toBe(join(cwd, 'node_modules/@acme/meter/esm.mjs'));
    expect(lines[1]).toContain('"@acme/closed" could not be loaded');
    expect(lines[1]).toContain('its package.json exports no main entry');
  });
});
