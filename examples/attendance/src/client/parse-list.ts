const item = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs;

/**
 * The strings of the list that a reply ends with, as Python writes it: `['042191010', '205182055']`.
 *
 * @returns undefined when it does not end with one
 */
export function parseList(reply: string): string[] | undefined {
  const start = reply.indexOf('[');
  if (start === -1 || !reply.endsWith(']')) return undefined;
  const items = reply.slice(start).matchAll(item);
  return Array.from(items, ([, single, double]) => (single ?? double ?? '').replace(/\\(.)/gs, '$1'));
}
