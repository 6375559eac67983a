import type { PassThrough } from 'node:stream';

/** All that was written to a stream so far. (Newer Nodes give one chunk for each `read()`.) */
export function written(stream: PassThrough): string {
  let text = '';
  const next = (): Buffer | null => stream.read() as Buffer | null;
  for (let chunk = next(); chunk !== null; chunk = next()) text += chunk.toString();
  return text;
}
