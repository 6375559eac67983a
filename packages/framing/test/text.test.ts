import fc from 'fast-check';
import { InvalidMessageError, InvalidOptionError, MalformedMessageError, text } from '@socketserver/framing';
import { beginsCharacter, utf8End } from '../src/text';
import { thrownBy } from './decode-chunks';

describe('text', () => {
  it('turns bytes into text and back', () => {
    expect(text().parse(Buffer.from('Olá €😀\ufffd'))).toBe('Olá €😀\ufffd');
    expect(text().format('Olá')).toEqual(Buffer.from('Olá'));
    expect(text('latin1').parse(Buffer.from([0x4f, 0xe1, 0xff]))).toBe('Oáÿ');
    expect(text('latin1').format('Oáÿ')).toEqual(Buffer.from([0x4f, 0xe1, 0xff]));
  });

  it('refuses bytes that are not UTF-8 and shows them', () => {
    const error = thrownBy(() => text().parse(Buffer.from([0x61, 0xff])));
    expect(error).toBeInstanceOf(MalformedMessageError);
    expect(error).toMatchObject({ bytes: Buffer.from([0x61, 0xff]), length: 2 });
  });

  it('refuses text that would arrive as another one', () => {
    expect(thrownBy(() => text('latin1').format('10 €'))).toBeInstanceOf(InvalidMessageError);
    expect(() => text().format('😀'.slice(0, 1))).toThrow('half of a surrogate pair');
  });

  it('refuses an encoding that it does not have', () => {
    expect(thrownBy(() => text('utf16' as never))).toBeInstanceOf(InvalidOptionError);
  });
});

describe('the end of UTF-8', () => {
  const characters = fc.array(fc.constantFrom('a', 'é', '€', '😀', '\ufffd', '\u0800', '\ud7ff', '\u{10ffff}'), {
    maxLength: 20,
  });

  it('is the end of the last whole character, wherever text is cut', () => {
    fc.assert(
      fc.property(characters, fc.nat(80), (chars, place) => {
        const bytes = Buffer.from(chars.join(''));
        const to = place % (bytes.length + 1);
        const ends = [0];
        for (const char of chars) ends.push(ends.at(-1)! + Buffer.byteLength(char));
        const end = utf8End(bytes, 0, to);
        expect(end).toBe(ends.findLast((at) => at <= to));
        expect(beginsCharacter(bytes.subarray(end, to))).toBe(true);
      }),
    );
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['ff', [0xff]],
    ['an overlong form', [0xc0, 0xaf]],
    ['an overlong beginning', [0xe0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point that is too large', [0xf4, 0x90]],
    ['a character cut off by another one', [0xe2, 0x82, 0x61]],
  ])('is before %s, which begins no character', (_, wrong) => {
    const bytes = Buffer.concat([Buffer.from('x€\ufffd'), Buffer.from(wrong)]);
    expect(utf8End(bytes, 1, bytes.length)).toBe(7);
    expect(beginsCharacter(bytes.subarray(7))).toBe(false);
  });
});
