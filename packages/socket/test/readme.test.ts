import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as socket from '@socketserver/socket';
import { until } from './loopback';

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

function example(language: string): string {
  return new RegExp('```' + language + '\\n([\\s\\S]*?)```').exec(readme)![1]!;
}

describe('the README', () => {
  it('shows an example that greets', async () => {
    const printed: string[] = [];
    const { outputText } = ts.transpileModule(example('ts'), { compilerOptions: { module: ts.ModuleKind.CommonJS } });
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the example is our own
    const run = new Function('require', 'exports', 'console', outputText) as (...args: unknown[]) => void;
    run(
      (name: string) => (name === '@socketserver/socket' ? socket : undefined),
      {},
      { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) },
    );
    await until(() => printed.length > 0);
    expect(printed).toEqual(['Mensagem recebida: Bem-vindo ao servidor!\n']);
  });

  it('shows its Python original, which prints the same', () => {
    const printed = execFileSync('python3', ['-c', example('python')], { encoding: 'utf8' });
    expect(printed).toBe('Mensagem recebida: Bem-vindo ao servidor!\n\n');
  });

  it('names only what the package has', () => {
    const named = new Set(readme.match(/\b(?:[A-Z][A-Za-z]+Error|AF_\w+|SOCK_\w+|ManualClock|Selector)\b/g));
    for (const python of ['OSError']) named.delete(python);
    for (const name of named) expect(socket).toHaveProperty(name);
    expect(named.size).toBeGreaterThan(8);
  });
});
