import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as framing from '@socketserver/framing';

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

const examples = Array.from(readme.matchAll(/```ts\n([\s\S]*?)```/g), ([, code]) => code!);
const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

describe('the README', () => {
  it.each(examples)('shows an example that prints what its comments say: %#', async (code) => {
    const printed: string[] = [];
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const run = new AsyncFunction('require', 'exports', 'console', outputText) as (...args: unknown[]) => Promise<void>;
    await run(
      (name: string) => (name === '@socketserver/framing' ? framing : undefined),
      {},
      { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) },
    );
    const promised = code.matchAll(/^ *\/\/ → (.*)$/gm);
    expect(printed).toEqual(Array.from(promised, ([, text]) => text));
    expect(printed.length).toBeGreaterThan(0);
  });

  it('names every codec and every other function', () => {
    const functions = Object.keys(framing).filter((name) => /^[a-z]/.test(name));
    for (const name of functions) expect(readme).toMatch(new RegExp(`^### .*\`${name}\\(`, 'm'));
  });
});
