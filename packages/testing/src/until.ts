/** Lets the event loop go round until `condition` holds: for what no event tells. The test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
