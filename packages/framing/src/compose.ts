/**
 * A codec over a codec: what the messages of the outer one hold is the stream of the inner one.
 *
 * ```
 *   compose(lengthPrefix({ width: 1 }), lines())
 *
 *   outer    │ 04 │ H i \n O │ 05 │ l á \n \n │          04, 05: lengths
 *   inner           H i \n O        l á \n \n            'Hi', 'Olá', ''
 * ```
 *
 * The edges of outer messages mean nothing to the inner codec: one outer message can hold several inner ones, or a part of
 * one. `encode()` puts each message into an outer one of its own.
 */
import type { Codec, Decoder } from './codec';

/**
 * A codec that takes the frames of `outer` off and finds the messages of `inner` in what they hold.
 *
 * Errors come from whichever codec found them; messages before them are given first. Its decoders differ from others in
 * this: when `take()` is called with an outer message half used, the rest of that is encoded by `outer` again, so that what
 * is handed over can be read by another `compose(outer, …)`. With nothing half used it is the bytes as they came.
 *
 * @param outer finds the frames; should it be unable to encode (a `fixedLength` and a half-used message), then `take()`
 * throws its error
 * @param inner finds the messages
 */
export function compose<In, Out = In>(outer: Codec<Buffer, Uint8Array>, inner: Codec<In, Out>): Codec<In, Out> {
  return {
    decoder: () => new ComposedDecoder(outer, inner.decoder()),
    encode: (message) => outer.encode(inner.encode(message)),
  };
}

/** Which of the two decoders know that the stream has ended. */
type Ending = 'none' | 'announced' | 'outer' | 'both';

class ComposedDecoder<In> implements Decoder<In> {
  readonly #outer: Decoder<Buffer>;
  #ending: Ending = 'none';
  /** A message that `end()` decoded to find out whether one is left. */
  #ahead: In | undefined;
  /** In an object, because anything can be thrown. */
  #failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly codec: Codec<Buffer, Uint8Array>,
    private readonly inner: Decoder<In>,
  ) {
    this.#outer = codec.decoder();
  }

  get buffered(): number {
    return this.inner.buffered + this.#outer.buffered;
  }

  feed(chunk: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#outer.feed(chunk);
  }

  next(): In | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    const ahead = this.#ahead;
    if (ahead !== undefined) {
      this.#ahead = undefined;
      return ahead;
    }
    try {
      return this.#next();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  end(): void {
    if (this.#ending === 'none') this.#ending = 'announced';
    this.#ahead = this.next();
  }

  take(): Buffer {
    const used = this.inner.take();
    const rest = this.#outer.take();
    return used.length === 0 ? rest : Buffer.concat([this.codec.encode(used), rest]);
  }

  /** Silence is heard on the outside; a half message inside whole frames waits for the next frame. */
  get silence(): number | undefined {
    return this.#outer.silence;
  }

  lapse(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#outer.lapse?.();
  }

  #next(): In | undefined {
    for (;;) {
      // The inner decoder is fed only when it has nothing to give, so it never holds more than one outer message ahead.
      const message = this.inner.next();
      if (message !== undefined) return message;
      const frame = this.#outer.next();
      if (frame !== undefined) this.inner.feed(frame);
      else if (this.#ending === 'announced') this.#end(this.#outer, 'outer');
      else if (this.#ending === 'outer') this.#end(this.inner, 'both');
      else return undefined;
    }
  }

  #end(decoder: Decoder<unknown>, ending: Ending): void {
    this.#ending = ending;
    decoder.end();
  }
}
