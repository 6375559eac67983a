/**
 * What the hub knows about every machine that reports to it.
 *
 * The table is a service which may live in another thread or process than its caller: every method returns a promise,
 * and arguments and results are plain data.
 */
import type { Address } from '@socketserver/core';

import type { Sample } from './frame';

/** Whether a machine still reports: on time, with at least one frame missing, or with at least three. */
export type HostStatus = 'online' | 'late' | 'offline';

/** One machine. */
export interface Host {
  /** The name in its frames. */
  readonly name: string;
  /** The IP address (or the path) that it reports from, without the port, which changes with every connection. */
  readonly address: string;
  readonly status: HostStatus;
  /** The CPU's load of its last frame, in percent. */
  readonly cpu: number;
  /** The available memory of its last frame, in percent. */
  readonly memory: number;
  /** How many frames came since it is known. */
  readonly frames: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

/** What was not a frame: `malformed` had its 67 bytes, `truncated` ended before. */
export type RejectionKind = 'malformed' | 'truncated';

/** How often what happened, since the table exists. */
export interface Counters {
  /** Frames that were understood. */
  readonly frames: number;
  /** Frames that were refused for what they say. */
  readonly malformed: number;
  /** Frames of which only the beginning came. */
  readonly truncated: number;
  /** Machines that were forgotten, because they were offline and the table was full. */
  readonly forgotten: number;
  /** Frames of unknown machines that were left out, because the table was full of machines that still report. */
  readonly leftOut: number;
}

/** The service that handlers report to. */
export abstract class HostTable {
  /** Takes note of a frame. A machine is its address and its name together: names alone are cut to ten characters. */
  abstract report(peer: Address, sample: Sample): Promise<void>;
  /** Takes note of something that was not a frame. */
  abstract reject(peer: Address, kind: RejectionKind): Promise<void>;
  /** Every known machine, in the order in which they were first seen. */
  abstract list(): Promise<Host[]>;
  /** How often what happened. */
  abstract counters(): Promise<Counters>;
}
