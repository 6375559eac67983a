import { ChunkQueue } from '../src/chunk-queue';

function queueOf(...texts: string[]): ChunkQueue {
  const queue = new ChunkQueue();
  for (const text of texts) queue.push(Buffer.from(text));
  return queue;
}

describe('ChunkQueue', () => {
  it('gives chunks in the order they came in, and counts their bytes', () => {
    const queue = queueOf('ab', 'c');
    expect([String(queue.peek()), queue.bytes]).toEqual(['ab', 3]);
    queue.drop(2);
    expect([String(queue.peek()), queue.bytes]).toEqual(['c', 1]);
    queue.drop(1);
    expect([queue.peek(), queue.bytes]).toEqual([undefined, 0]);
  });

  it('drops a part of the oldest chunk', () => {
    const queue = queueOf('abc', 'd');
    queue.drop(2);
    expect([String(queue.peek()), queue.bytes]).toEqual(['c', 2]);
  });

  it('drops nothing when it is empty', () => {
    const queue = queueOf();
    queue.drop(0);
    expect([queue.peek(), queue.bytes]).toEqual([undefined, 0]);
  });

  it('drains what is left, and can be filled again', () => {
    const queue = queueOf('ab', 'cd', 'ef');
    queue.drop(2);
    queue.drop(1);
    expect(queue.drain().map(String)).toEqual(['d', 'ef']);
    expect([queue.peek(), queue.bytes]).toEqual([undefined, 0]);
    queue.push(Buffer.from('x'));
    expect(queue.drain().map(String)).toEqual(['x']);
  });

  it('takes chunks while others leave', () => {
    const queue = queueOf('a');
    const left: string[] = [];
    for (const text of ['b', 'c', 'd']) {
      queue.push(Buffer.from(text));
      left.push(String(queue.peek()));
      queue.drop(1);
    }
    expect(left).toEqual(['a', 'b', 'c']);
    expect(queue.drain().map(String)).toEqual(['d']);
  });
});
