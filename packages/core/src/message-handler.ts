import type { Codec, FramingError } from '@socketserver/framing';

import { BaseRequestHandler } from './base-request-handler';
import { isProtocolError } from './close-reason';

/** Bytes asked of the socket at a time. */
const CHUNK = 65_536;

/**
 * A handler for protocols that are made of messages: the codec finds them in the stream, one method answers them.
 *
 * ```ts
 * class Shout extends MessageHandler<string> {
 *   override readonly codec = lines();
 *   override onMessage(line: string) {
 *     return this.send(line.toUpperCase());
 *   }
 * }
 * ```
 *
 * Messages are handled one after the other: the next one waits until `onMessage()` is done, and so does the peer.
 *
 * @typeParam In what arrives
 * @typeParam Out what is sent
 */
export abstract class MessageHandler<In, Out = In> extends BaseRequestHandler {
  /** Between bytes and messages. */
  abstract readonly codec: Codec<In, Out>;

  /** What was wrong with what the peer sent, once something was. */
  protocolError: FramingError | null = null;

  #hasPartialMessage = false;

  /** Handles one message. */
  abstract onMessage(message: In): void | Promise<void>;

  /** Sends one message; resolves when the kernel has all of it. */
  send(message: Out): Promise<void> {
    return this.request.sendall(this.codec.encode(message));
  }

  /**
   * Called when the peer has sent what is not a message, or ended in the middle of one. The connection ends after it,
   * with the reason `protocol-error`. May be overridden; by default it throws, and `handleError()` is told.
   */
  onFramingError(error: FramingError): void | Promise<void> {
    throw error;
  }

  /** Receives, decodes and dispatches until the stream ends. May be extended, do not override. */
  override async handle(): Promise<void> {
    const { request } = this;
    const decoder = this.codec.decoder();
    try {
      for (;;) {
        const chunk = await request.recv(CHUNK);
        const isOver = chunk.length === 0;
        // It has ended the stream itself, and then half a message is nobody's mistake.
        if (isOver && this.hasLeft) return;
        if (isOver) decoder.end();
        else decoder.feed(chunk);

        for (let message = decoder.next(); message !== undefined; message = decoder.next()) {
          // The time that onMessage() takes is not the peer's.
          request.observer?.partial(false);
          const handled = this.onMessage(message);
          if (handled !== undefined) await handled;
        }
        if (isOver) return;

        const isPartial = (this.#hasPartialMessage = decoder.buffered > 0);
        request.observer?.partial(isPartial);
        if (this.isDraining && !isPartial) return await this.leave();
      }
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      this.protocolError = error;
      await this.onFramingError(error);
    }
  }

  override get isBetweenMessages(): boolean {
    return this.request.receiving && this.request.buffered === 0 && !this.#hasPartialMessage;
  }
}
