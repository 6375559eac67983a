/**
 * What every codec of this package is: a pair of a decoder (bytes to messages, with state, one per connection) and an
 * encoder (message to bytes, without state).
 *
 * ```
 *   feed(chunk) ──► [ undecoded bytes ] ──► next(): message | undefined
 *                          │
 *                          └─ take(): the rest, for what follows an upgrade in mid-stream
 * ```
 *
 * A decoder is pulled, not pushed: nothing is decoded before `next()` asks for it, so a slow receiver slows its peer, and
 * bytes behind a message stay raw until somebody decides what they are.
 */

/** Turns chunks of one stream into messages. One decoder belongs to one stream. */
export interface Decoder<In> {
  /**
   * Gives the decoder the next bytes of the stream.
   *
   * The decoder keeps the chunk itself, and messages may be views of it: never write to a chunk that was fed.
   * Feed when `next()` has returned undefined; the decoder then holds at most one incomplete message and this chunk.
   * Feeding earlier is correct too, but everything fed is kept until `next()` gets to it.
   *
   * @throws the error that made the decoder fail, if it has failed
   */
  feed(chunk: Buffer): void;

  /**
   * The next message, or undefined if more bytes are needed for one.
   *
   * @throws {FramingError} when the bytes cannot be a message. The decoder has then failed: the same error comes again
   * from `feed()`, `next()` and `end()`, because nobody knows where the next message would begin.
   */
  next(): In | undefined;

  /**
   * Says that the stream has ended. Messages that are still waiting can be pulled with `next()`, and some codecs make a
   * last one of what is left, so pull until undefined once more.
   *
   * @throws {TruncatedMessageError} when only a part of a message is left. If whole messages are still waiting, `next()`
   * gives those first and throws then.
   */
  end(): void;

  /** How many bytes were fed and are not yet part of a message. */
  readonly buffered: number;

  /**
   * Removes and returns all undecoded bytes: what an upgrade (STARTTLS, a change of protocol) goes on with. After an error
   * they begin with the message that caused it.
   */
  take(): Buffer;

  /**
   * Milliseconds of silence that end a message which is not whole: for protocols whose messages have no end of their own.
   * Whoever feeds the decoder calls `lapse()` when nothing has come for so long while something is buffered, as
   * `MessageHandler` does; `messages()` knows no time, and does not.
   *
   * @default undefined: the rest may take as long as it likes
   */
  readonly silence?: number | undefined;

  /** Says that `silence` has passed. What is buffered may be a message now, or an error, which `next()` gives. */
  lapse?(): void;
}

/** How messages are cut out of a stream of bytes and put into one. Holds no state: share one among all connections. */
export interface Codec<In, Out = In> {
  /** A new decoder, for one stream. */
  decoder(): Decoder<In>;
  /**
   * The bytes of one message, its frame included.
   *
   * @throws {InvalidMessageError} when the message cannot be sent without the peer reading something else
   */
  encode(message: Out): Uint8Array;
}

/** How the bytes of exactly one message become a value and back; a codec has found where they begin and end. */
export interface Format<In, Out = In> {
  /**
   * The value of one whole message; never undefined, which means "no message yet" to those who pull.
   *
   * The bytes may be a view of a larger chunk: copy what is to be kept for long.
   *
   * @throws {MalformedMessageError} when the bytes make no sense
   */
  parse(bytes: Buffer): In;
  /** The bytes of one message, without a frame. */
  format(message: Out): Uint8Array;
}
