import { stringify } from 'csv-stringify';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What separates cells: a semicolon where the comma is in the numbers, as spreadsheets in Portuguese expect it. */
export const separators = [',', ';'] as const;
export type Separator = (typeof separators)[number];

/**
 * Writes rows as CSV (RFC 4180, but for the line ends, which are `\n`), no faster than they are read.
 *
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front of it.
 *
 * @param output is left open
 */
export async function writeCsv(
  rows: Iterable<readonly string[]>,
  header: readonly string[],
  separator: Separator,
  output: Writable,
): Promise<void> {
  const format = stringify({ header: true, columns: header, delimiter: separator, escape_formulas: true });
  await pipeline(Readable.from(rows), format, output, { end: false });
}
