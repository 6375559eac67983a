/**
 * A codec whose messages are made of those of another one:
 *
 * ```
 *   mapped(lines(), numbers)      bytes ──► lines() ──► '21.5' ──► parse() ──► 21.5
 * ```
 */
import type { Codec, Decoder } from './codec';
import { checkParsed } from './format';

/** How messages of one kind become those of another and back. A `Format` is one between bytes and values. */
export interface Mapping<FromIn, In, FromOut = FromIn, Out = In> {
  /**
   * What one message means; never undefined, which means "no message yet" to those who pull.
   *
   * @throws {MalformedMessageError} when it makes no sense
   */
  parse(message: FromIn): In;
  /** The message that means this. */
  format(message: Out): FromOut;
}

/**
 * A codec that finds messages as `codec` does, and hands out what `mapping` makes of them.
 *
 * Differs from a format given to the codec itself: when `parse()` throws, its message is gone already, and `take()` begins
 * behind it.
 */
export function mapped<FromIn, In, FromOut = FromIn, Out = In>(
  codec: Codec<FromIn, FromOut>,
  mapping: Mapping<FromIn, In, FromOut, Out>,
): Codec<In, Out> {
  return {
    decoder: () => new MappedDecoder(codec.decoder(), mapping),
    encode: (message) => codec.encode(mapping.format(message)),
  };
}

class MappedDecoder<FromIn, In> implements Decoder<In> {
  /** In an object, because anything can be thrown. */
  #failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly decoder: Decoder<FromIn>,
    private readonly mapping: Pick<Mapping<FromIn, In>, 'parse'>,
  ) {}

  get buffered(): number {
    return this.decoder.buffered;
  }

  feed(chunk: Buffer): void {
    this.#check();
    this.decoder.feed(chunk);
  }

  next(): In | undefined {
    this.#check();
    const message = this.decoder.next();
    if (message === undefined) return undefined;
    try {
      return checkParsed(this.mapping.parse(message), 'mapped', this.mapping);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  end(): void {
    this.#check();
    this.decoder.end();
  }

  take(): Buffer {
    return this.decoder.take();
  }

  get silence(): number | undefined {
    return this.decoder.silence;
  }

  lapse(): void {
    this.#check();
    this.decoder.lapse?.();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
