import { InvalidOptionError, lines, mapped, MalformedMessageError, type Mapping } from '@socketserver/framing';
import { decodeChunks, singleBytes, splits, thrownBy } from './decode-chunks';

const numbers: Mapping<string, number> = {
  parse(line) {
    const value = Number(line);
    if (Number.isNaN(value)) throw new MalformedMessageError('no number', Buffer.from(line));
    return value;
  },
  format: String,
};
const codec = mapped(lines(), numbers);

describe('mapped', () => {
  it('turns the messages of a codec into values and back, wherever they are split', () => {
    const bytes = Buffer.concat([codec.encode(1.5), codec.encode(-4), codec.encode(0)]);
    expect(String(bytes)).toBe('1.5\n-4\n0\n');
    for (const [, chunks] of splits(bytes)) expect(decodeChunks(codec, chunks)).toEqual([1.5, -4, 0]);
    expect(decodeChunks(codec, singleBytes(bytes))).toEqual([1.5, -4, 0]);
  });

  it('stays failed after a message that the mapping refuses', () => {
    const decoder = codec.decoder();
    decoder.feed(Buffer.from('1\nx\n2\n'));
    expect(decoder.next()).toBe(1);
    const error = thrownBy(() => decoder.next());
    expect(error).toBeInstanceOf(MalformedMessageError);
    for (const action of [() => decoder.next(), () => decoder.feed(Buffer.from('3\n')), () => decoder.end()]) {
      expect(thrownBy(action)).toBe(error);
    }
    expect(String(decoder.take())).toBe('2\n');
  });

  it('passes on the errors of the codec', () => {
    expect(() => decodeChunks(mapped(lines({ maxLength: 2 }), numbers), [Buffer.from('123\n')])).toThrow('more than 2');
    expect(() => decodeChunks(codec, [Buffer.from('1\n2')])).toThrow('the stream ended');
    expect(() => mapped(lines(), { parse: String, format: String }).encode('a\nb')).toThrow('has a newline');
  });

  it('gives the last message of the codec, and counts and hands over its bytes', () => {
    expect(decodeChunks(mapped(lines({ lastLine: 'accept' }), numbers), [Buffer.from('1\n2')])).toEqual([1, 2]);
    const decoder = codec.decoder();
    decoder.feed(Buffer.from('1\nabc'));
    expect(decoder.next()).toBe(1);
    expect([decoder.buffered, String(decoder.take()), decoder.buffered]).toEqual([3, 'abc', 0]);
  });

  it('refuses undefined from a mapping instead of waiting for ever', () => {
    const nothing = mapped(lines(), { parse: () => undefined, format: String });
    expect(thrownBy(() => decodeChunks(nothing, [Buffer.from('x\n')]))).toBeInstanceOf(InvalidOptionError);
  });
});
