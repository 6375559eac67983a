import type { InetAddress, Logger, Output, Strategy } from '@socketserver/core';
import { runPlugin, type RunningPlugin, type RunOptions } from '@socketserver/host';
import { Peer } from '@socketserver/testing';

import { attendance } from '../src/plugin';
import { TemporaryFolder } from './storage';

/** The strategies under which the roll call is served: all that serve several clients at a time. */
export const concurrent: readonly Strategy[] = ['async', 'selecting', 'threading', 'forking'];

/** Those whose handlers are in the test's own thread, where it can move their clock and see their sockets. They start soonest. */
export const inOneThread: readonly Strategy[] = ['async', 'selecting'];

interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** The roll call as the host runs it, on a free port and in a folder of its own, with what it prints and logs kept. */
export class RollServer {
  /** What it has printed. */
  printed = '';
  readonly logged: LogLine[] = [];
  /** Where it keeps its data. */
  readonly folder: string;
  readonly #own: TemporaryFolder | undefined;
  #running!: RunningPlugin;

  private constructor(folder: string | undefined) {
    this.#own = folder === undefined ? new TemporaryFolder() : undefined;
    this.folder = folder ?? this.#own!.path;
  }

  /** @param folder an own one, removed when this is closed, unless one is given */
  static async open(strategy: Strategy, options: RunOptions = {}, folder?: string): Promise<RollServer> {
    const server = new RollServer(folder);
    server.#running = await runPlugin(attendance, {
      port: 0,
      strategy,
      workers: 2,
      output: server.#output(),
      logger: server.#logger(),
      ...options,
      settings: { dataDir: server.folder, ...options.settings },
    });
    return server;
  }

  get port(): number {
    return (this.#running.address as InetAddress)[1];
  }

  get running(): RunningPlugin {
    return this.#running;
  }

  connect(): Promise<Peer> {
    return Peer.connect(this.#running.address);
  }

  /** Cuts whoever is still there, and lets go of everything. */
  async close(): Promise<void> {
    const closed = this.#running.shutdown();
    this.#running.abort();
    await closed;
    this.#own?.[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #output(): Output {
    return { write: (text) => void (this.printed += text) };
  }

  #logger(): Logger {
    const at = (level: string) => (fields: object, message: string) =>
      void this.logged.push({ level, fields, message });
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }
}

/** What comes, until it ends as a whole reply does: with `end`. */
export async function reply(peer: Peer, end: RegExp): Promise<string> {
  for (let text = ''; ;) {
    const byte = await peer.read(1);
    if (byte.length === 0) throw new Error(`the connection ended after ${JSON.stringify(text)}`);
    text += byte.toString('latin1');
    const decoded = Buffer.from(text, 'latin1').toString();
    if (end.test(decoded)) return decoded;
  }
}
