import { PassThrough } from 'node:stream';

import { settled, until } from '@socketserver/testing';

import { PlainConsole } from '../../src/client/plain-console';

function plain() {
  const stdin = new PassThrough({ highWaterMark: 64 });
  const written = { stdout: '', stderr: '' };
  const stdout = new PassThrough().on('data', (text) => (written.stdout += String(text)));
  const stderr = new PassThrough().on('data', (text) => (written.stderr += String(text)));
  const onInterrupt = jest.fn();
  const console = new PlainConsole({ stdin, stdout, stderr, env: {} }, { onInterrupt, onEnd: () => undefined });
  return { console, stdin, stdout, written, onInterrupt };
}

/** Every line, to the end. */
async function lines(console: PlainConsole): Promise<string[]> {
  const found: string[] = [];
  for (let line = await console.ask(''); line !== undefined; line = await console.ask('')) found.push(line);
  return found;
}

describe('PlainConsole', () => {
  it('writes each prompt, each text and each warning as lines of their own', async () => {
    const { console, stdin, written } = plain();
    stdin.end('101\n');
    expect(await console.ask('Turma: ')).toBe('101');
    console.say('a resposta');
    console.warn('um aviso');
    expect(await console.ask('Turma: ')).toBeUndefined();
    await settled();
    expect(written).toEqual({ stdout: 'Turma:\na resposta\nTurma:\n', stderr: 'um aviso\n' });
  });

  it.each([
    ['with newlines', '1\n2\n', ['1', '2']],
    ['without a last newline', '1\n2', ['1', '2']],
    ['as Windows ends them', '1\r\n\r\n2\r\n', ['1', '', '2']],
    ['of no input', '', []],
  ])('reads lines %s', async (_how, text, expected) => {
    const { console, stdin } = plain();
    stdin.end(text);
    expect(await lines(console)).toEqual(expected);
    expect(console.hasEnded).toBe(true);
  });

  it('puts characters together that come in pieces', async () => {
    const { console, stdin } = plain();
    const asked = console.ask('');
    for (const byte of Buffer.from('Olá\n')) {
      stdin.write(Buffer.of(byte));
      await settled();
    }
    expect(await asked).toBe('Olá');
  });

  it('keeps the beginning of a line that is too long, and finds the next one', async () => {
    const { console, stdin } = plain();
    stdin.write('1'.repeat(100_000));
    stdin.end('\n2\n');
    const [first, ...others] = await lines(console);
    expect(first).toBe('1'.repeat(1024));
    expect(others).toEqual(['2']);
  });

  it('reads no further than it is asked for', async () => {
    const { console, stdin } = plain();
    let taken = 0;
    const write = () => {
      while (taken < 10_000 && stdin.write(`${(taken += 1)}\n`));
    };
    stdin.on('drain', write);
    write();
    for (let number = 1; number <= 50; number += 1) expect(await console.ask('')).toBe(String(number));
    await settled();
    expect(taken).toBeLessThan(500);
  });

  it('stops waiting for a line when it is closed', async () => {
    const { console, written } = plain();
    const line = console.ask('Turma: ');
    console.close();
    expect(await line).toBeUndefined();
    expect(await console.ask('Turma: ')).toBeUndefined();
    expect(written.stdout).toBe('Turma:\n');
  });

  it('takes an input that fails for its end', async () => {
    const { console, stdin } = plain();
    const line = console.ask('');
    stdin.destroy(new RangeError('hung up'));
    expect(await line).toBeUndefined();
  });

  it('tells when nobody reads its output any more', async () => {
    const { stdout, onInterrupt } = plain();
    stdout.destroy(new RangeError('EPIPE'));
    await until(() => onInterrupt.mock.calls.length === 1);
  });
});
