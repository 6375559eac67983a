import { parseClass, parseStudent, splitAtSlash } from '../src/fields';

describe('parseClass()', () => {
  it.each([
    ['101', '101', '101'],
    ['007', '7', '007'],
    [' 101\t', '101', '101'],
    ['999999999999999', '999999999999999', '999999999999999'],
    ['000000000000001', '1', '000000000000001'],
  ])('takes %j for class %s', (text, number, typed) => {
    expect(parseClass(text)).toEqual({ number, typed });
  });

  it.each([
    '',
    '0',
    '000',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    'abc',
    '10 1',
    '１０１',
    '٣',
    '1\0',
    '\v1',
    '\u00a01',
    '\ufeff1',
    '\x1b[2J',
    '1234567890123456',
  ])('refuses %j', (text) => {
    expect(parseClass(text)).toBeUndefined();
  });
});

describe('parseStudent()', () => {
  it.each([
    ['042191010', '042191010'],
    [' 7 ', '7'],
    ['000', '000'],
    ['12345678901234567890', '12345678901234567890'],
  ])('takes %j', (text, student) => {
    expect(parseStudent(text)).toBe(student);
  });

  it.each(['', ' ', 'abc', '-1', "1'", '１', '123456789012345678901', '1\n2'])('refuses %j', (text) => {
    expect(parseStudent(text)).toBeUndefined();
  });
});

describe('splitAtSlash()', () => {
  it('wants exactly one slash', () => {
    expect(splitAtSlash('1/2')).toEqual(['1', '2']);
    expect(splitAtSlash('/')).toEqual(['', '']);
    expect(splitAtSlash('12')).toBeUndefined();
    expect(splitAtSlash('1/2/3')).toBeUndefined();
  });
});
