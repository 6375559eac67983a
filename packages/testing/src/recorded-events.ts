import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import {
  type ConnectionStart,
  type ConnectionStop,
  type RequestFailure,
  type ServerFailure,
  type ServerStart,
  type ServerStop,
  type ServerView,
  channels,
} from '@socketserver/core';

type AnyEvent = { readonly server: ServerView };

/** Everything that one server tells, in its order. */
export class RecordedEvents {
  readonly serverStarts: ServerStart[] = [];
  readonly serverStops: ServerStop[] = [];
  readonly serverErrors: ServerFailure[] = [];
  readonly starts: ConnectionStart[] = [];
  readonly stops: ConnectionStop[] = [];
  readonly requestErrors: RequestFailure[] = [];

  readonly #subscriptions: [channel: string, listener: (event: unknown) => void][] = [];
  #waiting: { readonly list: readonly unknown[]; readonly count: number; readonly resolve: () => void }[] = [];

  constructor(server: ServerView) {
    const listen = <E extends AnyEvent>(channel: string, list: E[]): void => {
      const listener = (event: unknown): void => {
        if ((event as E).server !== server) return;
        list.push(event as E);
        this.#tell();
      };
      this.#subscriptions.push([channel, listener]);
      subscribe(channel, listener);
    };
    listen(channels.serverStart, this.serverStarts);
    listen(channels.serverStop, this.serverStops);
    listen(channels.serverError, this.serverErrors);
    listen(channels.connectionStart, this.starts);
    listen(channels.connectionStop, this.stops);
    listen(channels.requestError, this.requestErrors);
  }

  /** Why connections ended, in their order. */
  get reasons(): string[] {
    return this.stops.map(({ reason }) => reason);
  }

  /** Resolves when so many connections have come. */
  started(count: number): Promise<void> {
    return this.#reached(this.starts, count);
  }

  /** Resolves when so many connections have ended. */
  stopped(count: number): Promise<void> {
    return this.#reached(this.stops, count);
  }

  /** Resolves when the server has told of so many failures of its own. */
  failed(count: number): Promise<void> {
    return this.#reached(this.serverErrors, count);
  }

  [Symbol.dispose](): void {
    for (const [channel, listener] of this.#subscriptions) unsubscribe(channel, listener);
  }

  #reached(list: readonly unknown[], count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ list, count, resolve });
      this.#tell();
    });
  }

  #tell(): void {
    const reached = this.#waiting.filter(({ list, count }) => list.length >= count);
    this.#waiting = this.#waiting.filter((each) => !reached.includes(each));
    for (const { resolve } of reached) resolve();
  }
}
