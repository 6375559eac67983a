import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as framing from '@socketserver/framing';

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

describe('the README', () => {
  it('shows an example that prints what its comments say', () => {
    const [, code] = /```ts\n([\s\S]*?)```/.exec(readme)!;
    const printed: string[] = [];
    const { outputText } = ts.transpileModule(code!, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the example is our own
    const run = new Function('require', 'exports', 'console', outputText) as (...args: unknown[]) => void;
    run(
      (name: string) => (name === '@socketserver/framing' ? framing : undefined),
      {},
      { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) },
    );
    const promised = code!.matchAll(/^\/\/ → (.*)$/gm);
    expect(printed).toEqual(Array.from(promised, ([, text]) => text));
  });
});
