import { InvalidOptionError } from '@socketserver/framing';
import { bytesThemselves, checkParsed } from '../src/format';
import { thrownBy } from './decode-chunks';

describe('formats', () => {
  it('may be the bytes themselves', () => {
    const bytes = Buffer.from('abc');
    expect([bytesThemselves.parse(bytes), bytesThemselves.format(bytes)]).toEqual([bytes, bytes]);
  });

  it.each([0, '', null, false, NaN])('may give %p', (value) => {
    expect(checkParsed(value, 'lines', {})).toBe(value);
  });

  it('may not give undefined, which means that there is no message yet', () => {
    const format = {};
    const error = thrownBy(() => checkParsed(undefined, 'lines', format));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ option: 'format', value: format });
    expect((error as Error).message).toContain('lines: format.parse() gave undefined');
  });
});
