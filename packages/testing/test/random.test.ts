import { Random } from '../src';

const sequence = (random: Random): number[] => Array.from({ length: 1000 }, () => random.next());

describe('Random', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(sequence(new Random(7))).toEqual(sequence(new Random(7)));
    expect(sequence(new Random(7))).not.toEqual(sequence(new Random(8)));
  });

  it('spreads them over all that it may give', () => {
    const random = new Random(1);
    const counts = new Map<number, number>();
    for (let count = 0; count < 6000; count += 1) {
      const eyes = random.int(1, 6);
      counts.set(eyes, (counts.get(eyes) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('is true as often as it is told to be', () => {
    const random = new Random(1);
    const hits = Array.from({ length: 10_000 }, () => random.chance(0.2)).filter(Boolean);
    expect(Math.abs(hits.length - 2000)).toBeLessThan(200);
  });

  it('picks each of a list', () => {
    const random = new Random(1);
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
  });
});
