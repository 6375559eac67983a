/** Lists of addresses, as `--allow` and `--deny` take them: `10.0.0.0/8,::1`. */
import { BlockList, isIP } from 'node:net';

/** As text, with commas; as several such texts; or as Node has it. */
export type AddressList = string | readonly string[] | BlockList;

/** @returns undefined when it is no list of addresses and ranges, or an empty one */
export function readAddressList(value: unknown): BlockList | undefined {
  if (isBlockList(value)) return value;
  const entries = entriesOf(value);
  const list = new BlockList();
  return entries.length > 0 && entries.every((entry) => add(list, entry)) ? list : undefined;
}

/** The first entry of a list that is no address and no range. */
export function badEntryOf(value: unknown): string | undefined {
  const list = new BlockList();
  return entriesOf(value).find((entry) => !add(list, entry));
}

/** A list as it is typed. */
export function showAddressList({ rules }: BlockList): string {
  // Node has the newest first.
  return [...rules]
    .reverse()
    .map((rule) => rule.replace(/^\w+: IPv[46] /, ''))
    .join(',');
}

// By its method: there may be more than one class of that name in a process.
export function isBlockList(value: unknown): value is BlockList {
  return typeof value === 'object' && value !== null && 'check' in value && typeof value.check === 'function';
}

function entriesOf(value: unknown): string[] {
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  return texts.flatMap((text) => (typeof text === 'string' ? text.split(',').map((entry) => entry.trim()) : ['']));
}

/** False when it cannot be added. */
function add(list: BlockList, entry: string): boolean {
  const [address = '', prefix, ...more] = entry.split('/');
  const version = isIP(address);
  // A zone (`fe80::1%eth0`) would be dropped without a word.
  if (version === 0 || address.includes('%') || more.length > 0) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (prefix === undefined) {
    list.addAddress(address, family);
    return true;
  }
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > (version === 6 ? 128 : 32)) return false;
  list.addSubnet(address, Number(prefix), family);
  return true;
}
