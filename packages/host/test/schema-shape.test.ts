import { z } from 'zod';
import { settingPaths, shapeOf } from '../src/schema-shape';

describe('shapeOf()', () => {
  it('looks through defaults, options and transformations', () => {
    const inner = z.object({ cpu: z.number() });
    for (const schema of [
      inner,
      inner.optional(),
      inner.prefault({ cpu: 1 }),
      inner.readonly(),
      inner.transform((v) => v),
    ]) {
      expect(Object.keys(shapeOf(schema)?.keys ?? {})).toEqual(['cpu']);
    }
  });

  it('tells open objects from closed ones', () => {
    expect(shapeOf(z.object({}))?.open).toBe(false);
    expect(shapeOf(z.strictObject({}))?.open).toBe(false);
    expect(shapeOf(z.looseObject({}))?.open).toBe(true);
    expect(shapeOf(z.object({}).catchall(z.number()))?.open).toBe(true);
  });

  it('knows nothing of other schemas', () => {
    expect(shapeOf(z.string())).toBeUndefined();
    expect(shapeOf(z.record(z.string(), z.number()))).toBeUndefined();
    expect(shapeOf(undefined)).toBeUndefined();
  });
});

describe('settingPaths()', () => {
  it('lists the settings below objects', () => {
    const schema = z.object({ a: z.number(), b: z.object({ c: z.string(), d: z.array(z.number()) }).optional() });
    expect(settingPaths(schema)).toEqual([['a'], ['b', 'c'], ['b', 'd']]);
  });
});
