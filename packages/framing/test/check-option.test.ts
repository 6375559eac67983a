import {
  InvalidMessageError,
  InvalidOptionError,
  delimiter,
  lengthPrefix,
  lines,
  messages,
  pattern,
  raw,
} from '../src';

/** Each codec, given what its options are not. */
const codecs: [name: string, make: (options: never) => unknown][] = [
  ['lines', lines],
  ['raw', raw],
  ['delimiter', (options) => delimiter('\0', options)],
  ['lengthPrefix', lengthPrefix],
  ['pattern', (options) => pattern(/a;/, options)],
];

describe('options of codecs', () => {
  it.each(codecs)('with a name that %s does not have are refused: a typo would be no limit', (name, make) => {
    const wrong = (): unknown => make({ maxlength: 2 } as never);
    expect(wrong).toThrow(InvalidOptionError);
    expect(wrong).toThrow(`${name}: there is no option maxlength; there are `);
    expect(wrong).toThrow('maxLength');
  });

  it.each(codecs)('that are no object are refused by %s', (name, make) => {
    for (const options of [2, 'utf8', null]) {
      expect(() => make(options as never)).toThrow(InvalidOptionError);
      expect(() => make(options as never)).toThrow(`${name}: the options are `);
    }
  });
});

it('a message of lines() that is no text is refused', () => {
  expect(() => lines().encode(5 as never)).toThrow(InvalidMessageError);
  expect(() => lines().encode(5 as never)).toThrow('lines: a message is 5; send text');
});

it.each(['abc', undefined, null, 5])('messages() refuses the source %p', (source) => {
  expect(() => messages(source as never, lines())).toThrow(/^messages: the source is .*; give something that chunks/);
});
