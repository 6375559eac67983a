import fc from 'fast-check';
import { EMPTY, ReceiveBuffer } from '../src/receive-buffer';

type Step =
  | { do: 'push'; bytes: Uint8Array }
  | { do: 'unshift'; bytes: Uint8Array }
  | { do: 'take'; n: number }
  | { do: 'takeInto'; n: number };

const someBytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 20 }),
  fc.uint8Array({ minLength: 1, maxLength: 3000 }),
);
const someSize = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 5000 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('push' as const), bytes: someBytes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unshift' as const), bytes: someBytes }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const), n: someSize }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('takeInto' as const), n: someSize }) },
);

describe('ReceiveBuffer', () => {
  it('is a queue of bytes: whatever is done to it, it does what one long buffer would', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const buffer = new ReceiveBuffer();
        let model = EMPTY;
        const given: { bytes: Buffer; copy: Buffer }[] = [];
        for (const each of steps) {
          if (each.do === 'push') {
            buffer.push(Buffer.from(each.bytes));
            model = Buffer.concat([model, each.bytes]);
          } else if (each.do === 'unshift') {
            buffer.unshift(Buffer.from(each.bytes));
            model = Buffer.concat([each.bytes, model]);
          } else if (each.do === 'take') {
            const bytes = buffer.take(each.n);
            expect(bytes.length).toBeLessThanOrEqual(each.n);
            if (each.n > 0 && model.length > 0) expect(bytes.length).toBeGreaterThan(0);
            expect(bytes.equals(model.subarray(0, bytes.length))).toBe(true);
            model = model.subarray(bytes.length);
            given.push({ bytes, copy: Buffer.from(bytes) });
          } else {
            const target = Buffer.alloc(each.n);
            const count = buffer.takeInto(target);
            expect(count).toBe(Math.min(each.n, model.length));
            expect(target.subarray(0, count).equals(model.subarray(0, count))).toBe(true);
            model = model.subarray(count);
          }
          expect(buffer.length).toBe(model.length);
        }
        // What was given stays as it was.
        for (const { bytes, copy } of given) expect(bytes.equals(copy)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('gives a chunk that is taken whole as it is, and parts of it as views: nothing is copied', () => {
    const buffer = new ReceiveBuffer();
    const chunk = Buffer.from('hello');
    buffer.push(chunk);
    expect(buffer.take(5)).toBe(chunk);
    buffer.push(chunk);
    expect(buffer.take(2).buffer).toBe(chunk.buffer);
  });

  it('joins crumbs, so that single bytes do not become a chunk each', () => {
    const buffer = new ReceiveBuffer();
    for (let i = 0; i < 1000; i++) buffer.push(Buffer.from([i & 255]));
    expect(buffer.take(1000)).toHaveLength(1000);
  });

  it('gives nothing when it is empty or was cleared', () => {
    const buffer = new ReceiveBuffer();
    expect(buffer.take(10)).toBe(EMPTY);
    buffer.push(Buffer.from('hello'));
    buffer.take(2);
    buffer.clear();
    expect([buffer.length, buffer.take(10), buffer.takeInto(Buffer.alloc(4))]).toEqual([0, EMPTY, 0]);
    buffer.push(Buffer.from('again'));
    expect(String(buffer.take(10))).toBe('again');
  });
});
