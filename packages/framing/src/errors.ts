/**
 * Every error of this package: one root class, one class for each code.
 *
 * The first three come from decoders and are about what the peer sent; the last two are about this program: what it wanted
 * to send, and how it set a codec up.
 */

/** The codes of this package's errors. Stable. */
export type FramingErrorCode =
  | 'ERR_MESSAGE_TOO_LONG'
  | 'ERR_TRUNCATED_MESSAGE'
  | 'ERR_MALFORMED_MESSAGE'
  | 'ERR_INVALID_MESSAGE'
  | 'ERR_INVALID_OPTION';

/** What a framing error knows beyond its message. */
export interface FramingErrorDetails {
  /** The bytes it is about; the error copies the first 256 of them. */
  bytes?: Uint8Array | undefined;
  /** How many bytes there were, however many of them are kept. */
  length?: number | undefined;
  /** The limit or the exact size that `length` was measured against, in bytes. */
  limit?: number | undefined;
  /** The error below this one. */
  cause?: unknown;
}

const sampleSize = 256;

/** The root of all errors of this package. */
export class FramingError extends Error {
  /** Which kind of error it is. */
  readonly code: FramingErrorCode;
  /** A copy of the first bytes it is about, at most 256, for logs; empty if it is not about bytes. */
  readonly bytes: Buffer;
  /** How many bytes there were; more than `bytes.length` if only a sample was kept. */
  readonly length: number | undefined;
  /** The limit or the exact size that `length` was measured against, in bytes. */
  readonly limit: number | undefined;

  constructor(message: string, code: FramingErrorCode, details: FramingErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.bytes = sample(details.bytes);
    this.length = details.length;
    this.limit = details.limit;
  }
}

/**
 * The peer sent more than a message may have, or announced it. `length` is what had come of it when it was refused (the
 * whole message may be longer), or what was announced.
 */
export class MessageTooLongError extends FramingError {
  constructor(message: string, details: FramingErrorDetails & { length: number; limit: number }) {
    super(message, 'ERR_MESSAGE_TOO_LONG', details);
  }
}

/** The stream ended inside a message. `length` is what had come of it. */
export class TruncatedMessageError extends FramingError {
  constructor(message: string, details: FramingErrorDetails & { length: number }) {
    super(message, 'ERR_TRUNCATED_MESSAGE', details);
  }
}

/** The bytes of a whole message make no sense. Formats throw it from `parse()`. */
export class MalformedMessageError extends FramingError {
  /**
   * @param message what is wrong, and where
   * @param bytes the whole message; the first 256 bytes are copied
   * @param options `cause`: the error below this one
   */
  constructor(message: string, bytes: Uint8Array, options: { cause?: unknown } = {}) {
    super(message, 'ERR_MALFORMED_MESSAGE', { bytes, length: bytes.byteLength, cause: options.cause });
  }
}

/** `encode()` was given a message which the peer would read as something else. Nothing was sent. */
export class InvalidMessageError extends FramingError {
  constructor(message: string, details: FramingErrorDetails = {}) {
    super(message, 'ERR_INVALID_MESSAGE', details);
  }
}

/** A codec was set up with an option that it cannot work with. */
export class InvalidOptionError extends FramingError {
  constructor(
    message: string,
    /** The option's name. */
    readonly option: string,
    /** What was given for it. */
    readonly value: unknown,
  ) {
    super(message, 'ERR_INVALID_OPTION');
  }
}

/** Not from the pool of small buffers: an error may be cloned into another thread, and would take the whole pool along. */
function sample(bytes: Uint8Array = new Uint8Array(0)): Buffer {
  const copy = Buffer.allocUnsafeSlow(Math.min(bytes.byteLength, sampleSize));
  copy.set(bytes.subarray(0, copy.length));
  return copy;
}
