/** What a child process runs. */
import { ChildAdopter, dieWithParent } from '@socketserver/socket';

import { ProcessChannel } from '../remote/process-channel';
import type { WorkerTask } from './messages';
import { LAST_WORDS, runWorker } from './run-worker';

/** The first message that it gets. */
export interface ChildTask {
  readonly type: 'task';
  readonly task: WorkerTask;
}

const ignore = (): void => undefined;

/** Serves until the parent ends it, or has ended itself. */
function main(): void {
  const adopter = new ChildAdopter();
  // Ctrl-C in a terminal reaches everybody there; when to end is the parent's business.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ignore);
  // However busy it is, and whatever has become of its parent. Where that cannot be had, handlers are told, and have to end.
  dieWithParent();
  // It may be gone already: that is told to nobody.
  if (process.ppid !== Number(process.argv[2])) process.exit();
  process.once('disconnect', () => setTimeout(() => process.exit(0), LAST_WORDS));
  process.once('message', (first: ChildTask) => void runWorker(new ProcessChannel(process), first.task, adopter));
}

if (require.main === module) main();
