import { currentLoad, mem } from 'systeminformation';

/** What a probe reads, both in percent from 0 to 100. */
export interface Reading {
  /** The CPU's load since the last reading. */
  readonly cpu: number;
  /** The memory that programs can still get, of the total. */
  readonly memory: number;
}

/** Where an agent has its numbers from. */
export interface Probe {
  /** Reads now. May reject: the agent then leaves this reading out. */
  read(): Promise<Reading>;
}

/** The machine that this process runs on. */
export class SystemProbe implements Probe {
  /** The first reading takes half a second: there is no earlier one from which the load could be counted. */
  async read(): Promise<Reading> {
    const [load, memory] = await Promise.all([currentLoad(), mem()]);
    return { cpu: load.currentLoad, memory: (memory.available / memory.total) * 100 };
  }
}
