import {
  InvalidOptionError,
  lines,
  MalformedMessageError,
  MessageTooLongError,
  TruncatedMessageError,
} from '@socketserver/framing';
import { decodeChunks, pull, singleBytes, splits, thrownBy } from './decode-chunks';

const bytesOf = (text: string): Buffer => Buffer.from(text);

describe('decoding lines', () => {
  it('gives lines without their ends, whatever byte they are split at', () => {
    const bytes = bytesOf('Hi\nOlá €😀\r\n\n\r\nlast\n');
    const expected = ['Hi', 'Olá €😀', '', '', 'last'];
    for (const [, chunks] of splits(bytes)) expect(decodeChunks(lines(), chunks)).toEqual(expected);
    expect(decodeChunks(lines(), singleBytes(bytes))).toEqual(expected);
  });

  it('strips one carriage return only, and only before the newline', () => {
    expect(decodeChunks(lines(), [bytesOf('a\rb\r\r\n\rc\n')])).toEqual(['a\rb\r', '\rc']);
  });

  it('keeps a byte order mark and zero bytes', () => {
    expect(decodeChunks(lines(), [bytesOf('\ufeffa\0b\n')])).toEqual(['\ufeffa\0b']);
  });

  it('keeps a replacement character that was really sent', () => {
    expect(decodeChunks(lines(), [bytesOf('a\ufffdb\n')])).toEqual(['a\ufffdb']);
  });

  it.each([
    ['a lone continuation byte', [0x61, 0x80]],
    ['half a character', [0xc3]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point that is too large', [0xf4, 0x90, 0x80, 0x80]],
    ['ff', [0xff]],
    ['a replacement character and then ff', [0xef, 0xbf, 0xbd, 0xff]],
  ])('refuses %s as UTF-8 and shows the bytes, wherever they are split', (_, bytes) => {
    for (const [, chunks] of splits(Buffer.from([...bytes, 0x0a]))) {
      const error = thrownBy(() => decodeChunks(lines(), chunks));
      expect(error).toBeInstanceOf(MalformedMessageError);
      expect(error).toMatchObject({ code: 'ERR_MALFORMED_MESSAGE', bytes: Buffer.from(bytes), length: bytes.length });
    }
  });

  it('gives the good lines before a bad one, and then stays failed', () => {
    const decoder = lines().decoder();
    decoder.feed(Buffer.from('good\n\xff\ngood\n', 'latin1'));
    expect(decoder.next()).toBe('good');
    const error = thrownBy(() => decoder.next());
    expect(thrownBy(() => decoder.next())).toBe(error);
    expect(thrownBy(() => decoder.feed(bytesOf('more\n')))).toBe(error);
    expect(thrownBy(() => decoder.end())).toBe(error);
    expect(decoder.take()).toEqual(Buffer.from('\xff\ngood\n', 'latin1'));
  });

  it('gives every byte as latin1 if asked', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x0a));
    const codec = lines({ encoding: 'latin1' });
    const [line] = decodeChunks(codec, [all, bytesOf('\n')]);
    expect(line).toBe(all.toString('latin1'));
  });
});

describe('the limit of a line', () => {
  const codec = lines({ maxLength: 5 });

  it.each(['12345\n', '12345\r\n', 'é€\n'])('lets %j pass, wherever it is split', (text) => {
    for (const [, chunks] of splits(bytesOf(text))) {
      expect(decodeChunks(codec, chunks)).toEqual([text.trimEnd()]);
    }
  });

  it.each(['123456\n', '123456\r\n', '12345\r\r\n', '12345\rx\n', 'é€x\n', '123456', '12345\r\r', '1234567890'])(
    'refuses %j, wherever it is split',
    (text) => {
      for (const chunks of [...splits(bytesOf(text)).map(([, chunks]) => chunks), singleBytes(bytesOf(text))]) {
        const error = thrownBy(() => decodeChunks(codec, chunks)) as MessageTooLongError;
        expect(error).toBeInstanceOf(MessageTooLongError);
        expect(error).toMatchObject({ code: 'ERR_MESSAGE_TOO_LONG', limit: 5 });
        expect(error.message).toContain(`more than 5 bytes (${error.length} have come)`);
        expect(error.length).toBeGreaterThan(5);
        expect(error.length).toBeLessThanOrEqual(bytesOf(text.replace(/\r?\n$/, '')).length);
      }
    },
  );

  it('refuses at the first byte too many, without waiting for a newline', () => {
    const decoder = codec.decoder();
    for (const byte of ['1', '2', '3', '4', '5']) {
      decoder.feed(bytesOf(byte));
      expect(decoder.next()).toBeUndefined();
    }
    decoder.feed(bytesOf('6'));
    expect(thrownBy(() => decoder.next())).toMatchObject({ code: 'ERR_MESSAGE_TOO_LONG', length: 6 });
  });

  it('waits for one more byte when the first byte too many is a carriage return', () => {
    const decoder = codec.decoder();
    decoder.feed(bytesOf('12345\r'));
    expect(decoder.next()).toBeUndefined();
    decoder.feed(bytesOf('\n'));
    expect(decoder.next()).toBe('12345');
  });

  it('is 65536 bytes unless something else is asked for', () => {
    const line = 'x'.repeat(65_536);
    expect(decodeChunks(lines(), [bytesOf(`${line}\n`)])).toEqual([line]);
    expect(() => decodeChunks(lines(), [bytesOf(`${line}x`)])).toThrow(MessageTooLongError);
  });

  it('shows a sample of 256 bytes and tells the true length', () => {
    const error = thrownBy(() => decodeChunks(codec, [bytesOf(`${'x'.repeat(1000)}\n`)]));
    expect(error).toMatchObject({ bytes: bytesOf('x'.repeat(256)), length: 1000, limit: 5 });
  });
});

describe('the end of a stream of lines', () => {
  it('refuses a last line without its newline', () => {
    const decoder = lines().decoder();
    decoder.feed(bytesOf('whole\npart'));
    expect(pull(decoder)).toEqual(['whole']);
    const error = thrownBy(() => decoder.end());
    expect(error).toBeInstanceOf(TruncatedMessageError);
    expect(error).toMatchObject({ bytes: bytesOf('part'), length: 4 });
    expect((error as Error).message).toMatch(/^the stream ended 4 bytes into a line without its newline/);
  });

  it('gives a last line without its newline if asked', () => {
    const codec = lines({ lastLine: 'accept' });
    for (const [, chunks] of splits(bytesOf('whole\nOlá')))
      expect(decodeChunks(codec, chunks)).toEqual(['whole', 'Olá']);
    expect(decodeChunks(codec, [bytesOf('whole\n')])).toEqual(['whole']);
    expect(decodeChunks(codec, [])).toEqual([]);
  });

  it('keeps limit and encoding for a last line that it accepts', () => {
    const codec = lines({ lastLine: 'accept', maxLength: 5 });
    expect(() => decodeChunks(codec, [bytesOf('12345\r')])).toThrow(MessageTooLongError);
    expect(() => decodeChunks(codec, [Buffer.from([0x61, 0xc3])])).toThrow(MalformedMessageError);
  });
});

describe('encoding lines', () => {
  it('ends a line with a newline', () => {
    expect(lines().encode('Olá')).toEqual(bytesOf('Olá\n'));
    expect(lines().encode('')).toEqual(bytesOf('\n'));
    expect(lines({ encoding: 'latin1' }).encode('Olá')).toEqual(Buffer.from([0x4f, 0x6c, 0xe1, 0x0a]));
  });

  it.each([
    ['a newline', 'a\nb', 'has a newline at index 1'],
    ['a newline at its end', 'a\n', 'has a newline at index 1'],
    ['a carriage return at its end', 'a\r', 'ends in a carriage return'],
    ['half a surrogate pair', 'a😀'.slice(0, 2), 'half of a surrogate pair'],
  ])('refuses %s, which would be read as something else', (_, text, reason) => {
    expect(thrownBy(() => lines().encode(text))).toMatchObject({
      code: 'ERR_INVALID_MESSAGE',
      message: expect.stringContaining(reason) as string,
      bytes: bytesOf(text),
      length: bytesOf(text).length,
      limit: undefined,
    });
  });

  it('refuses what latin1 does not have', () => {
    expect(() => lines({ encoding: 'latin1' }).encode('10 €')).toThrow(
      'a character at index 3 that latin1 does not have',
    );
  });

  it('counts bytes, not characters, against the limit', () => {
    const codec = lines({ maxLength: 5 });
    expect(codec.encode('é€')).toHaveLength(6);
    expect(thrownBy(() => codec.encode('éé€'))).toMatchObject({ code: 'ERR_INVALID_MESSAGE', length: 7, limit: 5 });
  });
});

describe('the options of lines', () => {
  it.each([
    [{ maxLength: 0 }, 'maxLength is 0'],
    [{ maxLength: Infinity }, 'maxLength is Infinity'],
    [{ encoding: 'utf16' }, "encoding is 'utf16'; give 'utf8' or 'latin1'"],
    [{ lastLine: true }, "lastLine is true; give 'reject' or 'accept'"],
  ])('refuses %j and names it', (options, text) => {
    const error = thrownBy(() => lines(options as never));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect((error as Error).message).toContain(`lines: ${text}`);
  });
});
