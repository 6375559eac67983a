import fc from 'fast-check';
import {
  delimiter,
  InvalidMessageError,
  InvalidOptionError,
  MalformedMessageError,
  MessageTooLongError,
  text,
  TruncatedMessageError,
} from '@socketserver/framing';
import { decodeChunks, pull, singleBytes, splits, thrownBy } from './decode-chunks';
import { cut, outcomeOf, takenAfter } from './outcome';

const separators = ['\0', '\n', '\r\n', '\r\n.\r\n', 'aab', 'aa', 'abab'];
const bytesOf = (value: string): Buffer => Buffer.from(value);
const strings = (messages: readonly Buffer[]): string[] => messages.map(String);

describe('decoding messages with a separator', () => {
  it.each(separators)('finds %j, wherever it is split', (separator) => {
    const messages = ['hi', '', 'x', '\r', 'Olá €', 'b'.repeat(300)];
    const bytes = bytesOf(messages.map((message) => message + separator).join(''));
    const codec = delimiter(separator);
    for (const [, chunks] of splits(bytes)) expect(strings(decodeChunks(codec, chunks))).toEqual(messages);
    expect(strings(decodeChunks(codec, singleBytes(bytes)))).toEqual(messages);
  });

  it('takes a separator of bytes that are not text', () => {
    const bytes = Buffer.from([1, 2, 0xff, 0xfe, 3, 0xff, 0xff, 0xfe]);
    for (const [, chunks] of splits(bytes)) {
      const messages = decodeChunks(delimiter(Uint8Array.of(0xff, 0xfe)), chunks);
      expect(messages).toEqual([Buffer.from([1, 2]), Buffer.from([3, 0xff])]);
    }
  });

  it('keeps its own copy of the separator', () => {
    const separator = Buffer.from(';');
    const codec = delimiter(separator);
    separator.fill('x');
    expect(strings(decodeChunks(codec, [bytesOf('axb;')]))).toEqual(['axb']);
  });

  it('ends a message at the first place where the separator is whole', () => {
    for (const [, chunks] of splits(bytesOf('xaaaabaay'))) {
      const codec = delimiter('aa', { last: 'accept' });
      expect(strings(decodeChunks(codec, chunks))).toEqual(['x', '', 'b', 'y']);
    }
  });

  it('gives the same messages and the same error, wherever any bytes are cut', () => {
    const junk = fc.array(fc.constantFrom(...'aab\r\n.'), { maxLength: 80 }).map((chars) => bytesOf(chars.join('')));
    fc.assert(
      fc.property(
        junk,
        fc.array(fc.nat(100), { maxLength: 20 }),
        fc.constantFrom(...separators),
        fc.constantFrom('accept', 'reject'),
        (bytes, where, separator, last) => {
          const codec = delimiter(separator, { maxLength: 9, last });
          const whole = outcomeOf(codec, [bytes]);
          expect(outcomeOf(codec, cut(bytes, where))).toEqual(whole);
          expect(outcomeOf(codec, singleBytes(bytes))).toEqual(whole);
        },
      ),
    );
  });

  it('does not take old bytes in its buffer for a separator', () => {
    // The buffer of an incomplete message is not cleared, so it may hold what was in that memory before.
    const allocate = jest.spyOn(Buffer, 'allocUnsafe').mockImplementation((size) => Buffer.alloc(size, ';'));
    const decoder = delimiter(';').decoder();
    for (const byte of singleBytes(bytesOf('abc'))) {
      decoder.feed(byte);
      expect(decoder.next()).toBeUndefined();
    }
    allocate.mockRestore();
    expect(decoder.buffered).toBe(3);
  });

  it('searches each byte a bounded number of times, when a long message comes byte by byte', () => {
    const length = 65_536;
    const chunks = singleBytes(bytesOf(`${'x'.repeat(length)}\r\n.\r\n`));
    const decoder = delimiter('\r\n.\r\n').decoder();
    const proto = Buffer.prototype as unknown as { indexOf: (this: Buffer, value: Buffer, from?: number) => number };
    const { indexOf } = proto;
    let searched = 0;
    const spy = jest.spyOn(proto, 'indexOf').mockImplementation(function (this: Buffer, value, from = 0) {
      searched += this.length - from;
      return indexOf.call(this, value, from);
    });
    let messages: Buffer[] = [];
    for (const chunk of chunks) {
      decoder.feed(chunk);
      messages = pull(decoder);
    }
    spy.mockRestore();
    expect(messages[0]).toHaveLength(length);
    expect(searched).toBeLessThanOrEqual((length + 5) * (1 + 5));
  });

  it('turns messages into values by a format', () => {
    const codec = delimiter('\0', { format: text() });
    const bytes = Buffer.concat([codec.encode('Olá'), codec.encode('')]);
    for (const [, chunks] of splits(bytes)) expect(decodeChunks(codec, chunks)).toEqual(['Olá', '']);
  });

  it('stays failed after a message that its format refuses, and hands it over with the rest', () => {
    const decoder = delimiter(';', { format: text() }).decoder();
    decoder.feed(Buffer.from('ok;\xff;ok;', 'latin1'));
    expect(decoder.next()).toBe('ok');
    const error = thrownBy(() => decoder.next());
    expect(error).toBeInstanceOf(MalformedMessageError);
    expect(thrownBy(() => decoder.feed(bytesOf('x')))).toBe(error);
    expect(decoder.take()).toEqual(Buffer.from('\xff;ok;', 'latin1'));
  });

  it('hands over what is behind a message in mid-stream, wherever it was split', () => {
    for (const [, chunks] of splits(bytesOf('a--b-c--d-'))) {
      const { messages, buffered, rest, after } = takenAfter(delimiter('--'), 1, chunks);
      expect([String(messages[0]), buffered, String(rest), after]).toEqual(['a', 7, 'b-c--d-', 0]);
    }
  });

  it('starts afresh after take()', () => {
    const decoder = delimiter('--').decoder();
    decoder.feed(bytesOf('abcdef-'));
    expect(decoder.next()).toBeUndefined();
    expect(String(decoder.take())).toBe('abcdef-');
    decoder.feed(bytesOf('-x--'));
    expect(strings(pull(decoder))).toEqual(['-x']);
  });
});

describe('the limit of a message with a separator', () => {
  const codec = delimiter('--', { maxLength: 5 });

  it.each(['12345--', '1234---', '--', '1-345--'])('lets %j pass, wherever it is split', (stream) => {
    const expected = stream === '1234---' ? ['1234'] : [stream.slice(0, -2)];
    for (const chunks of [...splits(bytesOf(stream)).map(([, parts]) => parts), singleBytes(bytesOf(stream))]) {
      const decoder = codec.decoder();
      for (const chunk of chunks) decoder.feed(chunk);
      expect(strings(pull(decoder))).toEqual(expected);
    }
  });

  it.each(['123456', '123456--', '12345-6', '123456-', '1234567890--'])(
    'refuses %j, wherever it is split',
    (stream) => {
      for (const chunks of [...splits(bytesOf(stream)).map(([, parts]) => parts), singleBytes(bytesOf(stream))]) {
        const error = thrownBy(() => decodeChunks(codec, chunks)) as MessageTooLongError;
        expect(error).toBeInstanceOf(MessageTooLongError);
        expect(error).toMatchObject({ code: 'ERR_MESSAGE_TOO_LONG', limit: 5 });
        expect(error.length).toBeGreaterThan(5);
        expect(error.message).toContain(`more than 5 bytes (${error.length} have come)`);
      }
    },
  );

  it('waits when a separator may have begun at the limit, and no longer', () => {
    const decoder = codec.decoder();
    decoder.feed(bytesOf('12345-'));
    expect(decoder.next()).toBeUndefined();
    decoder.feed(bytesOf('x'));
    expect(thrownBy(() => decoder.next())).toMatchObject({ code: 'ERR_MESSAGE_TOO_LONG', length: 7 });
  });

  it('is 65536 bytes unless something else is asked for', () => {
    const message = 'x'.repeat(65_536);
    expect(strings(decodeChunks(delimiter(';'), [bytesOf(`${message};`)]))).toEqual([message]);
    expect(() => decodeChunks(delimiter(';'), [bytesOf(`${message}x`)])).toThrow(MessageTooLongError);
  });
});

describe('the end of a stream with separators', () => {
  it('refuses a last message without its separator', () => {
    const error = thrownBy(() => decodeChunks(delimiter('--'), [bytesOf('whole--part-')]));
    expect(error).toBeInstanceOf(TruncatedMessageError);
    expect(error).toMatchObject({ bytes: bytesOf('part-'), length: 5 });
  });

  it('takes it if asked, with the beginning of a separator', () => {
    const codec = delimiter('--', { last: 'accept' });
    for (const [, chunks] of splits(bytesOf('whole--part-'))) {
      expect(strings(decodeChunks(codec, chunks))).toEqual(['whole', 'part-']);
    }
    expect(decodeChunks(codec, [bytesOf('whole--')])).toHaveLength(1);
  });

  it('refuses a last message that is too long', () => {
    const codec = delimiter('--', { last: 'accept', maxLength: 5 });
    expect(() => decodeChunks(codec, [bytesOf('12345-')])).toThrow(MessageTooLongError);
  });
});

describe('encoding messages with a separator', () => {
  it('puts the separator behind the message', () => {
    expect(String(delimiter('\r\n').encode(bytesOf('hi')))).toBe('hi\r\n');
    expect(String(delimiter('\r\n').encode(new Uint8Array(0)))).toBe('\r\n');
  });

  it.each([
    ['\n', 'a\nb', 1],
    ['\n', 'a\n', 1],
    ['aa', 'a', 0],
    ['aa', 'xaay', 1],
    ['abab', 'xab', 1],
    ['\r\n.\r\n', 'x\r\n.', 1],
  ])('with %j refuses %j, in which the peer would find it at %d', (separator, message, at) => {
    const error = thrownBy(() => delimiter(separator).encode(bytesOf(message)));
    expect(error).toBeInstanceOf(InvalidMessageError);
    expect((error as Error).message).toContain(`would end at byte ${at}`);
    expect(error).toMatchObject({ bytes: bytesOf(message), length: message.length, limit: undefined });
  });

  it('refuses exactly what would be read as something else', () => {
    const message = fc.array(fc.constantFrom(...'aab\r\n.'), { maxLength: 8 }).map((chars) => chars.join(''));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.constantFrom(...separators), (messages, separator) => {
        const codec = delimiter(separator);
        const isRead = messages.every((one) => (one + separator).indexOf(separator) === one.length);
        const encode = () => Buffer.concat(messages.map((one) => codec.encode(bytesOf(one))));
        if (!isRead) expect(encode).toThrow(InvalidMessageError);
        else expect(strings(decodeChunks(codec, [encode()]))).toEqual(messages);
      }),
    );
  });

  it('refuses a message longer than the limit', () => {
    const codec = delimiter(';', { maxLength: 5 });
    expect(codec.encode(bytesOf('12345'))).toHaveLength(6);
    expect(thrownBy(() => codec.encode(bytesOf('123456')))).toMatchObject({
      code: 'ERR_INVALID_MESSAGE',
      length: 6,
      limit: 5,
    });
  });
});

describe('the options of delimiter', () => {
  it.each([
    ['', {}, 'the separator has 0 bytes'],
    ['x'.repeat(257), {}, 'the separator has 257 bytes'],
    [10, {}, 'the separator is not bytes'],
    [';', { maxLength: 0 }, 'maxLength is 0'],
    [';', { last: true }, "last is true; give 'reject' or 'accept'"],
  ])('refuses %j with %j and names it', (separator, options, reason) => {
    const error = thrownBy(() => delimiter(separator as never, options as never));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toContain(`delimiter: ${reason}`);
  });

  it('refuses undefined from a format instead of waiting for ever', () => {
    const codec = delimiter(';', { format: { parse: () => undefined, format: () => Buffer.alloc(1) } });
    expect(() => decodeChunks(codec, [bytesOf('x;')])).toThrow(InvalidOptionError);
  });
});
