import fc from 'fast-check';
import {
  InvalidMessageError,
  InvalidOptionError,
  MalformedMessageError,
  pattern,
  TruncatedMessageError,
} from '@socketserver/framing';
import { decodeChunks, pull, singleBytes, splits, thrownBy } from './decode-chunks';
import { cut, outcomeOf, takenAfter } from './outcome';

/** Expressions in which much can go wrong: alternatives of different lengths, greedy ends, back references, classes. */
const expressions = [
  /\(.*?\)/,
  /\(.*\)/,
  /\(.*\)/s,
  /a+/,
  /abcd|ab/,
  /ab(cd)?/,
  /[^;]*;/,
  /[^]*;;/,
  /(['"]).*?\1/s,
  /(?<=^)[ab]*?;|\(/i,
  /(?<!a)b;|a[b;]{3}/,
  /\$[$\b\]b]+;/,
  /€+;|é.;/,
  /[aé€]./,
];

/** The messages by the rule itself, character by character; what is left when no beginning matches. */
function byTheRule(expression: RegExp, stream: string): { messages: string[]; rest: string } {
  const whole = new RegExp(`^(?:${expression.source})$`, `${expression.flags}u`.replace('uu', 'u'));
  const messages: string[] = [];
  let rest = stream;
  for (;;) {
    const characters = [...rest];
    const count = characters.findIndex((_, index) => whole.test(characters.slice(0, index + 1).join('')));
    if (count === -1) return { messages, rest };
    messages.push(characters.slice(0, count + 1).join(''));
    rest = characters.slice(count + 1).join('');
  }
}

const streams = fc
  .array(fc.constantFrom(...'()abcdAB;\'"$\n€é😀\ufffd]'), { maxLength: 30 })
  .map((chars) => chars.join(''));
const places = fc.array(fc.nat(100), { maxLength: 20 });

describe('decoding self-delimiting text', () => {
  it('gives the shortest beginning that the whole expression matches, again and again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...expressions), streams, (expression, stream) => {
        const decoder = pattern(expression).decoder();
        decoder.feed(Buffer.from(stream));
        const messages = pull(decoder);
        expect({ messages, rest: String(decoder.take()) }).toEqual(byTheRule(expression, stream));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(expressions)('gives the same messages of %p and the same error, wherever any text is cut', (expression) => {
    fc.assert(
      fc.property(streams, places, fc.integer({ min: 1, max: 20 }), (stream, where, maxLength) => {
        const bytes = Buffer.from(stream);
        for (const encoding of ['utf8', 'latin1'] as const) {
          const codec = pattern(expression, { maxLength, encoding });
          const whole = outcomeOf(codec, [bytes]);
          for (const chunks of [cut(bytes, where), singleBytes(bytes)]) expect(outcomeOf(codec, chunks)).toEqual(whole);
        }
      }),
    );
  });

  it('gives the same for any bytes, most of them not UTF-8', () => {
    const junk = fc.array(fc.constantFrom(0x28, 0x29, 0x61, 0x80, 0xc3, 0xe2, 0x82, 0xac, 0xf0, 0xff), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(junk, places, (values, where) => {
        const bytes = Buffer.from(values);
        const codec = pattern(/\(.*?\)|a/, { maxLength: 20 });
        const whole = outcomeOf(codec, [bytes]);
        for (const chunks of [cut(bytes, where), singleBytes(bytes)]) expect(outcomeOf(codec, chunks)).toEqual(whole);
      }),
    );
  });

  it('gives a message with its last byte, without waiting for the next one', () => {
    const decoder = pattern(/\(.*?\)/).decoder();
    decoder.feed(Buffer.from('(a'));
    expect(decoder.next()).toBeUndefined();
    decoder.feed(Buffer.from(')'));
    expect(decoder.next()).toBe('(a)');
  });

  it('finds a message that is longer than what it tries first, and short ones behind it', () => {
    const long = `(${'€'.repeat(1000)})`;
    const bytes = Buffer.from(`(a)${long}(b)`);
    for (const at of [0, 1, 4, 259, 260, 1028, 3000, bytes.length]) {
      const chunks = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(decodeChunks(pattern(/\(.*\)/), chunks)).toEqual(['(a)', long, '(b)']);
    }
    expect(decodeChunks(pattern(/\(.*?\)/), singleBytes(bytes))).toEqual(['(a)', long, '(b)']);
  });

  it('tries the expression once for each piece of a long message', () => {
    const test = jest.spyOn(RegExp.prototype, 'test');
    const messages = decodeChunks(pattern(/\([^)]*\)/), singleBytes(Buffer.from(`(${'x'.repeat(998)})`)));
    const count = test.mock.contexts.filter((each) => (each as unknown as RegExp).sticky).length;
    test.mockRestore();
    expect(messages).toHaveLength(1);
    // One for "nothing at all" when the codec is made, and one more to see that nothing shorter matches.
    expect(count).toBe(1000 + 2);
  });

  it('sees whole characters, and every byte as one with latin1', () => {
    expect(decodeChunks(pattern(/.;/), [Buffer.from('😀;€;')])).toEqual(['😀;', '€;']);
    for (const [, chunks] of splits(Buffer.from('a😀a€')))
      expect(decodeChunks(pattern(/a./), chunks)).toEqual(['a😀', 'a€']);
    expect(decodeChunks(pattern(/.;/, { encoding: 'latin1' }), [Buffer.from('\xff;', 'latin1')])).toEqual(['ÿ;']);
  });

  it('hands a match to the format, and takes what that makes of it', () => {
    const codec = pattern(/\$(?<name>\w+)=(?<value>\d+);/, {
      format: {
        parse: ({ groups, input, index }) => ({ name: groups!.name!, value: Number(groups!.value), input, index }),
        format: ({ name, value }: { name: string; value: number }) => `$${name}=${value};`,
      },
    });
    const bytes = Buffer.concat([codec.encode({ name: 'a', value: 1 }), codec.encode({ name: 'b', value: 22 })]);
    for (const [, chunks] of splits(bytes)) {
      expect(decodeChunks(codec, chunks)).toEqual([
        { name: 'a', value: 1, input: '$a=1;', index: 0 },
        { name: 'b', value: 22, input: '$b=22;', index: 0 },
      ]);
    }
  });

  it('is not disturbed by other uses of the expression, nor by its flags g, y and d', () => {
    const expression = /\w;/dgy;
    const codec = pattern(expression);
    const [first, second] = [codec.decoder(), codec.decoder()];
    first.feed(Buffer.from('a;b;'));
    second.feed(Buffer.from('c;d;'));
    expression.lastIndex = 7;
    expect([first.next(), second.next(), first.next(), second.next()]).toEqual(['a;', 'c;', 'b;', 'd;']);
    expect(expression.lastIndex).toBe(7);
  });

  it('hands over what is behind a message in mid-stream, wherever it was split', () => {
    for (const [, chunks] of splits(Buffer.from('(a)(b'))) {
      const { messages, buffered, rest, after } = takenAfter(pattern(/\(.*\)/), 2, chunks);
      expect([messages, buffered, String(rest), after]).toEqual([['(a)', undefined], 2, '(b', 0]);
    }
  });
});

describe('text without a match', () => {
  const codec = pattern(/\(.*\)/, { maxLength: 5 });

  it('is refused as malformed when the limit is reached, and not earlier', () => {
    for (const [, chunks] of splits(Buffer.from('(123)'))) expect(decodeChunks(codec, chunks)).toEqual(['(123)']);
    const decoder = codec.decoder();
    for (const byte of singleBytes(Buffer.from('(123'))) {
      decoder.feed(byte);
      expect(decoder.next()).toBeUndefined();
    }
    decoder.feed(Buffer.from('4'));
    const error = thrownBy(() => decoder.next());
    expect(error).toBeInstanceOf(MalformedMessageError);
    expect(error).toMatchObject({ bytes: Buffer.from('(1234') });
    expect((error as Error).message).toContain('has no match in 5 bytes (maxLength)');
    expect(thrownBy(() => decoder.feed(Buffer.from(')')))).toBe(error);
    expect(String(decoder.take())).toBe('(1234');
  });

  it('is refused at once when it is not UTF-8', () => {
    const decoder = pattern(/\(.*\)/).decoder();
    decoder.feed(Buffer.from('(a)(\xff', 'latin1'));
    expect(decoder.next()).toBe('(a)');
    expect(() => decoder.next()).toThrow('is not UTF-8 at byte 1');
  });

  it('is truncated at the end of the stream', () => {
    const error = thrownBy(() => decodeChunks(codec, [Buffer.from('(1')]));
    expect(error).toBeInstanceOf(TruncatedMessageError);
    expect((error as Error).message).toContain('2 bytes into a message that /\\(.*\\)/ does not match yet');
  });

  it('has 4096 bytes unless something else is asked for', () => {
    const fitting = `(${'x'.repeat(4094)})`;
    expect(decodeChunks(pattern(/\(.*?\)/), [Buffer.from(fitting)])).toEqual([fitting]);
    expect(() => decodeChunks(pattern(/\(.*?\)/), [Buffer.from(`(${fitting}`)])).toThrow(MalformedMessageError);
  });
});

describe('encoding self-delimiting text', () => {
  const codec = pattern(/\(.*\)/, { maxLength: 8 });

  it('sends what is exactly one message', () => {
    expect(codec.encode('(é)')).toEqual(Buffer.from('(é)'));
  });

  it.each([
    ['', 'is not matched'],
    ['(a', 'is not matched'],
    ['x(a)', 'is not matched'],
    ['(a)b', 'would end at character 3 of 4'],
    ['(a)(b)', 'would end at character 3 of 6'],
    ['(1234567)', 'longer than maxLength (8)'],
    ['(😀'.slice(0, 2) + ')', 'half of a surrogate pair'],
  ])('refuses %j', (message, reason) => {
    const error = thrownBy(() => codec.encode(message));
    expect(error).toBeInstanceOf(InvalidMessageError);
    expect((error as Error).message).toContain(reason);
  });

  it('refuses what latin1 does not have', () => {
    expect(() => pattern(/\(.*\)/, { encoding: 'latin1' }).encode('(€)')).toThrow('latin1 does not have');
  });

  it('decodes what it has encoded', () => {
    fc.assert(
      fc.property(fc.constantFrom(...expressions), fc.array(streams), (expression, candidates) => {
        const codec = pattern(expression);
        const messages = candidates.filter((message) => {
          const [first] = byTheRule(expression, message).messages;
          if (first === message) return true;
          expect(() => codec.encode(message)).toThrow(InvalidMessageError);
          return false;
        });
        expect(decodeChunks(codec, [Buffer.concat(messages.map((message) => codec.encode(message)))])).toEqual(
          messages,
        );
      }),
    );
  });
});

describe('the expression and the options of pattern', () => {
  it.each([
    [/a$/, '$'],
    [/a\b;/, '\\b'],
    [/a\B/, '\\B'],
    [/a(?=b)/, '(?='],
    [/(?:(?!END).)*END/, '(?!'],
    [new RegExp('[[a]b]$', 'v'), '$'],
    [/[\]]$/, '$'],
  ])('refuses %p, which has %j', (expression, token) => {
    const error = thrownBy(() => pattern(expression));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toContain(`has ${token}, which looks past the match`);
  });

  it.each([/\$/, /[$]/, /[\b]/, /\\b/, /(?<=a)b|a/, /(?<!a)b/, /[[(?=$]/, new RegExp('[[$]&&[$]]', 'v')])(
    'takes %p',
    (expression) => {
      expect(() => pattern(expression, { encoding: 'latin1' })).not.toThrow(/looks past/);
    },
  );

  it.each([/a*/, /(?:)/, /^/, /a?b?/])('refuses %p, which matches nothing at all', (expression) => {
    expect(() => pattern(expression)).toThrow('matches a message without a byte');
  });

  it('refuses an expression that is not valid with whole characters, with the cause', () => {
    const error = thrownBy(() => pattern(/\-;/));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toContain("not valid with the flag u, which encoding 'utf8' needs");
    expect(() => pattern(/\-;/, { encoding: 'latin1' })).not.toThrow();
  });

  it.each([
    ['x', {}, 'is no regular expression'],
    [/x/, { maxLength: 0 }, 'maxLength is 0'],
    [/x/, { encoding: 'utf16' }, "encoding is 'utf16'"],
  ])('refuses %p with %j', (expression, options, reason) => {
    const error = thrownBy(() => pattern(expression as never, options as never));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toContain(reason);
  });

  it('refuses undefined from a format instead of waiting for ever', () => {
    const codec = pattern(/x/, { format: { parse: () => undefined, format: () => 'x' } });
    expect(() => decodeChunks(codec, [Buffer.from('x')])).toThrow(InvalidOptionError);
  });
});
