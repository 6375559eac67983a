import { DatagramQueue } from '../src/datagram-queue';

describe('a queue of datagrams', () => {
  it('is first in, first out, also when it is never empty', () => {
    const queue = new DatagramQueue();
    let next = 0;
    for (let i = 0; i < 5000; i++) {
      queue.push([Buffer.from(`${i}`), '']);
      if (i % 3 > 0) expect(String(queue.shift()![0])).toBe(`${next++}`);
      if (i % 700 === 0) while (queue.length > 2) expect(String(queue.shift()![0])).toBe(`${next++}`);
    }
    while (queue.length > 0) expect(String(queue.shift()![0])).toBe(`${next++}`);
    expect([next, queue.dropped]).toEqual([5000, 0]);
    expect(queue.shift()).toBeUndefined();
  });

  it('drops what is beyond 1,024 datagrams, and counts it', () => {
    const queue = new DatagramQueue();
    for (let i = 0; i < 1030; i++) queue.push([Buffer.from(`${i}`), '']);
    expect([queue.length, queue.dropped]).toEqual([1024, 6]);
    queue.shift();
    queue.push([Buffer.from('room'), '']);
    expect([queue.length, queue.dropped]).toEqual([1024, 6]);
  });

  it('drops what is beyond 4 MiB, and takes what is smaller', () => {
    const queue = new DatagramQueue();
    const big = Buffer.alloc(65_000);
    for (let i = 0; i < 70; i++) queue.push([big, '']);
    expect([queue.length, queue.dropped]).toEqual([64, 6]);
    queue.push([Buffer.alloc(10), '']);
    expect([queue.length, queue.dropped]).toEqual([65, 6]);
    queue.clear();
    for (let i = 0; i < 64; i++) queue.push([big, '']);
    expect([queue.length, queue.dropped]).toEqual([64, 6]);
  });
});
