import type { Codec, Decoder } from '@socketserver/framing';

/** Everything that can be pulled now. */
export function pull<In>(decoder: Decoder<In>): In[] {
  const messages: In[] = [];
  for (let message = decoder.next(); message !== undefined; message = decoder.next()) messages.push(message);
  return messages;
}

/** Feeds chunk by chunk and pulls after each, as a connection does, then ends the stream. */
export function decodeChunks<In>(codec: Pick<Codec<In, never>, 'decoder'>, chunks: readonly Buffer[]): In[] {
  const decoder = codec.decoder();
  const messages: In[] = [];
  for (const chunk of chunks) {
    decoder.feed(chunk);
    messages.push(...pull(decoder));
  }
  decoder.end();
  return [...messages, ...pull(decoder)];
}

/** The bytes in two chunks, once for each place where they can be cut, the ends included. */
export function splits(bytes: Buffer): [at: number, chunks: Buffer[]][] {
  return Array.from({ length: bytes.length + 1 }, (_, at) => [at, [bytes.subarray(0, at), bytes.subarray(at)]]);
}

/** One chunk for each byte. */
export function singleBytes(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

/** What `action` throws. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
