import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as diagnostics from 'node:diagnostics_channel';

import * as framing from '@socketserver/framing';
import * as socket from '@socketserver/socket';
import { expectNoLeaks } from '@socketserver/testing';
import ts from 'typescript';

import * as core from '../src';

expectNoLeaks();

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
const programs = Array.from(readme.matchAll(/```ts\n([^]*?)```/g), ([, code]) => code!);

const modules: Record<string, unknown> = {
  'node:diagnostics_channel': diagnostics,
  '@socketserver/core': core,
  '@socketserver/framing': framing,
  '@socketserver/socket': socket,
};

// Top-level await, as in an ES module.
const AsyncFunction = (async () => undefined).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<void>;

describe('the README', () => {
  it('has programs', () => {
    expect(programs).toHaveLength(3);
  });

  it.each(programs.map((code, index) => [index + 1, code]))(
    'shows, as number %d, one that prints what it says',
    async (_number, code) => {
      const { outputText } = ts.transpileModule(String(code), {
        compilerOptions: {
          module: ts.ModuleKind.CommonJS,
          target: ts.ScriptTarget.ES2022,
          experimentalDecorators: true,
          emitDecoratorMetadata: true,
          useDefineForClassFields: false,
        },
      });
      const printed: string[] = [];
      const run = new AsyncFunction('require', 'exports', 'console', outputText);
      await run((name: string) => modules[name], {}, { log: (...values: unknown[]) => printed.push(values.join(' ')) });
      expect(printed).toEqual(Array.from(String(code).matchAll(/^\/\/ → (.*)$/gm), ([, text]) => text));
    },
  );

  it('lists every error', () => {
    const errors = Object.entries(core).filter(
      ([, value]) => typeof value === 'function' && value.prototype instanceof core.ServerError,
    );
    for (const [name] of errors) expect(readme).toContain(`\`${name}\``);
    expect(errors).toHaveLength(15);
  });
});
