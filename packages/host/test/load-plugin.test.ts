import { join } from 'node:path';
import type { HostError } from '../src/errors';
import { loadPlugin } from '../src/load-plugin';

const cwd = join(__dirname, 'fixtures');

// Jest can load CommonJS only; ES modules are loaded by the tests of the command.
describe('loadPlugin()', () => {
  it('loads CommonJS, written by hand or compiled', async () => {
    expect(await loadPlugin('./echo', { cwd })).toMatchObject({
      plugin: { name: 'echo' },
      file: join(cwd, 'echo.js'),
      warnings: [],
    });
    expect((await loadPlugin('compiled.js', { cwd })).plugin.name).toBe('compiled');
  });

  it.each([
    [
      'throws.js',
      'PLUGIN_LOAD_FAILED',
      /could not be loaded from .*throws\.js: no database here \(at .*throws\.js:2:7\)$/,
    ],
    ['missing-import.js', 'PLUGIN_LOAD_FAILED', /: Cannot find module 'a-package-that-nobody-installed'/],
    ['no-handler.js', 'PLUGIN_LOAD_FAILED', /"no-handler": it has no handler.* \(at .*no-handler\.js:/],
    ['no-default.js', 'PLUGIN_INVALID', /no-default\.js has no default export made by definePlugin\(\)$/],
    ['other-copy.js', 'PLUGIN_INVALID', /two copies of @socketserver\/core .*npx socketserver/],
    ['absent.js', 'PLUGIN_NOT_FOUND', /"absent\.js" was not found from .*\/fixtures/],
  ])('refuses %s with %s', async (name, code, message) => {
    const error = (await loadPlugin(name, { cwd }).catch((reason: unknown) => reason)) as HostError;
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});
