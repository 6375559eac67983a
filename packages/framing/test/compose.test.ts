import fc from 'fast-check';
import {
  compose,
  delimiter,
  fixedLength,
  json,
  lengthPrefix,
  lines,
  MalformedMessageError,
  MessageTooLongError,
  raw,
  TruncatedMessageError,
  type Codec,
} from '@socketserver/framing';
import { decodeChunks, singleBytes, splits, thrownBy } from './decode-chunks';
import { cut, outcomeOf } from './outcome';

const outer = lengthPrefix({ width: 1 });
const codec = compose(outer, lines());
const framed = (...texts: string[]) => Buffer.concat(texts.map((text) => outer.encode(Buffer.from(text))));

describe('a codec over a codec', () => {
  it('reads the inner stream through the edges of the outer messages, wherever they are split', () => {
    const bytes = framed('Hi\nO', '', 'l', 'á\n\nlast', '\n');
    const expected = ['Hi', 'Olá', '', 'last'];
    for (const [, chunks] of splits(bytes)) expect(decodeChunks(codec, chunks)).toEqual(expected);
    expect(decodeChunks(codec, singleBytes(bytes))).toEqual(expected);
  });

  it('decodes what it has encoded, each message in an outer one', () => {
    const values = compose(outer, delimiter('\n', { format: json<unknown>() }));
    expect(values.encode([1])).toEqual(framed('[1]\n'));
    const short = fc.jsonValue({ maxDepth: 1 }).filter((value) => JSON.stringify(value).length < 60);
    fc.assert(
      fc.property(fc.array(short), fc.array(fc.nat(500)), (messages, where) => {
        const bytes = Buffer.concat(messages.map((message) => values.encode(message)));
        const expected = messages.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        expect(decodeChunks(values, cut(bytes, where))).toEqual(expected);
      }),
    );
  });

  it('gives the same messages and the same error, wherever any bytes are cut', () => {
    const tight = compose(lengthPrefix({ width: 1, maxLength: 6 }), lines({ maxLength: 4 }));
    const junk = fc.array(fc.oneof(fc.nat(7), fc.constantFrom(10, 10, 0x61, 0x62, 0xff)), { maxLength: 60 });
    fc.assert(
      fc.property(junk, fc.array(fc.nat(100)), (values, where) => {
        const bytes = Buffer.from(values);
        const whole = outcomeOf(tight, [bytes]);
        expect(outcomeOf(tight, cut(bytes, where))).toEqual(whole);
        expect(outcomeOf(tight, singleBytes(bytes))).toEqual(whole);
      }),
    );
  });

  it('goes three deep', () => {
    const deep = compose(outer, compose(lengthPrefix({ width: 2 }), lines()));
    const bytes = Buffer.concat([deep.encode('a'), deep.encode('b')]);
    expect(bytes).toEqual(framed('\0\x02a\n', '\0\x02b\n'));
    for (const [, chunks] of splits(bytes)) expect(decodeChunks(deep, chunks)).toEqual(['a', 'b']);
  });

  it('uses no more of the outer messages than it needs', () => {
    const decoder = codec.decoder();
    decoder.feed(framed('a\nb\n', 'c\n'));
    expect(decoder.next()).toBe('a');
    // The rest of the first one, and the second one with its length.
    expect(decoder.buffered).toBe(2 + 3);
  });
});

describe('the errors of a codec over a codec', () => {
  it('come from the outer one, behind the messages before them', () => {
    const decoder = compose(lengthPrefix({ width: 1, maxLength: 5 }), lines()).decoder();
    decoder.feed(Buffer.concat([framed('a\nb\n'), Buffer.from([6])]));
    expect([decoder.next(), decoder.next()]).toEqual(['a', 'b']);
    const error = thrownBy(() => decoder.next());
    expect(error).toBeInstanceOf(MessageTooLongError);
    for (const action of [() => decoder.next(), () => decoder.feed(framed('c\n')), () => decoder.end()]) {
      expect(thrownBy(action)).toBe(error);
    }
    expect(decoder.take()).toEqual(Buffer.from([6]));
  });

  it('come from the inner one, behind the messages before them', () => {
    const decoder = codec.decoder();
    decoder.feed(outer.encode(Buffer.from('a\n\xff\nb', 'latin1')) as Buffer);
    expect(decoder.next()).toBe('a');
    const error = thrownBy(() => decoder.next());
    expect(error).toBeInstanceOf(MalformedMessageError);
    for (const action of [() => decoder.next(), () => decoder.feed(framed('c\n')), () => decoder.end()]) {
      expect(thrownBy(action)).toBe(error);
    }
    expect(decoder.take()).toEqual(outer.encode(Buffer.from('\xff\nb', 'latin1')));
  });

  it.each([
    ['outer', Buffer.from('\x03a\n'), 'a message with its length before it'],
    ['inner', framed('a\nb'), 'a line without its newline'],
  ])('say that the stream ended in the middle of an %s message', (_, bytes, unit) => {
    for (const [, chunks] of splits(bytes)) {
      const { error } = outcomeOf(codec, chunks);
      expect(error).toBe('ERR_TRUNCATED_MESSAGE');
    }
    expect(() => decodeChunks(codec, [bytes])).toThrow(unit);
  });

  it('leave whole messages to be pulled when the stream has ended', () => {
    const decoder = codec.decoder();
    decoder.feed(Buffer.concat([framed('a\nb\nc'), Buffer.from('\x09d')]));
    expect(decoder.next()).toBe('a');
    decoder.end();
    decoder.end();
    expect(decoder.next()).toBe('b');
    const error = thrownBy(() => decoder.next());
    expect(error).toBeInstanceOf(TruncatedMessageError);
    expect((error as Error).message).toContain('2 bytes into a message with its length');
    expect(thrownBy(() => decoder.end())).toBe(error);
  });
});

describe('the end of a codec over a codec', () => {
  it('gives a last message of the inner one', () => {
    const last = compose(outer, lines({ lastLine: 'accept' }));
    for (const [, chunks] of splits(framed('a\nb', 'c'))) expect(decodeChunks(last, chunks)).toEqual(['a', 'bc']);
  });

  it('gives a last message of the outer one to the inner one', () => {
    const last = compose(delimiter(';', { last: 'accept' }), lines({ lastLine: 'accept' }));
    for (const [, chunks] of splits(Buffer.from('a\nb;c\nd'))) {
      expect(decodeChunks(last, chunks)).toEqual(['a', 'bc', 'd']);
    }
  });

  it('is silent between messages, and may come twice', () => {
    const decoder = codec.decoder();
    decoder.end();
    decoder.end();
    expect(decoder.next()).toBeUndefined();
  });
});

describe('a decoder over decoders', () => {
  it('tells each of them once that the stream has ended', () => {
    const ended: string[] = [];
    const telling = <In>(name: string, codec: Codec<In, Uint8Array>): Codec<In, Uint8Array> => ({
      encode: (message) => codec.encode(message),
      decoder() {
        const decoder = codec.decoder();
        const { end } = decoder;
        decoder.end = () => {
          ended.push(name);
          end.call(decoder);
        };
        return decoder;
      },
    });
    const decoder = compose(telling('outer', raw()), telling('inner', fixedLength(1))).decoder();
    decoder.feed(Buffer.from('ab'));
    decoder.end();
    decoder.end();
    expect(ended).toEqual([]);
    expect([decoder.next(), decoder.next(), decoder.next()].map(String)).toEqual(['a', 'b', 'undefined']);
    decoder.end();
    expect(ended).toEqual(['outer', 'inner']);
  });
});

describe('taking the bytes of a codec over a codec', () => {
  it('gives them as they came when no outer message is half used', () => {
    const decoder = codec.decoder();
    decoder.feed(Buffer.concat([framed('STARTTLS\n'), Buffer.from('\x16\x03')]));
    expect(decoder.next()).toBe('STARTTLS');
    expect([decoder.buffered, decoder.take(), decoder.buffered]).toEqual([2, Buffer.from('\x16\x03'), 0]);
    decoder.feed(framed('next\n'));
    expect(decoder.next()).toBe('next');
  });

  it('puts a half-used outer message into a frame again, for another inner codec', () => {
    for (const [, chunks] of splits(framed('4 by', 'tes\nab', 'cdwx', 'yz'))) {
      const decoder = codec.decoder();
      for (const chunk of chunks) decoder.feed(chunk);
      expect(decoder.next()).toBe('4 bytes');
      const rest = decoder.take();
      expect(rest).toEqual(framed('ab', 'cdwx', 'yz'));
      expect(decodeChunks(compose(outer, fixedLength(4)), [rest]).map(String)).toEqual(['abcd', 'wxyz']);
    }
  });

  it('joins them when the outer codec has no frames', () => {
    const decoder = compose(raw({ maxLength: 3 }), lines()).decoder();
    decoder.feed(Buffer.from('a\nbcdefg'));
    expect(decoder.next()).toBe('a');
    expect([decoder.buffered, String(decoder.take())]).toEqual([6, 'bcdefg']);
  });

  it('passes on that the outer codec cannot encode what is left', () => {
    const decoder = compose(fixedLength(4), lines()).decoder();
    decoder.feed(Buffer.from('a\nbc'));
    expect(decoder.next()).toBe('a');
    expect(() => decoder.take()).toThrow('2 bytes instead of 4');
  });
});
