/**
 * What threads and processes talk over: plain data, in order, both ways.
 *
 * ```
 *   server's process                       worker thread          child process
 *   PortChannel(port1 or worker)  ◀─────▶  PortChannel(port2 or parentPort)
 *   ProcessChannel(child)         ◀─────────────────────────────▶ ProcessChannel(process)
 * ```
 *
 * What is sent is cloned by the rules of the structured clone algorithm. Buffers come out of a pool: send what
 * {@link pack} makes of them, never them.
 */
import type { TransferListItem } from 'node:worker_threads';

export interface Channel {
  /** Called with each message. Set it before `start()`. It must not throw: nobody would hear of that. */
  onMessage: (message: object) => void;
  /** Called once, when nothing comes or goes any more, whoever ended that; after the last message. */
  onClose: () => void;
  readonly isClosed: boolean;

  /** Begins to receive. What came before has waited; the channel keeps the process running, unless it is unref'd. */
  start(): void;

  /**
   * Sends a message. On a closed channel nothing happens: who waits for an answer hears of the end by `onClose`.
   *
   * @param transfer what moves instead of being cloned, where that is possible: between threads
   * @throws what Node does, a `DataCloneError`, when the message cannot be cloned; nothing is sent then
   */
  post(message: object, transfer?: readonly TransferListItem[]): void;

  /** Ends it at both sides. What was posted before arrives. */
  close(): void;

  /** Keeps the process running while the channel is open: so it is at first. */
  ref(): void;
  /** Lets the process end although the channel is open. */
  unref(): void;
}
