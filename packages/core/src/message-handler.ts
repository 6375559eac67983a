import type { Codec, Decoder, FramingError } from '@socketserver/framing';
import { type Socket, tolerant } from '@socketserver/socket';

import { BaseRequestHandler } from './base-request-handler';
import { isProtocolError } from './close-reason';
import { type DatagramRequest, isDatagram } from './datagram-request';
import { HandlerError } from './errors';

/** Bytes asked of the socket at a time. */
const CHUNK = 65_536;

/** Sends one message; resolves when the kernel has all of it. */
export type Send<Out> = (message: Out) => Promise<void>;

/** What an upgrade put in the place of `codec` and `onMessage()`. */
interface Upgrade {
  readonly decoder: Decoder<unknown>;
  readonly onMessage: (message: unknown) => void | Promise<void>;
}

/**
 * A handler for protocols that are made of messages: the codec finds them in the bytes, one method answers them.
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
 * The same class serves streams and datagrams. A datagram holds whole messages, one or more, and an answer is a datagram.
 *
 * @typeParam In what arrives
 * @typeParam Out what is sent
 */
export abstract class MessageHandler<In, Out = In> extends BaseRequestHandler<Socket | DatagramRequest> {
  /** Between bytes and messages. */
  abstract readonly codec: Codec<In, Out>;

  /** What was wrong with what the peer sent, once something was. */
  protocolError: FramingError | null = null;

  #decoder!: Decoder<unknown>;
  #upgrade: Upgrade | null = null;
  #hasPartialMessage = false;

  /** Handles one message. */
  abstract onMessage(message: In): void | Promise<void>;

  /** Sends one message; resolves when the kernel has all of it. */
  send(message: Out): Promise<void> {
    return this.#sendBytes(this.codec.encode(message));
  }

  /**
   * Goes on with another codec and another method, from the first byte behind the current message: for a protocol that
   * changes in the middle of a stream. Call it from within `onMessage()`, from the `onMessage` of an earlier upgrade, or from
   * `setup()`.
   *
   * ```ts
   * override onMessage(line: string) {
   *   if (line === 'DATA') this.upgrade(delimiter('\r\n.\r\n'), (mail) => this.deliver(mail));
   * }
   * ```
   *
   * To go back, upgrade to `this.codec`.
   *
   * @param onMessage handles one message of the new protocol
   * @returns a function that sends one; `this.send()` still sends those of `this.codec`
   */
  protected upgrade<NextIn, NextOut = NextIn>(
    codec: Codec<NextIn, NextOut>,
    onMessage: (message: NextIn, send: Send<NextOut>) => void | Promise<void>,
  ): Send<NextOut> {
    const send: Send<NextOut> = (message) => this.#sendBytes(codec.encode(message));
    const decoder = codec.decoder();
    const rest = (this.#decoder as Decoder<unknown> | undefined)?.take() ?? NOTHING;
    if (rest.length > 0) decoder.feed(rest);
    this.#decoder = decoder;
    this.#upgrade = { decoder, onMessage: (message) => onMessage(message as NextIn, send) };
    return send;
  }

  /**
   * Called when the peer has sent what is not a message, or ended in the middle of one. The connection ends after it,
   * with the reason `protocol-error`. May be overridden; by default it throws, and `handleError()` is told.
   */
  onFramingError(error: FramingError): void | Promise<void> {
    throw error;
  }

  /**
   * Receives, decodes and dispatches until the stream ends. A message that is not whole is ended by silence, if the
   * codec's decoder has it so (`Decoder.silence`). May be extended, do not override.
   */
  override handle(): Promise<void> {
    const { request } = this;
    // A protocol may change before it begins, in setup().
    if (this.#upgrade === null) this.#decoder = this.#makeDecoder();
    return isDatagram(request) ? this.#handlePacket(request[0]) : this.#handleStream(request);
  }

  override get isBetweenMessages(): boolean {
    const { request } = this;
    return !isDatagram(request) && request.receiving && request.buffered === 0 && !this.#hasPartialMessage;
  }

  async #handleStream(socket: Socket): Promise<void> {
    try {
      for (;;) {
        const { silence } = this.#decoder;
        const isTimed = silence !== undefined && this.#hasPartialMessage;
        const chunk = await (isTimed ? socket.recvWithin(CHUNK, silence) : socket.recv(CHUNK));
        const isOver = chunk?.length === 0;
        // It has ended the stream itself, and then half a message is nobody's mistake.
        if (isOver && this.hasLeft) return;
        if (chunk === null) this.#decoder.lapse?.();
        else if (isOver) this.#decoder.end();
        else this.#decoder.feed(chunk);

        for (let message = this.#decoder.next(); message !== undefined; message = this.#decoder.next()) {
          // The time that onMessage() takes is not the peer's.
          socket.observer?.partial(false);
          const handled = this.#dispatch(message);
          if (handled !== undefined) await handled;
        }
        if (isOver) return;

        const isPartial = (this.#hasPartialMessage = this.#decoder.buffered > 0);
        socket.observer?.partial(isPartial);
        if (this.isDraining && !isPartial) return await this.leave();
      }
    } catch (error) {
      await this.#failed(error);
    }
  }

  async #handlePacket(packet: Buffer): Promise<void> {
    try {
      this.#decoder.feed(packet);
      for (let isOver = false; ; isOver = true) {
        for (let message = this.#decoder.next(); message !== undefined; message = this.#decoder.next()) {
          const handled = this.#dispatch(message);
          if (handled !== undefined) await handled;
        }
        if (isOver) return;
        this.#decoder.end();
      }
    } catch (error) {
      await this.#failed(error);
    }
  }

  #makeDecoder(): Decoder<unknown> {
    const codec = this.codec as Partial<Codec<unknown>> | undefined;
    if (typeof codec?.decoder === 'function') return codec.decoder();
    throw new HandlerError(`${this.constructor.name} has no codec; give it one: override readonly codec = lines()`);
  }

  #failed(error: unknown): void | Promise<void> {
    if (!isProtocolError(error)) throw error;
    this.protocolError = error;
    return this.onFramingError(error);
  }

  #dispatch(message: unknown): void | Promise<void> {
    return this.#upgrade === null ? this.onMessage(message as In) : this.#upgrade.onMessage(message);
  }

  #sendBytes(bytes: Uint8Array): Promise<void> {
    const { request } = this;
    if (!isDatagram(request)) return request.sendall(bytes);
    // Who does not await it is not ended by a peer that has gone.
    return tolerant(request[1].sendto(bytes, this.clientAddress).then(nothing));
  }
}

const NOTHING = Buffer.alloc(0);
const nothing = (): void => undefined;
