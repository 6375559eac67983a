import type { Codec } from '@socketserver/framing';

/** Bytes cut into chunks, some of them empty, at places that fast-check chooses and shrinks. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

/** All messages of a stream, and the code of the error that it ends in. */
export function outcomeOf<In>(codec: Pick<Codec<In, never>, 'decoder'>, chunks: readonly Buffer[]) {
  const decoder = codec.decoder();
  const messages: In[] = [];
  const pullAll = () => {
    for (let message = decoder.next(); message !== undefined; message = decoder.next()) messages.push(message);
  };
  try {
    for (const chunk of chunks) {
      decoder.feed(chunk);
      pullAll();
    }
    decoder.end();
    pullAll();
  } catch (error) {
    return { messages, error: (error as { code?: string }).code };
  }
  return { messages, error: undefined };
}

/** Every byte that was fed, as messages or as what `take()` gives after `count` of them. */
export function takenAfter<In>(codec: Pick<Codec<In, never>, 'decoder'>, count: number, chunks: readonly Buffer[]) {
  const decoder = codec.decoder();
  for (const chunk of chunks) decoder.feed(chunk);
  const messages = Array.from({ length: count }, () => decoder.next());
  const { buffered } = decoder;
  const rest = decoder.take();
  return { messages, buffered, rest, after: decoder.buffered };
}
