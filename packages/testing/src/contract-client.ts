import type { Address } from '@socketserver/socket';

import type { Ending } from './peer';

/** What the contract needs of a client, whatever carries its bytes. `Peer` and `DatagramPeer` are such. */
export interface Client extends Disposable {
  /** What its server knows as the client's address. */
  readonly address: Address;
  /** Resolves when the kernel has `data`. */
  send(data: Uint8Array | string): Promise<void>;
  /** Exactly `n` bytes of a stream, or what is left of it; of datagrams the next one. */
  read(n: number): Promise<Buffer>;
}

/** A client with a connection. */
export interface StreamClient extends Client {
  /** Ends its own direction; it can still read. */
  end(): this;
  /** Resets the connection, where that can be done. */
  reset(): void;
  /** Everything to the end of the stream, as text. */
  readAll(): Promise<string>;
  /** Reads to the end, whatever comes, and tells how the server ended the connection. */
  ending(): Promise<Ending>;
}

/** Sends a text and reads as much of an answer. */
export async function ask(client: Client, text: string): Promise<string> {
  await client.send(text);
  return String(await client.read(text.length));
}
