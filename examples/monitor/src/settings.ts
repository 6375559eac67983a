import { languages } from '@socketserver/host';
import { z } from 'zod';

/** What a user can set with `--set`, in the environment or in a config file. */
export const settings = z.strictObject({
  /** How many machines the hub remembers. */
  maxHosts: z.int().min(1).max(100_000).default(1000),
  /** The language of the hub's own texts; the lines that show frames are the same in every language. */
  lang: z.enum(languages).default('pt-BR'),
});

/** The hub's settings, complete. */
export type MonitorSettings = z.output<typeof settings>;
