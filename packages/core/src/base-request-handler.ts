/**
 * The class that users extend. One instance serves one request.
 *
 * Source: `Lib/socketserver.py`, `BaseRequestHandler`.
 */
import { type Address, SHUT_RD, type Socket } from '@socketserver/socket';

import { isPromise } from './maybe-promise';
import type { ServerView } from './server-view';

const server = Symbol('server');

/**
 * Methods that may be overridden, in the order in which they are called:
 *
 * - `setup()`: if it throws, neither of the others is called
 * - `handle()`: all the work
 * - `finish()`: called also when `handle()` threw
 * - `goodbye()`: when the server is shutting down and this handler is between two messages
 *
 * Services are injected into the constructor; the fields below are set right after it.
 *
 * Differs from Python: constructing the handler is not yet handling, because a constructor cannot wait.
 *
 * @typeParam R what a request is: a `Socket` for streams
 */
export class BaseRequestHandler<R = Socket> {
  /**
   * The file to load the class from in worker threads and child processes: `__filename`, or `import.meta.url`.
   * A class that only runs in the server's process needs none.
   */
  static module?: string | undefined;

  /** The request. */
  request!: R;
  /** Where it comes from: `[host, port]`, a path, or `''` for a Unix socket without a name. */
  clientAddress!: Address;
  /** The server. A handler that knows its server's class may say `declare server: MyServer`. */
  declare server: ServerView;

  /** The server is draining: no further message should be begun. */
  protected isDraining = false;

  #leaving: Promise<void> | null = null;

  /** Aborted when the server begins to drain; its reason is a `ShutdownError` with the time that is left. */
  get signal(): AbortSignal {
    return (this as unknown as { [server]: ServerView })[server].signal;
  }

  /** Called before `handle()`. May be overridden. */
  setup(): void | Promise<void> {}

  /** Does all the work of the request; it ends when this does. May be overridden. */
  handle(): void | Promise<void> {}

  /** Called after `handle()`, also when that threw. May be overridden. */
  finish(): void | Promise<void> {}

  /** Called with the socket still open when the server drains and no message is half done. May be overridden. */
  goodbye(): void | Promise<void> {}

  /** Runs `setup()`, `handle()` and `finish()`. Called by `finishRequest()`. */
  run(): Promise<void> {
    // Chains instead of an asynchronous function: while it waits, that would weigh more than the rest of the handler.
    try {
      // Not there in a handler that was made by hand, without a server.
      (this as unknown as { [server]: CallableServer | undefined })[server]?.runs?.(this);
      const ready = this.setup();
      return isPromise(ready) ? ready.then(() => this.#handle()) : this.#handle();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #handle(): Promise<void> {
    let handled: Promise<void>;
    try {
      handled = Promise.resolve(this.handle());
    } catch (error) {
      handled = Promise.reject(error);
    }
    const hasFinish = this.finish !== BaseRequestHandler.prototype.finish;
    return hasFinish ? handled.finally(() => this.finish()) : handled;
  }

  /**
   * Whether the handler waits for the next message and has nothing of it, so that it can be told good-bye.
   * May be overridden by classes that know where their messages end.
   */
  get isBetweenMessages(): boolean {
    return false;
  }

  /** Called by the server when it begins to drain: a handler that is between two messages ends now. */
  async drain(): Promise<void> {
    this.isDraining = true;
    if (this.isBetweenMessages) await this.leave();
  }

  /** @internal It was between two messages when the server drained, and has ended the stream itself. */
  get hasLeft(): boolean {
    return this.#leaving !== null;
  }

  /** Says good-bye, once, and makes whoever reads from the request find the end of the stream. */
  protected leave(): Promise<void> {
    return (this.#leaving ??= this.#sayGoodbye());
  }

  async #sayGoodbye(): Promise<void> {
    await this.goodbye();
    const request = this.request as Partial<Socket>;
    if (request.isClosed === false) request.shutdown?.(SHUT_RD);
  }
}

/** What the server is told when one of its handlers turns to it. */
interface CallableServer extends ServerView {
  runs?(handler: object): void;
  calledBy?(handler: object): void;
}

// An accessor, because a handler that calls `this.server.shutdown()` must not be waited for. Defined here and not in the
// class, so that subclasses can still `declare server: MyServer`.
Object.defineProperty(BaseRequestHandler.prototype, 'server', {
  configurable: true,
  get(this: { [server]: CallableServer }): CallableServer {
    this[server].calledBy?.(this);
    return this[server];
  },
  set(this: { [server]: CallableServer }, value: CallableServer): void {
    this[server] = value;
  },
});
