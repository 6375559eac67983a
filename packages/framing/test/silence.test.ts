import { type Codec, type Decoder, compose, lines, lengthPrefix, mapped } from '@socketserver/framing';
import { pull, thrownBy } from './decode-chunks';

/** All that came before a second of silence is a message. */
class UntilSilent implements Decoder<Buffer> {
  readonly silence = 1000;
  #bytes = Buffer.alloc(0);
  #isOver = false;

  get buffered() {
    return this.#bytes.length;
  }

  feed(chunk: Buffer) {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  next() {
    const isOver = this.#isOver;
    this.#isOver = false;
    return isOver && this.#bytes.length > 0 ? this.take() : undefined;
  }

  lapse() {
    this.#isOver = true;
  }

  end() {
    this.#isOver = true;
  }

  take() {
    const bytes = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return bytes;
  }
}

const untilSilent: Codec<Buffer> = { decoder: () => new UntilSilent(), encode: (bytes) => bytes };

describe('a codec whose messages end by silence', () => {
  it('keeps its silence when its messages are mapped', () => {
    const decoder = mapped(untilSilent, { parse: String, format: Buffer.from }).decoder();
    expect(decoder.silence).toBe(1000);
    decoder.feed(Buffer.from('all'));
    expect(pull(decoder)).toEqual([]);
    decoder.lapse?.();
    expect(pull(decoder)).toEqual(['all']);
  });

  it('keeps its silence around another codec, for which silence means nothing', () => {
    const decoder = compose(untilSilent, lines()).decoder();
    expect(decoder.silence).toBe(1000);
    decoder.feed(Buffer.from('one\ntw'));
    decoder.lapse?.();
    expect(pull(decoder)).toEqual(['one']);
    decoder.feed(Buffer.from('o\n'));
    decoder.lapse?.();
    expect(pull(decoder)).toEqual(['two']);
  });

  it('stays failed', () => {
    const failing = mapped(untilSilent, {
      parse() {
        throw new RangeError('no');
      },
      format: () => Buffer.alloc(0),
    }).decoder();
    const composed = compose(untilSilent, lengthPrefix({ width: 1, maxLength: 1 })).decoder();
    for (const decoder of [failing, composed] as Decoder<unknown>[]) {
      decoder.feed(Buffer.from([9]));
      decoder.lapse?.();
      const error = thrownBy(() => decoder.next());
      expect(thrownBy(() => decoder.lapse?.())).toBe(error);
    }
  });
});

it('no codec of ours has a silence of its own', () => {
  const decoders = [lines(), mapped(lines(), { parse: String, format: String }), compose(lengthPrefix(), lines())];
  for (const codec of decoders) expect(codec.decoder().silence).toBeUndefined();
});
