import { type Address, Clock, inject, injectable, SETTINGS } from '@socketserver/core';

import type { Sample } from './frame';
import { type Counters, type Host, type HostStatus, HostTable, type RejectionKind } from './host-table';
import type { MonitorSettings } from './settings';

/** Milliseconds between two frames of one agent. */
export const FRAME_INTERVAL = 3000;

/** Milliseconds that a frame may be late before it counts as missed: networks and machines are not clockwork. */
const GRACE = FRAME_INTERVAL / 2;

/**
 * The table in memory, with at most `maxHosts` machines.
 *
 * When it is full, a new machine takes the place of the one that has been silent the longest, if that one is offline.
 * Otherwise it is left out and counted: a peer that invents names cannot push out machines that still report.
 *
 * Status comes from the time of the last frame alone. A connection that closes makes nobody offline, and one that stays
 * open without frames keeps nobody online.
 */
@injectable()
export class MemoryHostTable extends HostTable {
  /** By identity; the one that has been silent the longest comes first. */
  readonly #hosts = new Map<string, Entry>();
  readonly #counters = { frames: 0, malformed: 0, truncated: 0, forgotten: 0, leftOut: 0 };
  #seen = 0;

  constructor(
    private readonly clock: Clock,
    @inject(SETTINGS) private readonly settings: MonitorSettings,
  ) {
    super();
  }

  override async report(peer: Address, { host: name, cpu, memory }: Sample): Promise<void> {
    this.#counters.frames += 1;
    const address = typeof peer === 'string' ? peer : peer[0];
    const identity = `${address} ${name}`;
    const known = this.#hosts.get(identity);
    if (known === undefined && !this.#makeRoom()) {
      this.#counters.leftOut += 1;
      return;
    }
    const date = this.clock.date();
    const entry = known ?? { number: this.#seen++, name, address, firstSeen: date, frames: 0 };
    const { frames } = entry;
    // Taken out and put back, to become the last in the order.
    this.#hosts.delete(identity);
    this.#hosts.set(
      identity,
      Object.assign(entry, { cpu, memory, frames: frames + 1, lastSeen: date, lastSeenAt: this.clock.now() }),
    );
  }

  override async reject(_peer: Address, kind: RejectionKind): Promise<void> {
    this.#counters[kind] += 1;
  }

  override async list(): Promise<Host[]> {
    return [...this.#hosts.values()]
      .sort((a, b) => a.number - b.number)
      .map((entry) => ({
        name: entry.name,
        address: entry.address,
        status: this.#status(entry),
        cpu: entry.cpu,
        memory: entry.memory,
        frames: entry.frames,
        firstSeen: entry.firstSeen,
        lastSeen: entry.lastSeen,
      }));
  }

  override async counters(): Promise<Counters> {
    return { ...this.#counters };
  }

  #status({ lastSeenAt }: Entry): HostStatus {
    const missed = Math.floor((this.clock.now() - lastSeenAt - GRACE) / FRAME_INTERVAL);
    return missed < 1 ? 'online' : missed < 3 ? 'late' : 'offline';
  }

  #makeRoom(): boolean {
    if (this.#hosts.size < this.settings.maxHosts) return true;
    const [silent] = this.#hosts;
    if (silent === undefined || this.#status(silent[1]) !== 'offline') return false;
    this.#counters.forgotten += 1;
    return this.#hosts.delete(silent[0]);
  }
}

interface Entry {
  /** Counts machines in the order in which they were first seen. */
  readonly number: number;
  readonly name: string;
  readonly address: string;
  readonly cpu: number;
  readonly memory: number;
  readonly frames: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  /** The clock's milliseconds at the last frame. The date can be set back; this cannot. */
  readonly lastSeenAt: number;
}
