import { PassThrough } from 'node:stream';
import { BadOptionError, BadSettingsError, PluginHookError, UsageError } from '../src/errors';
import { reportError } from '../src/exit';
import { written } from './written';

function report(error: unknown): [code: number, text: string] {
  const stderr = new PassThrough();
  return [reportError(error, stderr), written(stderr)];
}

describe('reportError()', () => {
  it('prints one line for what a user can change', () => {
    expect(report(new BadOptionError('port', '--port x', 'expected a number'))).toEqual([
      2,
      'error: --port x: expected a number\n',
    ]);
  });

  it('prints one line for each bad setting', () => {
    const problems = ['one', 'two'].map((message) => ({ path: message, message }));
    expect(report(new BadSettingsError(problems))).toEqual([2, 'error: one\nerror: two\n']);
  });

  it('puts nothing before the line of an app’s own command', () => {
    const error = new UsageError('erro: --port "x": esperado um número', '--port', 'x');
    expect(report(error)).toEqual([2, 'erro: --port "x": esperado um número\n']);
  });

  it('tells a plugin that fails at its end from one that cannot begin', () => {
    const cause = new RangeError('the disk is full');
    expect(report(new PluginHookError('p', 'start', { cause }))[0]).toBe(2);
    expect(report(new PluginHookError('p', 'stop', { cause }))).toEqual([
      1,
      'error: plugin "p": stop() failed: the disk is full\n',
    ]);
  });

  it('prints the stack of anything else', () => {
    const [code, text] = report(new RangeError('a bug'));
    expect(code).toBe(1);
    expect(text).toMatch(/^internal error: RangeError: a bug\n\s+at .*exit\.test\.ts/);
    expect(report('just text')).toEqual([1, 'internal error: just text\n']);
  });

  it('lets no text move the cursor', () => {
    expect(report(new BadOptionError('host', '--host \u001b[2J', 'no'))[1]).toBe('error: --host \\x1b[2J: no\n');
  });
});
