/** The echoes that the contract is asked of. Workers load them from the compiled file, also when this one runs. */
import { join } from 'node:path';

import {
  BaseRequestHandler,
  type DatagramRequest,
  DatagramRequestHandler,
  MessageHandler,
  StreamRequestHandler,
} from '@socketserver/core';
import { raw } from '@socketserver/framing';

const FILE = join(__dirname, '../dist/contract-handlers.js');

/** What a handler of the contract has, besides a way to answer. */
interface Obedient {
  /** Its server's. */
  readonly signal: AbortSignal;
  /** What it says of the services of its connection, if it has any. */
  describeVisit?(): string;
}

const forEver = (): Promise<never> => new Promise(() => undefined);

/**
 * What the peer can ask for instead of an echo: an error (`throw`), a handler that never ends (`hang`; it says `hung`), and
 * one that waits until the server drains (`wait`; it says `waiting`, and then `bye`). Some can tell of their connection's
 * services (`visit`).
 *
 * @param say sends an answer at once
 * @returns what to answer last
 */
async function obey(
  text: string,
  handler: Obedient,
  say: (answer: string) => Promise<unknown>,
): Promise<string | null> {
  if (text === 'throw\n') throw new RangeError('the peer asked for it');
  if (text === 'hang\n') {
    await say('hung\n');
    await forEver();
  }
  if (text === 'visit\n') return handler.describeVisit?.() ?? null;
  if (text !== 'wait\n') return null;
  const draining = new Promise((resolve) => handler.signal.addEventListener('abort', resolve));
  await say('waiting\n');
  await draining;
  return 'bye\n';
}

/** Python's classic: `recv` and `sendall`. */
export class PlainEcho extends BaseRequestHandler {
  static override readonly module: string = FILE;

  override async handle(): Promise<void> {
    for (;;) {
      const chunk = await this.request.recv(8192);
      if (chunk.length === 0) return;
      const answer = await obey(String(chunk), this, (text) => this.request.sendall(text));
      await this.request.sendall(answer ?? chunk);
    }
  }
}

/** Line by line. */
export class LineEcho extends StreamRequestHandler {
  static override readonly module: string = FILE;

  override async handle(): Promise<void> {
    for await (const line of this.rfile) {
      const answer = await obey(String(line), this, (text) => this.wfile.write(text));
      await this.wfile.write(answer ?? line);
    }
  }

  override async goodbye(): Promise<void> {
    await this.wfile.write('goodbye\n');
  }
}

/** Message by message; over streams as over datagrams. */
export class MessageEcho extends MessageHandler<Buffer, Uint8Array> {
  static override readonly module: string = FILE;

  override readonly codec = raw();

  override async onMessage(message: Buffer): Promise<void> {
    const answer = await obey(String(message), this, (text) => this.send(Buffer.from(text)));
    await this.send(answer === null ? message : Buffer.from(answer));
  }

  override goodbye(): Promise<void> {
    return this.send(Buffer.from('goodbye\n'));
  }
}

/** Python's classic for datagrams: the packet and the socket. */
export class PacketEcho extends BaseRequestHandler<DatagramRequest> {
  static override readonly module: string = FILE;

  override async handle(): Promise<void> {
    const [packet, socket] = this.request;
    const answer = await obey(String(packet), this, (text) => socket.sendto(text, this.clientAddress));
    await socket.sendto(answer ?? packet, this.clientAddress);
  }
}

/** A packet read and written like a file. */
export class PacketFileEcho extends DatagramRequestHandler {
  static override readonly module: string = FILE;

  override async handle(): Promise<void> {
    const packet = await this.rfile.read();
    const answer = await obey(String(packet), this, (text) => this.socket.sendto(text, this.clientAddress));
    await this.wfile.write(answer ?? packet);
  }
}
