/** The echoes that faults are tried on, and what each of them owes its peer. */
import { BaseRequestHandler, MessageHandler, StreamRequestHandler } from '@socketserver/core';
import { fixedLength, lines } from '@socketserver/framing';

export interface FaultEcho {
  readonly name: string;
  readonly Handler: new () => object;
  /** How much of what was sent comes back, once the peer has ended its stream. What is left over is no message. */
  owed(this: void, sent: Buffer): number;
}

class ReceiveAndSend extends BaseRequestHandler {
  override async handle(): Promise<void> {
    for (let chunk = await this.request.recv(4096); chunk.length > 0; chunk = await this.request.recv(4096)) {
      await this.request.sendall(chunk);
    }
  }
}

class LineByLine extends StreamRequestHandler {
  override async handle(): Promise<void> {
    for await (const line of this.rfile) await this.wfile.write(line);
  }
}

class LineMessages extends MessageHandler<string> {
  override readonly codec = lines({ encoding: 'latin1' });

  override onMessage(line: string): Promise<void> {
    return this.send(line);
  }
}

/** Bytes of a message. A prime, so that parts and messages seldom end together. */
const SIZE = 7;

class FixedMessages extends MessageHandler<Buffer, Uint8Array> {
  override readonly codec = fixedLength(SIZE);

  override onMessage(message: Buffer): Promise<void> {
    return this.send(message);
  }
}

export const faultEchoes: readonly FaultEcho[] = [
  { name: 'recv() and sendall()', Handler: ReceiveAndSend, owed: (sent) => sent.length },
  { name: 'rfile and wfile', Handler: LineByLine, owed: (sent) => sent.length },
  { name: 'messages that are lines', Handler: LineMessages, owed: (sent) => sent.lastIndexOf(0x0a) + 1 },
  {
    name: 'messages of a fixed length',
    Handler: FixedMessages,
    owed: (sent) => sent.length - (sent.length % SIZE),
  },
];
