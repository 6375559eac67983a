import {
  fixedLength,
  InvalidMessageError,
  InvalidOptionError,
  MalformedMessageError,
  TruncatedMessageError,
  type Format,
} from '@socketserver/framing';
import { decodeChunks, pull, singleBytes, splits, thrownBy } from './decode-chunks';

const frame = Buffer.from('Hostname:pc-home    Carga de CPU:  0.5% Memória Disponível: 50.4%');

const number: Format<number> = {
  parse(bytes) {
    if (bytes[0] === 0xff) throw new MalformedMessageError('a number begins with ff', bytes);
    return bytes.readUInt32BE();
  },
  format(value) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  },
};

describe('fixedLength', () => {
  it('gives two joined frames, whatever byte they are split at', () => {
    const twice = Buffer.concat([frame, frame]);
    expect(frame).toHaveLength(67);
    for (const [, chunks] of splits(twice)) expect(decodeChunks(fixedLength(67), chunks)).toEqual([frame, frame]);
  });

  it('gives a frame that comes byte by byte', () => {
    const bytes = singleBytes(Buffer.concat([frame, frame, frame]));
    expect(decodeChunks(fixedLength(67), bytes)).toEqual([frame, frame, frame]);
  });

  it('gives one-byte messages', () => {
    expect(decodeChunks(fixedLength(1), [Buffer.from('ab')])).toEqual([Buffer.from('a'), Buffer.from('b')]);
  });

  it('waits for the last byte', () => {
    const decoder = fixedLength(4).decoder();
    decoder.feed(Buffer.from('pin'));
    expect(decoder.next()).toBeUndefined();
    decoder.feed(Buffer.from('g'));
    expect(decoder.next()).toEqual(Buffer.from('ping'));
    expect(decoder.next()).toBeUndefined();
  });

  it('gives a chunk that is exactly one message as it is', () => {
    const decoder = fixedLength(4).decoder();
    const chunk = Buffer.from('ping');
    decoder.feed(chunk);
    expect(decoder.next()).toBe(chunk);
  });

  it('gives views of a chunk with several messages, not copies', () => {
    const decoder = fixedLength(4).decoder();
    const chunk = Buffer.from('pingpong');
    decoder.feed(chunk);
    const [ping, pong] = pull(decoder);
    chunk.fill('-');
    expect([String(ping), String(pong)]).toEqual(['----', '----']);
  });

  it('leaves a message alone that was put together from two chunks', () => {
    const decoder = fixedLength(4).decoder();
    const messages: Buffer[] = [];
    for (const chunk of ['pi', 'ngpo', 'ngpa', 'ng']) {
      decoder.feed(Buffer.from(chunk));
      messages.push(...pull(decoder));
    }
    expect(messages.map(String)).toEqual(['ping', 'pong', 'pang']);
  });

  it('refuses the end of the stream inside a message, and says how far it came', () => {
    const decoder = fixedLength(67).decoder();
    decoder.feed(Buffer.concat([frame, frame.subarray(0, 30)]));
    expect(pull(decoder)).toEqual([frame]);
    const error = thrownBy(() => decoder.end());
    expect(error).toBeInstanceOf(TruncatedMessageError);
    expect(error).toMatchObject({
      code: 'ERR_TRUNCATED_MESSAGE',
      message: 'the stream ended 30 bytes into a message of 67 bytes',
      bytes: frame.subarray(0, 30),
      length: 30,
    });
  });

  it('turns bytes into values and back by a format', () => {
    const codec = fixedLength(4, number);
    const bytes = Buffer.concat([codec.encode(7), codec.encode(0xfe000000)]);
    for (const [, chunks] of splits(bytes)) expect(decodeChunks(codec, chunks)).toEqual([7, 0xfe000000]);
  });

  it('stays failed after a message that its format refuses, and hands it over with the rest', () => {
    const decoder = fixedLength(4, number).decoder();
    decoder.feed(Buffer.from([0, 0, 0, 1, 0xff, 2, 3, 4, 0, 0, 0, 5]));
    expect(decoder.next()).toBe(1);
    const first = thrownBy(() => decoder.next());
    expect(first).toMatchObject({ code: 'ERR_MALFORMED_MESSAGE', bytes: Buffer.from([0xff, 2, 3, 4]), length: 4 });
    expect(thrownBy(() => decoder.next())).toBe(first);
    expect(decoder.take()).toEqual(Buffer.from([0xff, 2, 3, 4, 0, 0, 0, 5]));
  });

  it('passes an error of the format on that is not a framing error', () => {
    const broken = new TypeError('a bug');
    const decoder = fixedLength(1, {
      parse(): number {
        throw broken;
      },
      format: () => Buffer.alloc(1),
    }).decoder();
    decoder.feed(Buffer.from('x'));
    expect(thrownBy(() => decoder.next())).toBe(broken);
    expect(thrownBy(() => decoder.next())).toBe(broken);
  });

  it('refuses undefined from a format instead of waiting for ever', () => {
    const decoder = fixedLength(1, { parse: () => undefined, format: () => Buffer.alloc(1) }).decoder();
    decoder.feed(Buffer.from('x'));
    expect(() => decoder.next()).toThrow(InvalidOptionError);
  });

  it.each([0, null, false, ''])('takes %p from a format as a message', (value) => {
    const codec = fixedLength(1, { parse: () => value, format: () => Buffer.alloc(1) });
    expect(decodeChunks(codec, [Buffer.from('xy')])).toEqual([value, value]);
  });

  it('encodes a message of the exact size as it is', () => {
    expect(fixedLength(67).encode(frame)).toBe(frame);
  });

  it.each([0, 66, 68, 1000])('refuses to encode %d bytes instead of 67', (length) => {
    const message = Buffer.alloc(length, 'x');
    const error = thrownBy(() => fixedLength(67).encode(message));
    expect(error).toBeInstanceOf(InvalidMessageError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_MESSAGE', length, limit: 67 });
    expect((error as Error).message).toContain(`${length} bytes instead of 67`);
  });

  it('refuses a format that gives the wrong number of bytes', () => {
    const codec = fixedLength(4, { parse: String, format: (text: string) => Buffer.from(text) });
    expect(codec.encode('ping')).toEqual(Buffer.from('ping'));
    expect(() => codec.encode('é€')).toThrow('5 bytes instead of 4');
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53, 16 * 1024 * 1024 + 1, '67', undefined, null])(
    'refuses the size %p and names it',
    (size) => {
      const error = thrownBy(() => fixedLength(size as number));
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'size', value: size });
      const shown = typeof size === 'string' ? `'${size}'` : String(size);
      expect((error as Error).message).toBe(
        `fixedLength: size is ${shown}; give a whole number of bytes from 1 to 16777216`,
      );
    },
  );

  it('takes the largest size', () => {
    const codec = fixedLength(16 * 1024 * 1024);
    const decoder = codec.decoder();
    decoder.feed(Buffer.alloc(16 * 1024 * 1024 - 1));
    expect(decoder.next()).toBeUndefined();
    decoder.feed(Buffer.alloc(1));
    expect(decoder.next()).toHaveLength(16 * 1024 * 1024);
  });
});
