import { BackOff } from '../src/back-off';

describe('BackOff', () => {
  it('waits between one second and a ceiling that doubles up to 15 seconds', () => {
    const longest = new BackOff(1000, 15_000, () => 0.999_999);
    const waits = Array.from({ length: 6 }, () => Math.round(longest.next() / 1000));
    expect(waits).toEqual([2, 4, 8, 15, 15, 15]);
    const shortest = new BackOff(1000, 15_000, () => 0);
    expect(Array.from({ length: 6 }, () => shortest.next())).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  });

  it('starts over after a success', () => {
    const backOff = new BackOff(1000, 15_000, () => 0.5);
    const first = backOff.next();
    for (let failure = 0; failure < 2000; failure++) expect(backOff.next()).toBeLessThanOrEqual(15_000);
    backOff.reset();
    expect(backOff.next()).toBe(first);
  });

  it('gives two agents different waits', () => {
    expect(new BackOff().next()).not.toBe(new BackOff().next());
  });
});
