/** What `strace -f` has written down. */

export interface SystemCall {
  readonly name: string;
  /** As strace writes them: `3</tmp/file>, "text", 4`. */
  readonly args: string;
  /** What it returned: `0`, or `-1 ENOSPC (…)`. */
  readonly result: string;
  /** The line of the trace at which it began, and that at which it returned. They are in the order of time. */
  readonly begin: number;
  readonly end: number;
}

/** In the order in which they began. Calls that have not returned are not among them. */
export function parseTrace(text: string): SystemCall[] {
  const calls: SystemCall[] = [];
  /** By thread: it has one call at a time. */
  const unfinished = new Map<string, { name: string; args: string; begin: number }>();
  text.split('\n').forEach((line, at) => {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = /^(\w+)\((.*?) *<unfinished \.\.\.>$/.exec(rest);
    if (begun !== null) {
      unfinished.set(thread, { name: begun[1]!, args: begun[2]!, begin: at });
      return;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)\) += (.*)$/.exec(rest);
    const call = unfinished.get(thread);
    if (resumed !== null && call !== undefined) {
      unfinished.delete(thread);
      calls.push({ ...call, args: call.args + resumed[1]!, result: resumed[2]!, end: at });
      return;
    }
    const whole = /^(\w+)\((.*)\) += (.*)$/.exec(rest);
    if (whole !== null) calls.push({ name: whole[1]!, args: whole[2]!, result: whole[3]!, begin: at, end: at });
  });
  return calls.sort((a, b) => a.begin - b.begin);
}
