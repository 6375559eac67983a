import {
  type Address,
  type Clock,
  type ClockTimer,
  createConnection,
  type Socket,
  systemClock,
} from '@socketserver/socket';

import { ReplyTimeoutError, ReplyTooLongError, RequestPendingError, ServerGoneError } from './client-errors';
import { ReplyReader } from './reply-reader';

export interface AttendanceClientOptions {
  /** Milliseconds that connecting may take. @default 10000 */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds that a whole reply may take. @default 10000 */
  readonly replyTimeout?: number | undefined;
  /** Milliseconds without a byte after which a reply is over that does not show its end: an error. @default 300 */
  readonly silence?: number | undefined;
  /** Bytes of a reply at most. @default 1048576 */
  readonly maxReply?: number | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Gives up connecting when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A request whose reply is awaited. */
interface Exchange {
  readonly reader: ReplyReader;
  readonly resolve: (reply: string) => void;
  readonly reject: (error: Error) => void;
  /** Goes off when the whole takes too long. */
  readonly limit: ClockTimer;
  /** Goes off when nothing comes; not there before something has. */
  silence: ClockTimer | null;
}

/** Bytes that are taken from the connection at once. */
const CHUNK = 65_536;
/** Milliseconds without traffic after which the system asks the server's machine if it is still there. */
const KEEP_ALIVE = 60_000;
/** Requests whose reply in fields lists students. */
const LISTING = /\/\s*(?:encerrar|consultar)\s*,professor\s*$/;

/**
 * One connection to a roll call server, for programs: a request's text goes out, its reply's text comes back.
 *
 * ```ts
 * const client = await AttendanceClient.connect(['127.0.0.1', 5050]);
 * console.log(await client.request('042191010/101,student'));
 * client.close();
 * ```
 *
 * Replies show their end only by what they say (see {@link ReplyReader}) and do not say to which request they belong:
 * there is one request at a time. What a server says when nobody asked is thrown away.
 */
export class AttendanceClient {
  /** Resolves with the reason when the connection is over, whoever ended it. Never rejects. */
  readonly ended: Promise<Error>;

  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #replyTimeout: number;
  readonly #silence: number;
  readonly #maxReply: number;
  #exchange: Exchange | null = null;
  #end: Error | null = null;

  private constructor(socket: Socket, options: AttendanceClientOptions) {
    this.#socket = socket;
    this.#clock = options.clock ?? systemClock;
    this.#replyTimeout = options.replyTimeout ?? 10_000;
    this.#silence = options.silence ?? 300;
    this.#maxReply = options.maxReply ?? 1_048_576;
    this.ended = this.#receive();
  }

  /** @throws {SocketError} of the class that fits what went wrong; nothing stays open */
  static async connect(address: Address, options: AttendanceClientOptions = {}): Promise<AttendanceClient> {
    const { clock, signal, connectTimeout: timeout = 10_000 } = options;
    const socket = await createConnection(address, { clock, signal, timeout });
    socket.setNoDelay();
    // A server whose machine vanishes says nothing; without a question nobody would notice.
    socket.setKeepAlive(true, KEEP_ALIVE);
    return new AttendanceClient(socket, options);
  }

  /**
   * Sends a request and resolves with the reply, without line breaks and spaces around it.
   *
   * The reply is text of unknown origin: escape its control characters before it is shown.
   *
   * @param text such as `101,teacher`
   * @throws {RequestPendingError} when the reply to the last one is still to come; nothing was sent
   * @throws {ServerGoneError} when the server ends the connection before the reply is whole
   * @throws {ReplyTimeoutError} when it is not whole in time; the connection is closed
   * @throws {ReplyTooLongError} when it has too many bytes; the connection is closed
   * @throws {SocketError} when the connection fails, or was closed
   */
  request(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#exchange !== null) throw new RequestPendingError();
      if (this.#end !== null) throw this.#end;
      const reader = new ReplyReader(LISTING.test(text));
      const limit = this.#clock.setTimeout(() => this.#overdue(reader), this.#replyTimeout);
      this.#exchange = { reader, resolve, reject, limit, silence: null };
      // Who reads notices as well: that is where a failure is told.
      this.#socket.sendall(text).catch((error: Error) => this.#socket.abort(error));
    });
  }

  /** Closes the connection; a reply that is awaited is given up. Idempotent. */
  close(): void {
    this.#socket.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.ended;
  }

  /** Reads for as long as there is a connection: that is how its end is noticed when nobody asks. */
  async #receive(): Promise<Error> {
    let reason: Error;
    try {
      for (;;) {
        const bytes = await this.#socket.recv(CHUNK);
        if (bytes.length === 0) break;
        if (this.#exchange !== null) this.#take(this.#exchange, bytes);
      }
      reason = new ServerGoneError(this.#exchange?.reader.text);
      // A server that answers in words of its own and leaves has answered.
      if (this.#exchange?.reader.state === 'perhaps') this.#answered(this.#exchange);
    } catch (error) {
      reason = error as Error;
    }
    this.#end = reason;
    this.#socket.close();
    this.#settle()?.reject(reason);
    return reason;
  }

  #take(exchange: Exchange, bytes: Buffer): void {
    const { reader } = exchange;
    const state = reader.push(bytes);
    exchange.silence?.cancel();
    if (reader.length > this.#maxReply) this.#socket.abort(new ReplyTooLongError(this.#maxReply));
    else if (state === 'whole') this.#answered(exchange);
    else if (state === 'perhaps') {
      exchange.silence = this.#clock.setTimeout(() => this.#answered(exchange), this.#silence);
    }
  }

  #answered({ reader, resolve }: Exchange): void {
    this.#settle();
    resolve(reader.text);
  }

  #overdue(reader: ReplyReader): void {
    this.#socket.abort(new ReplyTimeoutError(this.#replyTimeout, reader.text));
  }

  #settle(): Exchange | null {
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.limit.cancel();
    exchange?.silence?.cancel();
    return exchange;
  }
}
