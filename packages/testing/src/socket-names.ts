import { readFileSync } from 'node:fs';

/** What the system calls a listening socket, in its tables for IP. */
const LISTENING = '0A';

/**
 * What a socket among the descriptors is, where the system tells (Linux): `tcp 127.0.0.1:9999, listening`, `unix /tmp/a`.
 *
 * Source: proc(5), `/proc/pid/net/tcp` and `/proc/pid/net/unix`.
 *
 * @param descriptor `socket:[1234]`
 */
export function nameOfSocket(descriptor: string): string {
  const inode = /\d+/.exec(descriptor)?.[0] ?? '';
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const row = rows(table).find((columns) => columns[9] === inode);
    const [host = '', port = ''] = row?.[1]?.split(':') ?? [];
    if (row === undefined) continue;
    return `${table} ${hostOf(host)}:${parseInt(port, 16)}${row[3] === LISTENING ? ', listening' : ''}`;
  }
  const row = rows('unix').find((columns) => columns[6] === inode);
  return row === undefined ? descriptor : `unix ${row[7] ?? 'without a name'}`;
}

function rows(table: string): string[][] {
  try {
    const lines = readFileSync(`/proc/self/net/${table}`, 'latin1').split('\n').slice(1);
    return lines.map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
}

/** The bytes of an address are in the order of the machine; those of IPv6 are left as they are. */
function hostOf(hex: string): string {
  return hex.length === 8 ? [...Buffer.from(hex, 'hex').reverse()].join('.') : `[${hex}]`;
}
