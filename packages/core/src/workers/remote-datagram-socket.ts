/**
 * The server's socket, as handlers of datagrams have it in a worker.
 *
 * ```
 *   worker                                            server's process
 *   sendto(bytes, address) ──── reply ────▶ socket.sendto(bytes, address) ──▶ kernel
 *        resolves, or throws ◀─ replied ───────┘
 * ```
 */
import { type Address, DatagramSocket, UnsupportedError, familyOf, systemError, tolerant } from '@socketserver/socket';

import { fromWire } from '../remote/wire-error';
import type { RepliedMessage, ReplyMessage } from './messages';
import { ownBytes } from './packet-parcel';

/** Bytes on their way to the server: 16 MiB, as many as its socket takes. More come only from sends that nobody awaits. */
const REPLY_LIMIT = 16_777_216;
/** Bytes that a datagram on its way counts beside its own. */
const REPLY_COST = 256;

/** Somebody who waits until the server has sent something. */
interface Waiting {
  readonly length: number;
  readonly resolve: (length: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends by the server's socket, and knows its address. What else one can do with a socket is for the server to do: it is
 * refused here. One for all requests of a worker, as there is one socket.
 */
export class RemoteDatagramSocket extends DatagramSocket {
  readonly #address: Address;
  readonly #post: (message: ReplyMessage) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastReply = 0;
  /** Bytes on their way. */
  #sending = 0;

  /** @param post sends a message to the server; throws when it cannot be cloned */
  constructor(serverAddress: Address, post: (message: ReplyMessage) => void) {
    super(familyOf(serverAddress));
    this.#address = serverAddress;
    this.#post = post;
  }

  /** Resolves when the server's socket has sent it, and rejects with its error. */
  override sendto(data: Uint8Array | string, address: Address): Promise<number> {
    try {
      return this.#reply(data, address);
    } catch (error) {
      return tolerant(Promise.reject(error));
    }
  }

  #reply(data: Uint8Array | string, to: Address): Promise<number> {
    if (this.closed) throw this.closedError('sendto');
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (!(bytes instanceof Uint8Array)) throw new UnsupportedError('sendto: give bytes or text', 'EINVAL');
    const { length } = bytes;
    if (this.#sending + length + REPLY_COST > REPLY_LIMIT) throw systemError('ENOBUFS', 'sendto', to);
    const reply = (this.#lastReply += 1);
    try {
      this.#post({ type: 'reply', reply, data: ownBytes(bytes), to });
    } catch (cause) {
      throw new UnsupportedError('sendto: the address is none; give [host, port] or a path', 'EINVAL', { cause });
    }
    this.#sending += length + REPLY_COST;
    // A forgotten `await` must not end the worker.
    return tolerant(
      new Promise((resolve, reject) => {
        this.#waiting.set(reply, { length, resolve, reject });
      }),
    );
  }

  /** To be given every message of that type from the server. */
  replied({ reply, thrown }: RepliedMessage): void {
    const waiting = this.#waiting.get(reply);
    if (waiting === undefined) return;
    this.#waiting.delete(reply);
    this.#sending -= waiting.length + REPLY_COST;
    if (thrown === undefined) waiting.resolve(waiting.length);
    else waiting.reject(fromWire(thrown));
  }

  /** The server has gone: nothing is sent any more. */
  disconnected(): void {
    super.close();
    for (const { reject } of this.#waiting.values()) reject(this.closedError('sendto'));
    this.#waiting.clear();
  }

  override getsockname(): Address {
    return this.#address;
  }

  override async bind(): Promise<never> {
    throw refused('bind');
  }
  override async connect(): Promise<never> {
    throw refused('connect');
  }
  /** For `recvfrom()` and `recv()` as well. */
  override recvNow(): never {
    throw refused('recvfrom');
  }
  override setBroadcast(): never {
    throw refused('setBroadcast');
  }
  override setTTL(): never {
    throw refused('setTTL');
  }
  override addMembership(): never {
    throw refused('addMembership');
  }
  override dropMembership(): never {
    throw refused('dropMembership');
  }
  override close(): never {
    throw refused('close');
  }
  override abort(): never {
    throw refused('abort');
  }
}

function refused(operation: string): UnsupportedError {
  const message = `${operation}: this socket belongs to the server, which runs elsewhere; a handler can sendto() by it`;
  return new UnsupportedError(message, 'EOPNOTSUPP', { operation });
}
