import type { ServerView, ShutdownReport } from './server-view';

/** What can be served and ended by signals. */
interface Servable extends ServerView {
  serveForever(options?: object): Promise<ShutdownReport>;
  serverClose(): Promise<void>;
  abort(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Milliseconds within which the same signal counts as one: under npm, one Ctrl-C can reach a program twice. */
const ECHO = 100;

/** Serves until the process is told to end. The first signal closes and drains, a second one cuts what still runs. */
export async function serveUntilSignal(server: Servable, options?: object): Promise<ShutdownReport> {
  let first: NodeJS.Signals | undefined;
  let firstAt = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (first === undefined) {
      first = signal;
      firstAt = performance.now();
      void server.serverClose();
    } else if (signal !== first || performance.now() - firstAt > ECHO) server.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await server.serveForever(options);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await server.serverClose();
  }
}
