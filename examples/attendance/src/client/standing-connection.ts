/**
 * A connection that stands until it is told not to: made when it is needed, watched, and made again when it is lost.
 *
 * ```
 *           ┌───────── back-off, 1 s to 15 s ─────────┐
 *           ▼                                         │
 *       connect ──▶ request, reply, request, … ──▶ the server is gone
 * ```
 */
import { BackOff } from '@socketserver/host';
import { type Address, type Clock, SocketError, systemClock } from '@socketserver/socket';

import { AttendanceClient } from './attendance-client';
import { GaveUpError, RequestPendingError, ServerGoneError } from './client-errors';

export interface StandingConnectionOptions {
  /** Where the server listens. */
  readonly address: Address;
  /** Ends everything when aborted. */
  readonly signal: AbortSignal;
  /** Failures in a row, without a reply between them, after which it gives up. @default Infinity */
  readonly attempts?: number | undefined;
  /** @default new BackOff() */
  readonly backOff?: BackOff | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Is told of every change, once: not of every attempt. */
  readonly onEvent?: ((event: ConnectionEvent) => void) | undefined;
}

/** What happened to a connection. */
export type ConnectionEvent =
  /** The first attempt failed. */
  | { readonly type: 'unreachable'; readonly error: unknown }
  /** A connection that stood is over. */
  | { readonly type: 'lost'; readonly error: unknown }
  /** There is a connection after one of the two above. */
  | { readonly type: 'restored' }
  /** The last attempt failed. */
  | { readonly type: 'gave-up'; readonly error: unknown; readonly attempts: number };

/** A reply, and how it came. */
export interface Answer {
  readonly reply: string;
  /** The request was sent more than once, because the connection was lost before its reply. */
  readonly isRepeated: boolean;
}

export class StandingConnection {
  readonly #options: StandingConnectionOptions;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  /** The connection that stands, or is being made. */
  #client: Promise<AttendanceClient> | null = null;
  #failures = 0;
  #isConnected = false;
  #told: ConnectionEvent['type'] | null = null;

  constructor(options: StandingConnectionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#backOff = options.backOff ?? new BackOff();
  }

  /** Whether there is a connection now. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /**
   * Resolves when there is a connection.
   *
   * @throws {GaveUpError} after `attempts` failures
   * @throws the signal's reason when it aborts
   */
  async ready(): Promise<void> {
    await this.#standing();
  }

  /**
   * Sends a request as soon as there is a connection, and resolves with its reply.
   *
   * @param isRepeatable whether to send it again, on the next connection, when one is lost before the reply: only what has
   *   the same effect twice as once
   * @throws {SocketError | ServerGoneError} when the connection is lost before the reply, and it is not repeatable
   * @throws {RequestPendingError} at once, when the reply to another is still to come
   * @throws {AttendanceError} as {@link AttendanceClient.request} does
   * @throws {GaveUpError} after `attempts` failures
   * @throws the signal's reason when it aborts
   */
  async request(text: string, isRepeatable: boolean): Promise<Answer> {
    for (let isRepeated = false; ; isRepeated = true) {
      const client = await this.#standing();
      try {
        const reply = await client.request(text);
        this.#failures = 0;
        this.#backOff.reset();
        return { reply, isRepeated };
      } catch (error) {
        // Nothing was sent, and nothing is lost.
        if (error instanceof RequestPendingError) throw error;
        // First its loss is told and mended, then whoever asked hears of it.
        await client.ended;
        this.#options.signal.throwIfAborted();
        if (!isRepeatable || !(error instanceof SocketError || error instanceof ServerGoneError)) throw error;
      }
    }
  }

  #standing(): Promise<AttendanceClient> {
    this.#options.signal.throwIfAborted();
    return (this.#client ??= this.#connect());
  }

  async #connect(): Promise<AttendanceClient> {
    const { address, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      try {
        const client = await AttendanceClient.connect(address, { signal, clock: this.#clock });
        this.#watch(client, signal);
        return client;
      } catch (error) {
        signal.throwIfAborted();
        this.#failed('unreachable', error);
      }
      await this.#pause(signal);
    }
  }

  #watch(client: AttendanceClient, signal: AbortSignal): void {
    const close = (): void => client.close();
    signal.addEventListener('abort', close);
    if (this.#told !== null) this.#tell({ type: 'restored' });
    this.#told = null;
    this.#isConnected = true;
    void client.ended.then((error) => {
      signal.removeEventListener('abort', close);
      this.#isConnected = false;
      if (signal.aborted) return;
      this.#client = this.#again(error, signal);
      // Whoever asks next hears what came of it; it may be that nobody asks.
      this.#client.catch(() => undefined);
    });
  }

  async #again(error: unknown, signal: AbortSignal): Promise<AttendanceClient> {
    this.#failed('lost', error);
    await this.#pause(signal);
    return this.#connect();
  }

  /** @throws {GaveUpError} when it was the last attempt */
  #failed(type: 'unreachable' | 'lost', error: unknown): void {
    const { attempts = Infinity } = this.#options;
    this.#failures += 1;
    if (this.#told === null) this.#tell({ type, error });
    if (this.#failures < attempts) return;
    this.#tell({ type: 'gave-up', error, attempts });
    throw new GaveUpError(attempts, { cause: error });
  }

  #tell(event: ConnectionEvent): void {
    this.#told = event.type;
    this.#options.onEvent?.(event);
  }

  /** Waits before the next attempt; rejects with the signal's reason when it aborts. */
  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        timer.cancel();
        reject(signal.reason);
      };
      const timer = this.#clock.setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, this.#backOff.next());
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
  }
}
