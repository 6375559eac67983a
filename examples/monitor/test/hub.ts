import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import net from 'node:net';

import {
  channels,
  type ConnectionStop,
  type InetAddress,
  type InjectionToken,
  Logger,
  Output,
  type Strategy,
} from '@socketserver/core';
import { runPlugin, type RunningPlugin, type RunOptions } from '@socketserver/host';

import { HostTable } from '../src/host-table';
import { monitor } from '../src/plugin';

/** The strategies whose handlers are in the test's own thread, where it can move their clock. */
export const inOneThread: readonly Strategy[] = ['sequential', 'async', 'selecting'];

/** All that serve several agents at a time. */
export const concurrent: readonly Strategy[] = ['async', 'selecting', 'threading', 'forking'];

interface LogLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** The monitor as the host runs it, on a free port, with what it prints and logs kept. */
export class Hub {
  /** What it has printed. */
  printed = '';
  readonly logged: LogLine[] = [];
  /** Every connection that has ended. */
  readonly ended: ConnectionStop[] = [];
  #running!: RunningPlugin;
  readonly #clients = new Set<net.Socket>();
  readonly #news = new EventEmitter();
  readonly #onStop = (event: unknown) => {
    const stop = event as ConnectionStop;
    if (stop.server !== this.#running.server) return;
    this.ended.push(stop);
    this.#news.emit('news');
  };

  static async open(strategy: Strategy, options: RunOptions = {}): Promise<Hub> {
    const hub = new Hub();
    hub.#running = await runPlugin(monitor, {
      port: 0,
      strategy,
      workers: 2,
      output: hub.#output(),
      logger: hub.#logger(),
      ...options,
    });
    subscribe(channels.connectionStop, hub.#onStop);
    return hub;
  }

  get port(): number {
    return (this.#running.address as InetAddress)[1];
  }

  get table(): HostTable {
    return this.#running.server.container.resolve(HostTable as InjectionToken<HostTable>);
  }

  /** A client's connection. */
  async connect(): Promise<net.Socket> {
    const client = net.connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    this.#clients.add(client);
    client.on('error', () => undefined).resume();
    await once(client, 'connect');
    return client;
  }

  /** Resolves when the condition holds; it is looked at whenever the hub prints, logs or ends a connection. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#news, 'news');
  }

  /** The end of a client's connection, as the hub tells it. */
  async endOf(client: net.Socket): Promise<ConnectionStop> {
    const port = client.localPort;
    const find = () => this.ended.find(({ clientAddress }) => clientAddress[1] === port);
    await this.until(() => find() !== undefined);
    return find()!;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    const closed = this.#running.shutdown();
    this.#running.abort();
    await closed;
    unsubscribe(channels.connectionStop, this.#onStop);
  }

  #output(): Output {
    return {
      write: (text) => {
        this.printed += text;
        this.#news.emit('news');
      },
    };
  }

  #logger(): Logger {
    const at = (level: string) => (fields: object, message: string) => {
      this.logged.push({ level, fields, message });
      this.#news.emit('news');
    };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }
}
