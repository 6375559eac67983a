import { fixedLength, lines, raw, TruncatedMessageError, type Codec } from '@socketserver/framing';
import { StreamDecoder } from '../src/stream-decoder';
import { decodeChunks, pull, singleBytes, splits, thrownBy } from './decode-chunks';

/** What `action` allocates for buffers, copies between them and searches, in bytes. */
function workOf(action: () => void): { allocated: number; copied: number; searched: number } {
  const work = { allocated: 0, copied: 0, searched: 0 };
  const { allocUnsafe } = Buffer;
  const proto = Buffer.prototype as unknown as {
    copy: (this: Buffer, ...args: unknown[]) => number;
    indexOf: (this: Buffer, value: number, from?: number) => number;
  };
  const { copy, indexOf } = proto;
  jest.spyOn(Buffer, 'allocUnsafe').mockImplementation((size) => {
    work.allocated += size;
    return allocUnsafe(size);
  });
  jest.spyOn(proto, 'copy').mockImplementation(function (this: Buffer, ...args) {
    const copied = copy.apply(this, args);
    work.copied += copied;
    return copied;
  });
  jest.spyOn(proto, 'indexOf').mockImplementation(function (this: Buffer, value, from = 0) {
    const at = indexOf.call(this, value, from);
    work.searched += (at === -1 ? this.length : at + 1) - from;
    return at;
  });
  try {
    action();
  } finally {
    jest.restoreAllMocks();
  }
  return work;
}

/** One byte that says how many follow: the decoder of a codec that learns its message's length from the message. */
class PrefixedDecoder extends StreamDecoder<string> {
  decoded = 0;

  constructor() {
    super(256, 'a message with a length before it');
  }

  protected override decode(): string | undefined {
    this.decoded++;
    const { bytes, from, to } = this;
    const end = from + 1 + bytes[from]!;
    if (end > to) return undefined;
    this.from = end;
    return bytes.toString('utf8', from + 1, end);
  }
}

describe('a decoder that does not know how far its message reaches', () => {
  const messages = ['', 'a', 'Olá', 'x'.repeat(255), 'bc'];
  const bytes = Buffer.concat(messages.flatMap((text) => [Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]));

  it('gives the same messages, wherever they are split', () => {
    for (const [, chunks] of splits(bytes)) {
      expect(decodeChunks({ decoder: () => new PrefixedDecoder() }, chunks)).toEqual(messages);
    }
    expect(decodeChunks({ decoder: () => new PrefixedDecoder() }, singleBytes(bytes))).toEqual(messages);
  });

  it('gives the same messages when everything is fed before the first pull', () => {
    const decoder = new PrefixedDecoder();
    for (const chunk of singleBytes(bytes)) decoder.feed(chunk);
    expect(pull(decoder)).toEqual(messages);
  });

  it('looks at a window once, however often it is asked', () => {
    const decoder = new PrefixedDecoder();
    decoder.feed(Buffer.from('\x03ab'));
    for (let asked = 0; asked < 5; asked++) expect(decoder.next()).toBeUndefined();
    expect(decoder.decoded).toBe(1);
    decoder.feed(Buffer.from('c'));
    expect(decoder.next()).toBe('abc');
    expect(decoder.decoded).toBe(2);
  });
});

describe('the work of a decoder', () => {
  it.each<[string, Codec<unknown, never>]>([
    ['fixedLength', fixedLength(4)],
    ['lines', lines()],
    ['raw', raw()],
  ])('copies nothing when %s finds whole messages in a chunk', (_, codec) => {
    const decoder = codec.decoder();
    const work = workOf(() => {
      decoder.feed(Buffer.from('abc\n'));
      pull(decoder);
      decoder.feed(Buffer.from('abc\ndef\nghi\n'));
      pull(decoder);
    });
    expect(work).toMatchObject({ allocated: 0, copied: 0 });
  });

  it('is linear for a line of 64 KiB that comes byte by byte', () => {
    const length = 65_536;
    const chunks = singleBytes(Buffer.from(`${'x'.repeat(length)}\n`));
    const decoder = lines().decoder();
    let line: string | undefined;
    const work = workOf(() => {
      for (const chunk of chunks) {
        decoder.feed(chunk);
        line = decoder.next();
      }
    });
    expect(line).toHaveLength(length);
    expect(work.searched).toBeLessThanOrEqual(2 * length);
    expect(work.copied).toBeLessThanOrEqual(3 * length);
    expect(work.allocated).toBeLessThanOrEqual(3 * length);
  });

  it('is linear for bytes that are all fed before the first pull', () => {
    const length = 65_536;
    const decoder = lines().decoder();
    const work = workOf(() => {
      for (const chunk of singleBytes(Buffer.from(`${'x'.repeat(length)}\n`))) decoder.feed(chunk);
      expect(decoder.buffered).toBe(length + 1);
      expect(decoder.next()).toHaveLength(length);
    });
    expect(work.searched).toBeLessThanOrEqual(2 * length + 2);
    expect(work.copied).toBeLessThanOrEqual(3 * length);
    expect(decoder.buffered).toBe(0);
  });

  it.each<[string, Codec<unknown, never>]>([
    ['fixedLength', fixedLength(10)],
    ['lines', lines()],
  ])('copies only the message over the edge of two chunks, not the chunks (%s)', (_, codec) => {
    const bytes = Buffer.from('123456789\n'.repeat(10_000));
    const decoder = codec.decoder();
    let count = 0;
    const work = workOf(() => {
      for (let at = 0; at < bytes.length; at += 25_005) {
        decoder.feed(bytes.subarray(at, at + 25_005));
        count += pull(decoder).length;
      }
    });
    expect(count).toBe(10_000);
    expect(work.copied).toBeLessThanOrEqual(3 * 10);
  });
});

describe('the memory of a decoder', () => {
  it('lets a large chunk go when only a part of a message is left of it', () => {
    const chunk = Buffer.alloc(65_537, 'whole message\n\n');
    const decoder = lines().decoder();
    decoder.feed(chunk);
    pull(decoder);
    const held = decoder.buffered;
    chunk.fill('?');
    const rest = decoder.take();
    expect(rest).toHaveLength(held);
    expect(rest.includes('?')).toBe(false);
  });

  it('keeps no buffer when nothing is left', () => {
    const chunk = Buffer.from('line\n');
    const decoder = lines().decoder();
    decoder.feed(chunk);
    pull(decoder);
    const rest = decoder.take();
    expect(rest).toHaveLength(0);
    expect(rest.buffer).not.toBe(chunk.buffer);
  });

  it('reserves at most what a message may have, however much is announced', () => {
    const decoder = fixedLength(16 * 1024 * 1024).decoder();
    const work = workOf(() => {
      decoder.feed(Buffer.from('x'));
      expect(decoder.next()).toBeUndefined();
    });
    expect(work.allocated).toBeLessThanOrEqual(256);
  });

  it.each([1, 7, 1000, 100_000])('never buffers more than the limit and a chunk of %d bytes', (size) => {
    const limit = 5000;
    const decoder = lines({ maxLength: limit }).decoder();
    let most = 0;
    const work = workOf(() => {
      const error = thrownBy(() => {
        for (let fed = 0; fed < 1_000_000; fed += size) {
          decoder.feed(Buffer.alloc(size, 'x'));
          most = Math.max(most, decoder.buffered);
          decoder.next();
        }
      });
      expect(error).toMatchObject({ code: 'ERR_MESSAGE_TOO_LONG' });
    });
    expect(most).toBeLessThanOrEqual(limit + size);
    expect(work.allocated).toBeLessThanOrEqual(4 * limit);
  });

  it('takes no more bytes once it has failed', () => {
    const decoder = lines({ maxLength: 1 }).decoder();
    decoder.feed(Buffer.from('xxx'));
    const error = thrownBy(() => decoder.next());
    expect(thrownBy(() => decoder.feed(Buffer.from('x')))).toBe(error);
    expect(decoder.buffered).toBe(3);
  });
});

describe('end()', () => {
  it('is silent between two messages, and may come twice', () => {
    const decoder = fixedLength(2).decoder();
    decoder.end();
    decoder.end();
    expect(decoder.next()).toBeUndefined();
  });

  it('throws for a part of a message that nobody has pulled yet', () => {
    const decoder = fixedLength(2).decoder();
    decoder.feed(Buffer.from('a'));
    expect(() => decoder.end()).toThrow(TruncatedMessageError);
  });

  it('leaves whole messages to be pulled, and throws behind them', () => {
    const decoder = fixedLength(2).decoder();
    decoder.feed(Buffer.from('aab'));
    decoder.feed(Buffer.from('bc'));
    decoder.end();
    decoder.end();
    expect(String(decoder.next())).toBe('aa');
    expect(String(decoder.next())).toBe('bb');
    const error = thrownBy(() => decoder.next());
    expect(error).toMatchObject({ code: 'ERR_TRUNCATED_MESSAGE', length: 1 });
    expect(thrownBy(() => decoder.end())).toBe(error);
  });
});

describe('take()', () => {
  it('hands over what is behind the last message, for an upgrade', () => {
    const decoder = lines().decoder();
    decoder.feed(Buffer.from('STARTTLS\r\n\x16\x03\n'));
    expect(decoder.next()).toBe('STARTTLS');
    expect(decoder.take()).toEqual(Buffer.from('\x16\x03\n'));
    expect(decoder.buffered).toBe(0);
    expect(decoder.next()).toBeUndefined();
  });

  it('joins an incomplete message and all chunks behind it', () => {
    const decoder = fixedLength(4).decoder();
    decoder.feed(Buffer.from('ab'));
    expect(decoder.next()).toBeUndefined();
    for (const text of ['cde', 'f', 'gh']) decoder.feed(Buffer.from(text));
    expect(String(decoder.next())).toBe('abcd');
    expect(decoder.buffered).toBe(4);
    expect(String(decoder.take())).toBe('efgh');
  });

  it('leaves a decoder that can start afresh', () => {
    const decoder = fixedLength(4).decoder();
    decoder.feed(Buffer.from('ab'));
    expect(decoder.next()).toBeUndefined();
    decoder.feed(Buffer.from('cd'));
    expect(String(decoder.take())).toBe('abcd');
    decoder.feed(Buffer.from('wxyz'));
    expect(String(decoder.next())).toBe('wxyz');
  });
});
