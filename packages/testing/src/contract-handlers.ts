import {
  BaseRequestHandler,
  type DatagramRequest,
  DatagramRequestHandler,
  MessageHandler,
  StreamRequestHandler,
} from '@socketserver/core';
import { raw } from '@socketserver/framing';

/** What a handler of the contract does with its server's end of things. */
interface Obedient {
  readonly signal: AbortSignal;
}

const forEver = (): Promise<never> => new Promise(() => undefined);

/**
 * What the peer can ask for instead of an echo: an error (`throw`), a handler that never ends (`hang`; it says `hung`), and
 * one that waits until the server drains (`wait`; it says `waiting`, and then `bye`).
 *
 * @param say sends an answer at once
 * @returns what to answer last
 */
async function obey(
  text: string,
  { signal }: Obedient,
  say: (answer: string) => Promise<unknown>,
): Promise<string | null> {
  if (text === 'throw\n') throw new RangeError('the peer asked for it');
  if (text === 'hang\n') {
    await say('hung\n');
    await forEver();
  }
  if (text !== 'wait\n') return null;
  const draining = new Promise((resolve) => signal.addEventListener('abort', resolve));
  await say('waiting\n');
  await draining;
  return 'bye\n';
}

/** Python's classic: `recv` and `sendall`. */
class PlainEcho extends BaseRequestHandler {
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
class LineEcho extends StreamRequestHandler {
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
class MessageEcho extends MessageHandler<Buffer, Uint8Array> {
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
class PacketEcho extends BaseRequestHandler<DatagramRequest> {
  override async handle(): Promise<void> {
    const [packet, socket] = this.request;
    const answer = await obey(String(packet), this, (text) => socket.sendto(text, this.clientAddress));
    await socket.sendto(answer ?? packet, this.clientAddress);
  }
}

/** A packet read and written like a file. */
class PacketFileEcho extends DatagramRequestHandler {
  override async handle(): Promise<void> {
    const packet = await this.rfile.read();
    const answer = await obey(String(packet), this, (text) => this.socket.sendto(text, this.clientAddress));
    await this.wfile.write(answer ?? packet);
  }
}

/** A way to write a handler: an echo that obeys. */
export interface HandlerKind {
  readonly kind: string;
  readonly Echo: new () => object;
  /** Whether the server can know when it is between two messages. */
  readonly knowsMessages: boolean;
}

/** One for each way to write a handler for connections. */
export const streamHandlers: readonly HandlerKind[] = [
  { kind: 'a BaseRequestHandler', Echo: PlainEcho, knowsMessages: false },
  { kind: 'a StreamRequestHandler', Echo: LineEcho, knowsMessages: true },
  { kind: 'a MessageHandler', Echo: MessageEcho, knowsMessages: true },
];

/** One for each way to write a handler for datagrams. */
export const datagramHandlers: readonly HandlerKind[] = [
  { kind: 'a BaseRequestHandler', Echo: PacketEcho, knowsMessages: false },
  { kind: 'a DatagramRequestHandler', Echo: PacketFileEcho, knowsMessages: false },
  { kind: 'a MessageHandler', Echo: MessageEcho, knowsMessages: false },
];
