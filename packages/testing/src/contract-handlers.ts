import { BaseRequestHandler, MessageHandler, StreamRequestHandler } from '@socketserver/core';
import { raw } from '@socketserver/framing';

/** What the peer can ask for instead of an echo: an error, or a handler that never ends (it says `hung` first). */
function obey(text: string): 'echo' | 'hang' {
  if (text === 'throw\n') throw new RangeError('the peer asked for it');
  return text === 'hang\n' ? 'hang' : 'echo';
}

const forEver = (): Promise<never> => new Promise(() => undefined);

/** Python's classic: `recv` and `sendall`. */
class PlainEcho extends BaseRequestHandler {
  override async handle(): Promise<void> {
    for (;;) {
      const chunk = await this.request.recv(8192);
      if (chunk.length === 0) return;
      const order = obey(String(chunk));
      await this.request.sendall(order === 'hang' ? 'hung\n' : chunk);
      if (order === 'hang') await forEver();
    }
  }
}

/** Line by line. */
class LineEcho extends StreamRequestHandler {
  override async handle(): Promise<void> {
    for await (const line of this.rfile) {
      const order = obey(String(line));
      await this.wfile.write(order === 'hang' ? 'hung\n' : line);
      if (order === 'hang') await forEver();
    }
  }
}

/** Message by message. */
class MessageEcho extends MessageHandler<Buffer, Uint8Array> {
  override readonly codec = raw();

  override async onMessage(message: Buffer): Promise<void> {
    const order = obey(String(message));
    await this.send(order === 'hang' ? Buffer.from('hung\n') : message);
    if (order === 'hang') await forEver();
  }
}

/** One echo for each way to write a handler. */
export const handlerKinds = [
  { kind: 'a BaseRequestHandler', Echo: PlainEcho },
  { kind: 'a StreamRequestHandler', Echo: LineEcho },
  { kind: 'a MessageHandler', Echo: MessageEcho },
] as const;
