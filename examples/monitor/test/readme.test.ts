import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { endPrograms, Program } from '@socketserver/testing';
import ts from 'typescript';

import { HubDouble, receive } from './hub-double';

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');

afterEach(endPrograms);

describe('README', () => {
  it('has a library example that reports until Ctrl-C', async () => {
    const hub = await HubDouble.open();
    const [, code = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    const { outputText } = ts.transpileModule(code.replace('5000', String(hub.address[1])), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const example = new Program(process.execPath, ['-e', outputText]);
    expect(await receive(await hub.accept())).toMatch(/^Hostname:/);
    expect(await example.end('SIGINT')).toBe(0);
    await hub.close();
  });

  it('shows a frame of 67 bytes', () => {
    const [line = ''] = /^Hostname:.*$/m.exec(readme) ?? [];
    expect(Buffer.byteLength(line)).toBe(67);
  });
});
