/** Local time as files have it, and days as people type them. Times are milliseconds since 1970. */

/** `2026-11-19T08:05:31` (ISO 8601 without an offset, which spreadsheets do not read). */
export function isoLocal(at: number): string {
  const date = new Date(at);
  const day = [String(date.getFullYear()).padStart(4, '0'), two(date.getMonth() + 1), two(date.getDate())];
  return `${day.join('-')}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/**
 * Reads `2026-11-19`.
 *
 * @returns when that day begins and when the next one does; undefined if there is no such day
 */
export function localDay(text: string): { readonly begins: number; readonly ends: number } | undefined {
  const [, year = '', month = '', date = ''] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const begins = new Date(Number(year), Number(month) - 1, Number(date));
  if (year === '' || isoLocal(begins.getTime()).slice(0, 10) !== text) return undefined;
  // Not a day's worth of milliseconds: where clocks are moved, two days of the year have 23 and 25 hours.
  const ends = new Date(Number(year), Number(month) - 1, Number(date) + 1);
  return { begins: begins.getTime(), ends: ends.getTime() };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
