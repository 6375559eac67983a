/**
 * What goes between a worker and the server's process for its shared services. Calls begin in the order in which they
 * were made; results come when they are there.
 */
import type { Restore } from './pack';
import type { WireThrown } from './wire-error';

/** A service, as a worker has to know it. Plain data: it belongs into what a worker is started with. */
export interface ServiceDescription {
  /** Of its token, for messages. */
  readonly name: string;
  /** Its public methods. */
  readonly methods: readonly string[];
}

/** One call. A tuple, because cloning the names of fields is half of what a small message costs. */
export type Call = [
  /** Counts up in each worker. */
  id: number,
  /** The place of the service in the server's list. */
  service: number,
  method: string,
  args: unknown[],
  restores?: readonly Restore[],
];

/** What came of one: a value, or what was thrown. */
export type Result = [id: number, value: unknown, restores?: readonly Restore[] | undefined, thrown?: WireThrown];

/** From the worker. */
export interface CallsMessage {
  readonly type: 'calls';
  readonly calls: readonly Call[];
}

/** To the worker. */
export interface ResultsMessage {
  readonly type: 'results';
  readonly results: readonly Result[];
}
