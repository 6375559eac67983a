import type { Peer } from '@socketserver/testing';

/** The next line that comes, without its end; what there is of it when the connection ends before. */
export async function line(peer: Peer): Promise<string> {
  for (let text = ''; ;) {
    const byte = String(await peer.read(1));
    if (byte === '\n' || byte === '') return text;
    text += byte;
  }
}

/** Sends a line, and reads one. */
export async function ask(peer: Peer, order: string): Promise<string> {
  await peer.send(`${order}\n`);
  return line(peer);
}
