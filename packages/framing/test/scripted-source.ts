/** A source that tells what was asked of it, and gives a chunk only when it is told to. */
export class ScriptedSource implements AsyncIterableIterator<Uint8Array> {
  readonly asked: string[] = [];
  readonly #waiting: ((result: Promise<IteratorResult<Uint8Array>>) => void)[] = [];

  [Symbol.asyncIterator]() {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    this.asked.push('next');
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.asked.push('return');
    return { done: true, value: undefined };
  }

  give(chunk: string | Buffer): void {
    this.#waiting.shift()!(Promise.resolve({ done: false, value: Buffer.from(chunk as string) }));
  }

  end(): void {
    this.#waiting.shift()!(Promise.resolve({ done: true, value: undefined }));
  }

  fail(error: Error): void {
    this.#waiting.shift()!(Promise.reject(error));
  }
}

/** All messages of a stream. */
export async function collect<In>(stream: AsyncIterable<In>): Promise<In[]> {
  const all: In[] = [];
  for await (const message of stream) all.push(message);
  return all;
}
