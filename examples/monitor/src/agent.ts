/**
 * The agent: reports one machine to a hub, for as long as it is let.
 *
 * ```
 *            ┌────────── back-off, 1 s to 15 s ──────────┐
 *            ▼                                           │
 *        connect ──▶ frame, frame, frame, … ──▶ the hub is gone
 * ```
 *
 * Nothing that the network does ends it: a hub that is not there yet, goes away, or stops reading is a normal case. The
 * hub never says anything, so the agent reads only to notice the end. A hub that vanishes without a word (a pulled
 * plug) is noticed when the operating system gives up on the bytes that it sent.
 */
import { BackOff } from '@socketserver/host';
import {
  type Address,
  type Clock,
  createConnection,
  gethostname,
  type Socket,
  systemClock,
} from '@socketserver/socket';

import { SendTimeoutError, ServerGoneError } from './errors';
import { asciiHost, frame } from './frame';
import type { Probe, Reading } from './probe';
import { Schedule, sleep } from './schedule';

export interface AgentOptions {
  /** Where the hub listens. */
  readonly address: Address;
  readonly probe: Probe;
  /** This machine's name; as much of it is sent as a frame holds. @default gethostname() */
  readonly name?: string | undefined;
  /** Milliseconds between two frames. @default 3000 */
  readonly interval?: number | undefined;
  /** Milliseconds that connecting, and sending one frame, may take. @default 10000 */
  readonly timeout?: number | undefined;
  /** @default new BackOff() */
  readonly backOff?: BackOff | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Is told of every change, once: not of every attempt. */
  readonly onEvent?: ((event: AgentEvent) => void) | undefined;
}

/** What happened to an agent. */
export type AgentEvent =
  /** Frames flow from now on. */
  | { readonly type: 'connected'; readonly localAddress: Address }
  /** The first attempt failed; silence follows until one succeeds. */
  | { readonly type: 'unreachable'; readonly error: unknown }
  /** A connection that stood is over. */
  | { readonly type: 'lost'; readonly error: unknown }
  /** The machine could not be read; silence follows until it can. */
  | { readonly type: 'probe-failed'; readonly error: unknown };

/** Frames after which a connection counts as sound, so that the next wait is short again. */
const SOUND = 2;

export class Agent {
  /** The name as the hub sees it. */
  readonly host: string;
  /** Where the hub listens. */
  readonly address: Address;

  readonly #probe: Probe;
  readonly #interval: number;
  readonly #timeout: number;
  readonly #backOff: BackOff;
  readonly #clock: Clock;
  readonly #tell: (event: AgentEvent) => void;
  #told: AgentEvent['type'] | undefined;
  #probeFails = false;

  constructor(options: AgentOptions) {
    this.address = options.address;
    this.host = asciiHost(options.name ?? gethostname());
    this.#probe = options.probe;
    this.#interval = options.interval ?? 3000;
    this.#timeout = options.timeout ?? 10_000;
    this.#backOff = options.backOff ?? new BackOff();
    this.#clock = options.clock ?? systemClock;
    this.#tell = options.onEvent ?? (() => undefined);
  }

  /** Reports until the signal aborts; then resolves, with the connection closed. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const socket = await createConnection(this.address, { timeout: this.#timeout, signal });
        await this.#useConnection(socket, signal);
      } catch (error) {
        if (!signal.aborted) this.#failed(error);
      }
      await sleep(this.#clock, this.#backOff.next(), signal).catch(() => undefined);
    }
  }

  /** Sends until something ends it, and rejects with what that was. Closes the socket. */
  async #useConnection(socket: Socket, signal: AbortSignal): Promise<void> {
    this.#told = 'connected';
    this.#tell({ type: 'connected', localAddress: socket.getsockname() });
    const over = new AbortController();
    const stop = () => over.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await Promise.race([rejection(over.signal), untilEnd(socket), this.#report(socket, over)]);
    } finally {
      signal.removeEventListener('abort', stop);
      over.abort();
      // A hub that does not read would keep a closing socket open for as long as it likes.
      if (socket.writable) socket.close();
      else socket.abort();
    }
  }

  async #report(socket: Socket, over: AbortController): Promise<never> {
    const schedule = new Schedule(this.#clock, this.#interval);
    for (let sent = 0; ;) {
      const reading = await this.#read();
      if (reading !== undefined) {
        await this.#send(socket, frame.format({ host: this.host, ...reading }), over);
        sent += 1;
        if (sent === SOUND) this.#backOff.reset();
      }
      await schedule.next(over.signal);
    }
  }

  async #read(): Promise<Reading | undefined> {
    try {
      const reading = await this.#probe.read();
      this.#probeFails = false;
      return reading;
    } catch (error) {
      if (!this.#probeFails) this.#tell({ type: 'probe-failed', error });
      this.#probeFails = true;
      return undefined;
    }
  }

  async #send(socket: Socket, bytes: Uint8Array, over: AbortController): Promise<void> {
    const timer = this.#clock.setTimeout(() => over.abort(new SendTimeoutError(this.#timeout)), this.#timeout);
    try {
      await socket.sendall(bytes);
    } finally {
      timer.cancel();
    }
  }

  #failed(error: unknown): void {
    const type = this.#told === 'connected' ? 'lost' : 'unreachable';
    if (type === this.#told || (this.#told === 'lost' && type === 'unreachable')) return;
    this.#told = type;
    this.#tell({ type, error });
  }
}

/** Reads, and throws away what comes, until the stream ends. */
async function untilEnd(socket: Socket): Promise<never> {
  while ((await socket.recv(1024)).length > 0);
  throw new ServerGoneError();
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}
