import fc from 'fast-check';
import {
  InvalidMessageError,
  InvalidOptionError,
  json,
  lengthPrefix,
  MalformedMessageError,
  MessageTooLongError,
  TruncatedMessageError,
  type LengthPrefixOptions,
} from '@socketserver/framing';
import { decodeChunks, singleBytes, splits, thrownBy } from './decode-chunks';
import { cut, outcomeOf, takenAfter } from './outcome';

const hello = Buffer.from('HELLO, WORLD');
/** Bytes from `ca fe` and text from `'text'`. */
const frame = (hex: string, rest: Uint8Array = hello) =>
  Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), rest]);

describe('the usual layouts of a length prefix', () => {
  it.each<[string, LengthPrefixOptions, Buffer, Buffer]>([
    ['only the text', { width: 2 }, frame('00 0c'), hello],
    ['the length as well', { width: 2, strip: 0 }, frame('00 0c'), frame('00 0c')],
    ['a length that counts itself', { width: 2, adjustment: -2 }, frame('00 0e'), hello],
    ['bytes before the length', { width: 3, offset: 2 }, frame('ca fe 00 00 0c'), frame('ca fe 00 00 0c')],
    [
      'bytes behind the length that it does not count',
      { width: 3, adjustment: 2, strip: 0 },
      frame('00 00 0c ca fe'),
      frame('00 00 0c ca fe'),
    ],
    [
      'a length in the middle of a header',
      { width: 2, offset: 1, adjustment: 1, strip: 3 },
      frame('ca 00 0c fe'),
      frame('fe'),
    ],
    [
      'the length of the whole frame',
      { width: 2, offset: 1, adjustment: -3, strip: 3 },
      frame('ca 00 10 fe'),
      frame('fe'),
    ],
    ['the least significant byte first', { width: 4, endianness: 'little' }, frame('0c 00 00 00'), hello],
    ['a part of the length field', { width: 4, strip: 2 }, frame('00 00 00 0c'), frame('00 0c')],
    ['a part of the text', { width: 1, strip: 3 }, frame('0c'), hello.subarray(2)],
  ])('gives %s, wherever it is split', (_, options, bytes, message) => {
    const codec = lengthPrefix(options);
    const twice = Buffer.concat([bytes, bytes]);
    for (const [, chunks] of splits(twice)) expect(decodeChunks(codec, chunks)).toEqual([message, message]);
    expect(decodeChunks(codec, singleBytes(twice))).toEqual([message, message]);
  });

  it.each([
    [1, 'big', '05'],
    [2, 'big', '0005'],
    [3, 'big', '000005'],
    [4, 'big', '00000005'],
    [8, 'big', '0000000000000005'],
    [2, 'little', '0500'],
    [3, 'little', '050000'],
    [8, 'little', '0500000000000000'],
  ] as const)('encodes a length in %d bytes, %s end first', (width, endianness, hex) => {
    const codec = lengthPrefix({ width, endianness });
    expect(codec.encode(Buffer.from('12345'))).toEqual(frame(hex, Buffer.from('12345')));
  });

  it('uses all bits of the length', () => {
    for (const [width, size] of [
      [1, 0xfe],
      [2, 0xfedc],
      [3, 0xfedcba],
      [4, 0xfedcba],
    ] as const) {
      for (const endianness of ['big', 'little'] as const) {
        const codec = lengthPrefix({ width, endianness, maxLength: 2 ** 24 });
        const [message] = decodeChunks(codec, [Buffer.from(codec.encode(Buffer.alloc(size)))]);
        expect(message).toHaveLength(size);
      }
    }
  });

  it('has four bytes, the most significant one first, unless something else is asked for', () => {
    expect(lengthPrefix().encode(hello)).toEqual(frame('00 00 00 0c'));
  });
});

describe('decoding messages with a length prefix', () => {
  it('gives empty messages', () => {
    expect(decodeChunks(lengthPrefix({ width: 1 }), [frame('00 00 01', Buffer.from('x'))])).toEqual(
      ['', '', 'x'].map((text) => Buffer.from(text)),
    );
  });

  it('gives views of a chunk, not copies', () => {
    const decoder = lengthPrefix({ width: 1 }).decoder();
    const chunk = frame('0c');
    decoder.feed(chunk);
    const message = decoder.next()!;
    chunk.fill('-');
    expect(String(message)).toBe('-'.repeat(12));
  });

  it('copies only the message over the edge of two chunks', () => {
    const copy = jest.spyOn(Buffer.prototype, 'copy');
    const bytes = Buffer.concat(Array.from({ length: 1000 }, () => frame('0c')));
    const decoder = lengthPrefix({ width: 1 }).decoder();
    let count = 0;
    for (const chunk of [bytes.subarray(0, 6505), bytes.subarray(6505)]) {
      decoder.feed(chunk);
      while (decoder.next() !== undefined) count++;
    }
    const copied = copy.mock.results.reduce((sum, { value }) => sum + (value as number), 0);
    copy.mockRestore();
    expect([count, copied]).toEqual([1000, 13]);
  });

  it('turns messages into values by a format', () => {
    const codec = lengthPrefix<{ a: number }>({ width: 2, format: json() });
    const bytes = Buffer.concat([codec.encode({ a: 1 }), codec.encode({ a: 2 })]);
    for (const [, chunks] of splits(bytes)) expect(decodeChunks(codec, chunks)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('stays failed after a message that its format refuses, and hands it over with the rest', () => {
    const decoder = lengthPrefix({ width: 1, format: json() }).decoder();
    const bytes = Buffer.from('\x01}\x011');
    decoder.feed(bytes);
    const error = thrownBy(() => decoder.next());
    expect(error).toBeInstanceOf(MalformedMessageError);
    expect(thrownBy(() => decoder.end())).toBe(error);
    expect(decoder.take()).toEqual(bytes);
  });

  it('refuses the end of the stream inside a header or a body', () => {
    for (const length of [1, 2, 13]) {
      const error = thrownBy(() => decodeChunks(lengthPrefix({ width: 2 }), [frame('00 0c').subarray(0, length)]));
      expect(error).toBeInstanceOf(TruncatedMessageError);
      expect(error).toMatchObject({ length });
    }
  });

  it('hands over what is behind a message in mid-stream, wherever it was split', () => {
    for (const [, chunks] of splits(frame('0c', Buffer.from('HELLO, WORLD\x05ab')))) {
      const { messages, buffered, rest, after } = takenAfter(lengthPrefix({ width: 1 }), 2, chunks);
      expect([messages, buffered, String(rest), after]).toEqual([[hello, undefined], 3, '\x05ab', 0]);
    }
  });
});

describe('the limit of a length prefix', () => {
  const codec = lengthPrefix({ width: 2, maxLength: 5 });

  it('lets a message of its size pass, and refuses one byte more before the body comes', () => {
    expect(decodeChunks(codec, [Buffer.from('\0\x0512345')]).map(String)).toEqual(['12345']);
    const decoder = codec.decoder();
    decoder.feed(Buffer.from('\0'));
    expect(decoder.next()).toBeUndefined();
    decoder.feed(Buffer.from('\x06'));
    const error = thrownBy(() => decoder.next());
    expect(error).toBeInstanceOf(MessageTooLongError);
    expect(error).toMatchObject({ code: 'ERR_MESSAGE_TOO_LONG', length: 6, limit: 5, bytes: Buffer.from('\0\x06') });
    expect(thrownBy(() => decoder.feed(Buffer.from('x')))).toBe(error);
  });

  it('counts what is handed out', () => {
    const whole = lengthPrefix({ width: 2, strip: 0, maxLength: 5 });
    expect(decodeChunks(whole, [Buffer.from('\0\x03123')])).toHaveLength(1);
    expect(() => decodeChunks(whole, [Buffer.from('\0\x041234')])).toThrow(MessageTooLongError);
  });

  it.each(['0020000000000000', '0020000000000001', 'ffffffffffffffff'])(
    'refuses the length %s of eight bytes',
    (hex) => {
      const decoder = lengthPrefix({ width: 8, adjustment: -100 }).decoder();
      decoder.feed(frame(hex));
      expect(() => decoder.next()).toThrow(MessageTooLongError);
    },
  );

  it('keeps no room for a body that is only announced', () => {
    const chunk = frame('01 00 00 00');
    const allocate = jest.spyOn(Buffer, 'allocUnsafe');
    const decoder = lengthPrefix({ width: 4, maxLength: 16 * 1024 * 1024 }).decoder();
    decoder.feed(chunk);
    expect(decoder.next()).toBeUndefined();
    const allocated = allocate.mock.calls.reduce((sum, [size]) => sum + size, 0);
    allocate.mockRestore();
    expect(allocated).toBeLessThanOrEqual(256);
  });

  it.each([
    ['a frame shorter than its header', { width: 2, adjustment: -3 }, '00 02'],
    ['a frame shorter than what is stripped', { width: 1, strip: 4 }, '02'],
  ] as const)('refuses %s as malformed', (_, options, hex) => {
    const error = thrownBy(() => decodeChunks(lengthPrefix(options), singleBytes(frame(hex))));
    expect(error).toBeInstanceOf(MalformedMessageError);
    expect(error).toMatchObject({ bytes: frame(hex, Buffer.alloc(0)) });
  });
});

const layouts = fc.record({
  width: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 8 as const),
  endianness: fc.constantFrom('big' as const, 'little' as const),
  offset: fc.nat(4),
  adjustment: fc.integer({ min: -8, max: 8 }),
  strip: fc.nat(12),
  maxLength: fc.integer({ min: 1, max: 300 }),
});

describe('any layout', () => {
  it('decodes what it has encoded: the same message, with its length in its place', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(400), { maxLength: 5 }),
        (layout, message, where) => {
          const { width, offset, adjustment, strip, maxLength } = layout;
          const codec = lengthPrefix(layout);
          const canPutBack = strip === 0 || (offset === 0 && strip <= width);
          if (!canPutBack) {
            expect(() => codec.encode(message)).toThrow(InvalidOptionError);
            return;
          }
          const field = offset + width - strip;
          const value = message.length - field - adjustment;
          const isLegal = message.length <= maxLength && message.length >= field && value >= 0 && value < 256 ** width;
          if (!isLegal) {
            expect(() => codec.encode(message)).toThrow(InvalidMessageError);
            return;
          }
          const before = Buffer.from(message);
          const bytes = Buffer.from(codec.encode(message));
          const [decoded, ...more] = decodeChunks(codec, cut(bytes, where));
          expect(more).toEqual([]);
          // Whatever stood in the place of the length field is replaced; all else is as it was given.
          const start = Math.max(0, offset - strip);
          expect(decoded!.subarray(0, start)).toEqual(before.subarray(0, start));
          expect(decoded!.subarray(field)).toEqual(before.subarray(field));
          expect(Buffer.from(message)).toEqual(before);
          // A decoded message is encoded to the same bytes.
          expect(codec.encode(decoded!)).toEqual(bytes);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the same messages and the same error, wherever any bytes are cut', () => {
    const junk = fc.array(fc.nat(9), { maxLength: 80 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(layouts, junk, fc.array(fc.nat(100), { maxLength: 20 }), (layout, bytes, where) => {
        const codec = lengthPrefix(layout);
        const whole = outcomeOf(codec, [bytes]);
        expect(outcomeOf(codec, cut(bytes, where))).toEqual(whole);
        expect(outcomeOf(codec, singleBytes(bytes))).toEqual(whole);
      }),
    );
  });
});

describe('encoding messages with a length prefix', () => {
  it.each<[string, LengthPrefixOptions, number, string]>([
    ['one that is too long', { maxLength: 5 }, 6, 'longer than maxLength (5)'],
    ['one without room for the length', { width: 2, offset: 1 }, 2, 'begin it with 3 bytes'],
    ['one that is shorter than the adjustment', { width: 1, adjustment: 4 }, 3, 'too short'],
    ['one whose length needs more bytes', { width: 1 }, 256, 'too large for 1 bytes'],
  ])('refuses %s', (_, options, length, reason) => {
    const error = thrownBy(() => lengthPrefix(options).encode(Buffer.alloc(length)));
    expect(error).toBeInstanceOf(InvalidMessageError);
    expect(error).toMatchObject({ length });
    expect((error as Error).message).toContain(reason);
  });
});

describe('the options of lengthPrefix', () => {
  it.each([
    [{ width: 5 }, 'width is 5; give 1 or 2 or 3 or 4 or 8'],
    [{ width: '2' }, "width is '2'"],
    [{ endianness: 'middle' }, "endianness is 'middle'; give 'big' or 'little'"],
    [{ offset: -1 }, 'offset is -1; give a whole number of bytes from 0 to 16777216'],
    [{ adjustment: 0.5 }, 'adjustment is 0.5; give a whole number of bytes from -16777216 to 16777216'],
    [{ strip: NaN }, 'strip is NaN'],
    [{ maxLength: 0 }, 'maxLength is 0'],
  ])('refuses %j and names it', (options, reason) => {
    const error = thrownBy(() => lengthPrefix(options as never));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toContain(`lengthPrefix: ${reason}`);
  });
});
