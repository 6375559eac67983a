import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as socket from '@socketserver/socket';
import { folder } from './folder';
import { until } from './loopback';

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');

function examples(language: string): string[] {
  return [...readme.matchAll(new RegExp('```' + language + '\\n([\\s\\S]*?)```', 'g'))].map(([, code]) => code!);
}

/** Runs an example; gives the first thing that it prints. */
async function run(example: string): Promise<string> {
  const printed: string[] = [];
  const { outputText } = ts.transpileModule(example, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the example is our own
  const start = new Function('require', 'exports', 'console', outputText) as (...args: unknown[]) => void;
  start(
    (name: string) => (name === '@socketserver/socket' ? socket : undefined),
    {},
    { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) },
  );
  await until(() => printed.length > 0);
  return printed.join('\n');
}

describe('the README', () => {
  it('shows an example that greets, and one that answers', async () => {
    const printed: string[] = [];
    for (const example of examples('ts').filter((each) => !each.includes('__filename')))
      printed.push(await run(example));
    expect(printed).toEqual(['Mensagem recebida: Bem-vindo ao servidor!\n', 'pong']);
  });

  it('shows an example that hands a connection to a thread', () => {
    const example = examples('ts').find((each) => each.includes('__filename'))!;
    const { outputText } = ts.transpileModule(example, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
    const file = folder('example.js');
    writeFileSync(file, outputText);
    const env = { ...process.env, NODE_PATH: join(__dirname, '../../../node_modules') };
    expect(execFileSync(process.execPath, [file], { encoding: 'utf8', env })).toBe('thread 1\n');
  });

  it('shows its Python original, which prints the same', () => {
    const printed = execFileSync('python3', ['-c', examples('python')[0]!], { encoding: 'utf8' });
    expect(printed).toBe('Mensagem recebida: Bem-vindo ao servidor!\n\n');
  });

  it('names only what the package has', () => {
    const named = new Set(
      readme.match(/\b(?:[A-Z][A-Za-z]+Error|AF_\w+|SOCK_\w+|ManualClock|Selector|DatagramSocket)\b/g),
    );
    for (const python of ['OSError']) named.delete(python);
    for (const name of named) expect(socket).toHaveProperty(name);
    expect(named.size).toBeGreaterThan(8);
  });
});
