import type { ServerView, ShutdownReport } from './server-view';

/** What can be served and ended by signals. */
interface Servable extends ServerView {
  serveForever(options?: object): Promise<void>;
  serverClose(): Promise<void>;
  abort(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Serves until the process is told to end. The first signal closes and drains, a second one cuts what still runs. */
export async function serveUntilSignal(server: Servable, options?: object): Promise<ShutdownReport> {
  let report: Promise<ShutdownReport> | undefined;
  const onSignal = (): void => {
    if (report !== undefined) {
      server.abort();
      return;
    }
    report = server.shutdown();
    void server.serverClose();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await server.serveForever(options);
    return await (report ?? server.shutdown());
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await server.serverClose();
  }
}
