/**
 * A program: a server in a process of its own, which does what it is told over IPC. Its argument is the strategy. It ends
 * with its parent.
 */
import { type BaseServer, type Strategy, serverClass } from '@socketserver/core';

import { until } from '../until';
import { SoakEcho } from './soak-echo';
import { type Usage, usage } from './usage';

/** Threads or children, where the strategy has such: more than one, so that they are chosen from. */
const WORKERS = 2;

/** What it is told to do. */
export type SoakOrder = 'serve' | 'rest' | 'close';

/** What it answers to each. */
export interface SoakAnswers {
  /** Serves, and tells the port. */
  serve: number;
  /** Waits until no connection is left, and tells what is. */
  rest: { readonly usage: Usage; readonly workers: number };
  /** Closes, and tells what is left. */
  close: Usage;
}

function main(strategy: Strategy): void {
  let server: BaseServer | null = null;
  let served: Promise<unknown> | null = null;

  class SoakServer extends serverClass(strategy, 'tcp') {
    // All that come at once wait here, when they are served one at a time.
    override requestQueueSize = 4096;
  }

  const orders: { readonly [O in SoakOrder]: () => Promise<SoakAnswers[O]> } = {
    async serve() {
      server = await SoakServer.listen(['127.0.0.1', 0], SoakEcho, { workers: WORKERS });
      served = server.serveForever({ pollInterval: 50 });
      return Number(server.serverAddress[1]);
    },
    async rest() {
      await until(() => server?.activeConnections === 0);
      const { activeChildren } = server as { readonly activeChildren?: ReadonlySet<number> };
      const workers = activeChildren?.size ?? (strategy === 'threading' ? WORKERS : 0);
      return { usage: await usage(), workers };
    },
    async close() {
      await server?.serverClose();
      await served;
      server = null;
      served = null;
      return usage();
    },
  };
  process.on('message', (order: SoakOrder) => {
    void orders[order]().then((answer) => process.send?.(answer));
  });
  process.once('disconnect', () => process.exit(0));
}

if (require.main === module) main(process.argv[2] as Strategy);
