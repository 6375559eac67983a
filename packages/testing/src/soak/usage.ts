import { readFileSync, readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';

/** What a process, or a thread of it, holds at one moment. */
export interface Usage {
  /** The numbers of the process and of the thread, which is 0 for the first one: `4711/0`. */
  readonly name: string;
  /** Of the process; 0 where the system does not tell. */
  readonly descriptors: number;
  /** Of the process, with those of Node and V8 themselves; 0 where the system does not tell. */
  readonly threads: number;
  /** Of the process; 0 where the system does not tell. */
  readonly children: number;
  /** Of the thread. */
  readonly timers: number;
  /** Bytes that the thread still needs, on its heap and outside. */
  readonly heap: number;
  /** Bytes of memory that the process has. */
  readonly resident: number;
}

/** Collects what nobody needs any more, and tells what is left. */
export async function usage(): Promise<Usage> {
  collect();
  // What finalizers let go of goes next time.
  await new Promise(setImmediate);
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    name: `${process.pid}/${threadId}`,
    descriptors: entries(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length,
    threads: entries('/proc/self/task').length,
    children: childrenOf(),
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    heap: heapUsed + external,
    resident: rss,
  };
}

let collector: (() => void) | null = null;

/** Node has it without a flag, too: children and threads are not started with those of their parent. */
function collect(): void {
  if (collector === null) {
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as () => void;
  }
  collector();
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Any thread of a process may have started some. */
function childrenOf(): number {
  const lists = entries('/proc/self/task').map((thread) => {
    try {
      return readFileSync(`/proc/self/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).length;
    } catch {
      return 0;
    }
  });
  return lists.reduce((sum, count) => sum + count, 0);
}
