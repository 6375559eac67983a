import { InvalidOptionError, raw } from '@socketserver/framing';
import { decodeChunks, pull, splits } from './decode-chunks';

describe('raw', () => {
  it('gives the chunks as they come, without a copy', () => {
    const decoder = raw().decoder();
    const chunk = Buffer.from('abc');
    decoder.feed(chunk);
    expect(decoder.next()).toBe(chunk);
    expect(decoder.next()).toBeUndefined();
  });

  it('keeps chunks apart that were fed one after another', () => {
    const decoder = raw().decoder();
    for (const text of ['a', 'bc', '', 'def']) decoder.feed(Buffer.from(text));
    expect(pull(decoder).map(String)).toEqual(['a', 'bc', 'def']);
  });

  it('splits a chunk that is longer than maxLength', () => {
    expect(decodeChunks(raw({ maxLength: 2 }), [Buffer.from('abcde')]).map(String)).toEqual(['ab', 'cd', 'e']);
  });

  it('splits at 65536 bytes unless something else is asked for', () => {
    const sizes = decodeChunks(raw(), [Buffer.alloc(65_536), Buffer.alloc(65_537)]).map(({ length }) => length);
    expect(sizes).toEqual([65_536, 65_536, 1]);
  });

  it('loses and adds no byte, wherever the stream is split', () => {
    const bytes = Buffer.from('a stream of bytes');
    for (const [, chunks] of splits(bytes)) {
      expect(Buffer.concat(decodeChunks(raw({ maxLength: 3 }), chunks))).toEqual(bytes);
    }
  });

  it('is never in the middle of a message when the stream ends', () => {
    const decoder = raw().decoder();
    decoder.feed(Buffer.from('a'));
    decoder.end();
    expect(pull(decoder).map(String)).toEqual(['a']);
  });

  it('encodes bytes as they are', () => {
    const bytes = Buffer.from('abc');
    expect(raw().encode(bytes)).toBe(bytes);
  });

  it.each([0, -5, 2.5, NaN, 16 * 1024 * 1024 + 1])('refuses the maxLength %p and names it', (maxLength) => {
    expect(() => raw({ maxLength })).toThrow(InvalidOptionError);
    expect(() => raw({ maxLength })).toThrow(`raw: maxLength is ${maxLength}`);
  });
});
