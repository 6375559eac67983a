import { fork } from 'node:child_process';
import { join } from 'node:path';

import { ChildHandOff } from '@socketserver/socket';

import { ProcessChannel } from '../remote/process-channel';
import type { ChildTask } from './child-main';
import type { WorkerTask } from './messages';
import type { WorkerLink } from './pooled-worker';
import { fileSlate } from './slate';

/** A child loads compiled code, also when this file runs as TypeScript. */
const FILE = join(__dirname, '../../dist/workers/child-main.js');

/** Starts a child process. @param active the process ids of those that run */
export function startChild(task: WorkerTask, active: Set<number>): WorkerLink {
  const slate = task.deadlines.handler === undefined ? null : fileSlate();
  const stdio: ('ignore' | 'inherit' | 'ipc' | number)[] = ['ignore', 'inherit', 'inherit', 'ipc'];
  /** The descriptor that the child has in place of one of ours. */
  const inherited = (fd: number): number => stdio.push(fd) - 1;
  const { accepting } = task;
  const own: WorkerTask = {
    ...task,
    slate: slate === null ? undefined : inherited(slate.fd),
    accepting: accepting === undefined ? undefined : { ...accepting, fd: inherited(accepting.fd) },
  };
  // Flags that this process was started with may be about files that only it can load.
  const child = fork(FILE, [String(process.pid)], { serialization: 'advanced', execArgv: [], stdio });
  const { pid } = child;
  const name = `child ${pid ?? '(not started)'}`;
  if (pid !== undefined) active.add(pid);
  let failure = '';
  child.on('error', (error) => (failure = error.message));
  const ended = new Promise<string>((resolve) => {
    const end = (how: string): void => {
      if (pid !== undefined) active.delete(pid);
      resolve(how);
    };
    child.on('exit', (code, signal) => {
      end(signal === null ? `it has ended with exit code ${code}` : `it was ended by ${signal}`);
    });
    // One that could not be started has no exit.
    if (pid === undefined) child.once('error', () => end(failure));
  });
  const channel = new ProcessChannel(child);
  const first: ChildTask = { type: 'task', task: own };
  channel.post(first);
  const kill = (): Promise<void> => {
    child.kill('SIGKILL');
    return ended.then(() => undefined);
  };
  return { name, channel, handOff: new ChildHandOff(child), accepts: accepting !== undefined, ended, slate, kill };
}
