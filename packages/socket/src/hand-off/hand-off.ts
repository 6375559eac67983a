/**
 * Handing a connection over: to a worker thread (`thread-hand-off.ts`) or to a child process (`child-hand-off.ts`).
 *
 * ```
 *   server                                                      worker
 *   give(socket) ──▶ parcel ─── in any message of yours ──────▶ adopt(parcel) ──▶ its Socket
 *   workerEnded():   closes what was not adopted
 * ```
 *
 * What a listener with the option `handOver` accepts has not begun to read, so that the worker gets every byte. The peer
 * notices nothing, however the connection ends up: it gets an end or a reset when the worker closes, or ends.
 */
import { formatAddress } from '../address';
import { SocketError } from '../errors';
import type { Socket, SocketOptions } from '../socket';
import type { Given, Parcel } from './parcel';

/** Gives connections to one worker: the server's side. */
export interface HandOff {
  /** Whether one more connection may be given. Room comes back, without an event, when the worker adopts. */
  readonly hasRoom: boolean;
  /**
   * Takes the connection from its owner, for whom the socket is closed then (`isGiven`). Post the parcel: what is not
   * posted stays open until {@link workerEnded}.
   *
   * @throws {SocketError} when there is no room (`ERR_HAND_OFF_FULL`) or no descriptor left, something sent has not left
   *   yet (`EBUSY`), or the connection has ended; the socket is as it was
   */
  give(socket: Socket): Given;
  /** Closes what the worker has not adopted. Call it once the worker has ended, and give nothing afterwards. */
  workerEnded(): void;
}

/** Adopts connections in a worker. */
export interface Adopter {
  /**
   * The connection of a parcel. If its peer has reset it meanwhile, the first receive says so.
   *
   * @throws {SocketStateError} when there is nothing to adopt
   */
  adopt(parcel: Parcel, options?: SocketOptions): Socket;
}

/** The error of a `give()` to a worker that does not come to adopt. */
export function noRoom(socket: Socket, size: number): SocketError {
  const address = socket.getpeername();
  const message = `hand over ${formatAddress(address)}: the worker has ${size} connections to adopt; choose another, or wait`;
  return new SocketError(message, 'ERR_HAND_OFF_FULL', { operation: 'hand over', address });
}
