import type { BaseServer, RequestHandlerClass, ServeOptions, ServerOptions, ShutdownReport } from '@socketserver/core';
import type { Address } from '@socketserver/socket';

import type { Client, StreamClient } from './contract-client';
import { type ContractTime, contractTime } from './contract-time';
import type { HandlerKind } from './handler-kinds';
import { RecordedEvents } from './recorded-events';
import { RunningServer } from './running-server';

type EchoClass = new (...args: never[]) => object;
type Listen = (handler: RequestHandlerClass<never>, options?: ServerOptions) => Promise<BaseServer>;
type Connect = (address: Address) => Promise<Client>;

/** What a promise is asked of: a strategy over a transport, with one kind of handler. */
export class ContractSubject {
  constructor(
    private readonly handlers: HandlerKind,
    private readonly listenWith: Listen,
    private readonly connect: Connect,
    private readonly runsInWorkers: boolean,
  ) {}

  /** An echo whose connections have a service: see `visited-echoes.ts`. */
  get VisitedEcho(): EchoClass {
    return this.handlers.VisitedEcho;
  }

  /** A time for one deadline. */
  time(): ContractTime {
    return contractTime(this.runsInWorkers);
  }

  /** A server that is bound and does not serve yet, with an echo that obeys: see `contract-handlers.ts`. Its errors are kept and not printed. */
  async listen(options?: ServerOptions, Handler: EchoClass = this.handlers.Echo): Promise<ContractServer> {
    return new ContractServer(await this.listenWith(Handler as never, options), this.connect);
  }

  /** A server that serves. */
  async serve(options?: ServerOptions, Handler?: EchoClass): Promise<ContractServer> {
    const served = await this.listen(options, Handler);
    served.serveForever();
    return served;
  }
}

/** A server under test, with all that it tells. Nothing of it is left afterwards. */
export class ContractServer implements AsyncDisposable {
  readonly server: BaseServer;
  readonly events: RecordedEvents;
  /** What reached `handleError()`. */
  readonly errors: unknown[] = [];
  readonly #connect: Connect;
  #running: RunningServer<BaseServer> | null = null;

  constructor(server: BaseServer, connect: Connect) {
    this.server = server;
    this.events = new RecordedEvents(server);
    this.#connect = connect;
    server.handleError = (error) => void this.errors.push(error);
  }

  /** Begins to serve, also again. */
  serveForever(options?: ServeOptions): void {
    this.#running = new RunningServer(this.server, options);
  }

  /** How the last `serveForever()` ended. */
  get done(): Promise<ShutdownReport> | undefined {
    return this.#running?.done;
  }

  client(): Promise<Client> {
    return this.#connect(this.server.serverAddress);
  }

  /** Only for promises that need a stream. */
  connect(): Promise<StreamClient> {
    return this.#connect(this.server.serverAddress) as Promise<StreamClient>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.server.serverClose();
    this.server.abort();
    await closed;
    await this.#running?.done.catch(() => undefined);
    this.events[Symbol.dispose]();
  }
}
