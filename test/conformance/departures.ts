/** What `docs/differences-from-python.md` says of one departure. Markdown. */
export interface Departure {
  readonly here: string;
  readonly why: string;
}

/** The rows of the tables of `docs/differences-from-python.md`, by their first cell. */
export function departuresIn(page: string): ReadonlyMap<string, Departure> {
  const departures = new Map<string, Departure>();
  for (const line of page.split('\n')) {
    if (!line.startsWith('|')) continue;
    const [python = '', here = '', why = ''] = line
      .split(/(?<!\\)\|/)
      .slice(1)
      .map((cell) => cell.trim());
    departures.set(python, { here, why });
  }
  return departures;
}
