import { UsageError } from '../src/errors';
import { OptionReader } from '../src/option-reader';

/** The error that reading makes. */
function refusal(read: () => unknown): UsageError {
  try {
    read();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new RangeError('nothing was refused');
}

describe('OptionReader', () => {
  it('gives what was given', () => {
    const reader = new OptionReader({ host: '::1', port: '5001', mode: 'fast', code: 'A-7', note: 'any text ', n: '' });
    expect(reader.host('host')).toBe('::1');
    expect(reader.integer('port', 1, 65_535)).toBe(5001);
    expect(reader.choice('mode', ['safe', 'fast'])).toBe('fast');
    expect(reader.matching('code', /^[A-Z]-\d$/, 'a code')).toBe('A-7');
    expect(reader.text('note')).toBe('any text ');
    expect([reader.has('n'), reader.has('other'), reader.text('other')]).toEqual([true, false, '']);
  });

  it('takes every whole number within the bounds, and no other', () => {
    const read = (port: string) => new OptionReader({ port }).integer('port', 1, 65_535);
    expect(['1', '0080', '65535'].map(read)).toEqual([1, 80, 65_535]);
    for (const port of ['0', '65536', '-1', '1.5', '1e3', '0x10', ' 1', '', '99999999999999999999']) {
      expect(refusal(() => read(port)).message).toBe(`erro: --port "${port}": esperado um número de 1 a 65535`);
    }
  });

  it.each(['', ' ', 'a b', 'a\n'])('takes no host %j', (host) => {
    const line = `erro: --host ${JSON.stringify(host)}: esperado um nome ou endereço IP`;
    expect(refusal(() => new OptionReader({ host }).host('host')).message).toBe(line);
  });

  it('refuses in the language that was asked for', () => {
    const reader = new OptionReader({ lang: 'en', port: 'x', host: '', mode: 'z' });
    expect(reader.lang).toBe('en');
    expect(refusal(() => reader.integer('port', 1, 9)).message).toBe(
      'error: --port "x": expected a number from 1 to 9',
    );
    expect(refusal(() => reader.host('host')).message).toBe('error: --host "": expected a name or an IP address');
    expect(refusal(() => reader.choice('mode', ['a', 'b'])).message).toBe('error: --mode "z": expected one of a, b');
  });

  it('names the flag as it is typed, and keeps what was given', () => {
    const error = refusal(() => new OptionReader({ dataDir: '\u001b[2J' }).matching('dataDir', /^\w+$/, 'uma pasta'));
    expect(error).toMatchObject({ code: 'BAD_USAGE', option: '--data-dir', value: '\u001b[2J' });
    expect(error.message).toBe('erro: --data-dir "\\u001b[2J": esperado uma pasta');
  });

  it('refuses a language that there is not', () => {
    const line = 'erro: --lang "fr": esperado um destes: pt-BR, en';
    expect(refusal(() => new OptionReader({ lang: 'fr' })).message).toBe(line);
  });
});
