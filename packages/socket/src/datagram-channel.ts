import type { Address } from './address';

/** What carries the datagrams of a `DatagramSocket`: `inet-datagrams.ts` or `unix-datagrams.ts`. Open from the start. */
export interface DatagramChannel {
  /** The address of this end. */
  readonly address: Address;
  /** Whether nothing waits for the kernel to take it. */
  readonly isDrained: boolean;
  fileno(): number;
  /**
   * From now on only this peer's datagrams come, and it is where `send(data, null)` goes. Replaces an earlier one,
   * also when it fails. Resolves with its address in numbers.
   */
  connect(address: Address): Promise<Address>;
  /**
   * Sends a datagram, and calls `done` once, at once or later.
   *
   * @param to `null`: the peer of {@link connect}
   * @param timeout milliseconds to wait for room at the receiver; 0: do not wait; `null`: no limit
   */
  send(data: Uint8Array, to: Address | null, timeout: number | null, done: SendCallback): void;
  /**
   * Datagrams given to {@link send} before still leave, where that needs no wait; the others are called back with an error.
   *
   * @param isSending some were not called back yet
   */
  close(isSending: boolean): void;
}

export type SendCallback = (error: unknown) => void;

/** Who is told what comes by a {@link DatagramChannel}. */
export interface DatagramReceiver {
  received(data: Buffer, from: Address): void;
  /** An error that belongs to no send. */
  failed(error: unknown): void;
}

/** How to bind a datagram socket. */
export interface DatagramBindOptions {
  /** An IPv6 socket takes IPv4 datagrams as well; their senders are `::ffff:127.0.0.1` and the like. @default false */
  readonly dualStack?: boolean | undefined;
  /** Another socket may take a port that is in use (SO_REUSEADDR): for multicast. @default false */
  readonly reuseAddress?: boolean | undefined;
  /** Several sockets share the datagrams of a port (SO_REUSEPORT). Needs Node 22.12, or 23.1 or later. @default false */
  readonly reusePort?: boolean | undefined;
  /** Before binding at a path: remove the file of a socket that nobody uses any more. @default false */
  readonly removeStale?: boolean | undefined;
  /** Hears of errors that no operation waited for. @default they are kept for the next operation */
  readonly onError?: ((error: Error) => void) | undefined;
}
