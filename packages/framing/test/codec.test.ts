import fc from 'fast-check';
import { fixedLength, lines, raw, type Codec } from '@socketserver/framing';
import { decodeChunks, pull } from './decode-chunks';
import { cut, outcomeOf } from './outcome';

const places = fc.array(fc.nat(100_000), { maxLength: 20 });

function encodeAll<Out>(codec: Codec<unknown, Out>, messages: readonly Out[]): Buffer {
  return Buffer.concat(messages.map((message) => codec.encode(message)));
}

const frames = fc
  .integer({ min: 1, max: 600 })
  .chain((size) =>
    fc.tuple(fc.constant(size), fc.array(fc.uint8Array({ minLength: size, maxLength: size }), { maxLength: 12 })),
  );
const texts = fc.array(
  fc
    .oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 5 }))
    .map((text) => text.replaceAll('\n', '').replace(/\r+$/, '')),
  { maxLength: 12 },
);

describe('any sequence of messages, encoded, joined and cut anywhere, decodes to the same messages', () => {
  it('as fixedLength', () => {
    fc.assert(
      fc.property(frames, places, ([size, messages], where) => {
        const codec = fixedLength(size);
        const decoded = decodeChunks(codec, cut(encodeAll(codec, messages), where));
        expect(decoded).toEqual(messages.map((message) => Buffer.from(message)));
      }),
    );
  });

  it('as lines', () => {
    fc.assert(
      fc.property(texts, places, (messages, where) => {
        const codec = lines();
        expect(decodeChunks(codec, cut(encodeAll(codec, messages), where))).toEqual(messages);
      }),
    );
  });

  it('as lines with carriage returns', () => {
    fc.assert(
      fc.property(texts, places, (messages, where) => {
        const bytes = Buffer.from(messages.map((message) => `${message}\r\n`).join(''));
        expect(decodeChunks(lines(), cut(bytes, where))).toEqual(messages);
      }),
    );
  });

  it('as raw, which keeps the bytes and no more', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        places,
        fc.integer({ min: 1, max: 300 }),
        (data, where, maxLength) => {
          const messages = decodeChunks(raw({ maxLength }), cut(Buffer.from(data), where));
          expect(Buffer.concat(messages)).toEqual(Buffer.from(data));
          for (const message of messages) expect(message.length).toBeLessThanOrEqual(maxLength);
        },
      ),
    );
  });
});

describe('any bytes', () => {
  const codec = lines({ maxLength: 20 });
  // Newlines and carriage returns often enough to matter.
  const junk = fc
    .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(10, 13, 0x61) }, fc.nat(255)), { maxLength: 120 })
    .map((bytes) => Buffer.from(bytes));

  it('give the same lines and the same error, wherever they are cut', () => {
    fc.assert(
      fc.property(junk, places, (bytes, where) => {
        expect(outcomeOf(codec, cut(bytes, where))).toEqual(outcomeOf(codec, [bytes]));
      }),
    );
  });

  it('are the same whether they are pulled after each chunk or only now and then', () => {
    fc.assert(
      fc.property(frames, places, fc.array(fc.boolean(), { maxLength: 30 }), ([size, messages], where, pulls) => {
        const decoder = fixedLength(size).decoder();
        const decoded: Buffer[] = [];
        const bytes = encodeAll(fixedLength(size), messages);
        let fed = 0;
        cut(bytes, where).forEach((chunk, index) => {
          decoder.feed(chunk);
          fed += chunk.length;
          if (pulls[index] === true) decoded.push(...pull(decoder));
          expect(decoder.buffered).toBe(fed - decoded.length * size);
        });
        decoder.end();
        decoded.push(...pull(decoder));
        expect(decoded).toEqual(messages.map((message) => Buffer.from(message)));
      }),
    );
  });

  it('are all in the messages or in what take() gives', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        places,
        fc.integer({ min: 1, max: 80 }),
        fc.nat(10),
        (data, where, size, count) => {
          const decoder = fixedLength(size).decoder();
          for (const chunk of cut(Buffer.from(data), where)) decoder.feed(chunk);
          const pulled: Buffer[] = [];
          for (let index = 0; index < count; index++) pulled.push(decoder.next() ?? Buffer.alloc(0));
          expect(Buffer.concat([...pulled, decoder.take()])).toEqual(Buffer.from(data));
        },
      ),
    );
  });
});
