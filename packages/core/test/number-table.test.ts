import fc from 'fast-check';
import { NumberTable } from '../src/workers/number-table';

describe('a table by numbers', () => {
  it('holds what a Map would hold, whatever comes and goes', () => {
    const number = fc.integer({ min: 1, max: 60 }).map((n) => n * 7);
    const steps = fc.array(fc.record({ number, isDeleted: fc.boolean() }), { maxLength: 300 });
    fc.assert(
      fc.property(steps, (all) => {
        const table = new NumberTable<{ number: number }>();
        const map = new Map<number, { number: number }>();
        for (const { number, isDeleted } of all) {
          if (isDeleted) expect(table.delete(number)).toBe(map.delete(number));
          else {
            const entry = { number };
            table.set(number, entry);
            map.set(number, entry);
          }
          expect(table.size).toBe(map.size);
          expect(table.get(number)).toBe(map.get(number));
        }
        for (const [key, entry] of map) expect(table.get(key)).toBe(entry);
        expect(new Set(table.values())).toEqual(new Set(map.values()));
        table.clear();
        expect([table.size, table.values()]).toEqual([0, []]);
      }),
    );
  });

  it('takes thousands in the order of their numbers, and gives them up in any other', () => {
    const table = new NumberTable<{ number: number }>();
    for (let number = 1; number <= 5000; number++) table.set(number, { number });
    for (let number = 5000; number > 0; number -= 2) table.delete(number);
    expect(table.size).toBe(2500);
    for (let number = 1; number <= 5000; number++) {
      expect(table.get(number)?.number).toBe(number % 2 === 1 ? number : undefined);
    }
  });
});
