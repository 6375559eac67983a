export type { Codec, Decoder, Format } from './codec';
export {
  FramingError,
  InvalidMessageError,
  InvalidOptionError,
  MalformedMessageError,
  MessageTooLongError,
  TruncatedMessageError,
  type FramingErrorCode,
  type FramingErrorDetails,
} from './errors';
export { fixedLength } from './fixed-length';
export { lines, type LineEncoding, type LinesOptions } from './lines';
export { raw, type RawOptions } from './raw';
