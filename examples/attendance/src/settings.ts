import { languages } from '@socketserver/host';
import { z } from 'zod';

/** What a user can set with `--set`, in the environment or in a config file. */
export const settings = z.strictObject({
  /** The folder of the database; relative to the working directory. Not given: the platform's usual one for data. */
  dataDir: z.string().min(1).optional(),
  /** Whether closed sessions are kept for reports. If not, a session is erased when it is closed. */
  archive: z.boolean().default(true),
  /** Bytes that the database may take on disk. */
  maxBytes: z.int().min(1_048_576).max(1_099_511_627_776).default(1_073_741_824),
  /** How many classes can be open at the same time. */
  maxClasses: z.int().min(1).max(100_000).default(10_000),
  /** How many students can be present in one session. */
  maxStudents: z.int().min(1).max(100_000).default(10_000),
  /** The language of the server's own texts. The wire speaks Portuguese, whatever it is. */
  lang: z.enum(languages).default('pt-BR'),
});

/** The settings, complete. */
export type AttendanceSettings = z.output<typeof settings>;
