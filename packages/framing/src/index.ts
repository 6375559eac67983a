export type { Codec, Decoder, Format } from './codec';
export { compose } from './compose';
export { delimiter, type DelimiterOptions } from './delimiter';
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
export { json } from './json';
export { lengthPrefix, type LengthPrefixOptions } from './length-prefix';
export { lines, type LinesOptions } from './lines';
export { mapped, type Mapping } from './mapped';
export { messages, type ByteSource, type MessageStream, type Reading } from './message-stream';
export { pattern, type PatternFormat, type PatternOptions } from './pattern';
export { raw, type RawOptions } from './raw';
export { StreamDecoder } from './stream-decoder';
export { text, type TextEncoding } from './text';
