/**
 * What a zod schema says about its keys. Only the documented `def` of a schema is read, by its fields and never by
 * `instanceof`: a plugin may have its own copy of zod.
 */
import type { z } from 'zod';

interface SchemaDef {
  readonly type?: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

export interface ObjectShape {
  /** The keys that the schema names. */
  readonly keys: Readonly<Record<string, z.ZodType>>;
  /** Whether other keys are welcome (`z.looseObject`, `.catchall()`). */
  readonly open: boolean;
}

/** The keys of an object schema, also when it is optional, has a default or is transformed; undefined for others. */
export function shapeOf(schema: z.ZodType | undefined): ObjectShape | undefined {
  const def = schema?.def as SchemaDef | undefined;
  if (def === undefined) return undefined;
  if (def.type === 'object' && def.shape !== undefined) {
    const catchall = def.catchall?.def as SchemaDef | undefined;
    return { keys: def.shape, open: catchall !== undefined && catchall.type !== 'never' };
  }
  return shapeOf(def.innerType ?? def.in);
}

/** The paths of all settings that are not objects themselves, such as `['alert', 'cpu']`. */
export function settingPaths(schema: z.ZodType | undefined, above: readonly string[] = []): string[][] {
  return Object.entries(shapeOf(schema)?.keys ?? {}).flatMap(([key, inner]) => {
    const path = [...above, key];
    return shapeOf(inner) === undefined ? [path] : settingPaths(inner, path);
  });
}
