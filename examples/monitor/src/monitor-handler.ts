import { formatAddress, injectable, Logger, MessageHandler, Output } from '@socketserver/core';
import { type Codec, type Decoder, fixedLength, type FramingError, TruncatedMessageError } from '@socketserver/framing';

import { type Frame, frame, FRAME_SIZE, type Sample } from './frame';
import { HostTable, type RejectionKind } from './host-table';

const frames = fixedLength(FRAME_SIZE, frame);

/**
 * Serves one agent: prints each of its frames as it came, and keeps the table up to date.
 *
 * What is not a frame is counted, logged with its bytes in hex, and ends this connection: after a wrong byte there is no
 * telling where the next frame begins.
 */
@injectable()
export class MonitorHandler extends MessageHandler<Frame, Sample> {
  #decoder: Decoder<Frame> | undefined;
  #hasRefused = false;

  /** The decoder is kept, to see what is left in it when a connection breaks off. */
  override readonly codec: Codec<Frame, Sample> = {
    decoder: () => (this.#decoder = frames.decoder()),
    encode: (sample) => frames.encode(sample),
  };

  constructor(
    private readonly hosts: HostTable,
    private readonly output: Output,
    private readonly logger: Logger,
  ) {
    super();
  }

  override onMessage({ text, host, cpu, memory }: Frame): Promise<void> {
    // The lecture notes print the message and an empty line. The parser has refused every control character.
    this.output.write(`${text}\n\n`);
    return this.hosts.report(this.clientAddress, { host, cpu, memory });
  }

  override onFramingError(error: FramingError): Promise<void> {
    const kind = error instanceof TruncatedMessageError ? 'truncated' : 'malformed';
    return this.#refuse(kind, error.bytes, error.message);
  }

  /** Half a frame can also end by a reset or by a deadline, which the codec does not see. */
  override async finish(): Promise<void> {
    const rest = this.#decoder?.take();
    if (rest === undefined || rest.length === 0 || this.#hasRefused || this.signal.aborted) return;
    await this.#refuse('truncated', rest, `the connection ended ${rest.length} bytes into a frame`);
  }

  async #refuse(kind: RejectionKind, bytes: Buffer, reason: string): Promise<void> {
    this.#hasRefused = true;
    const fields = { peer: formatAddress(this.clientAddress), reason, bytes: hex(bytes) };
    this.logger.warn(fields, `refused a ${kind} frame`);
    await this.hosts.reject(this.clientAddress, kind);
  }
}

/** Bytes as two digits each, such as `48 6f 73 74`. */
function hex(bytes: Buffer): string {
  return bytes.toString('hex').replace(/..(?!$)/g, '$& ');
}
