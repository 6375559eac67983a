import { availableParallelism } from 'node:os';

import { type Address, type DatagramSocket, Socket, familyOf } from '@socketserver/socket';

import { AsyncMixIn, type AsyncServer, type Mixable } from '../async-mix-in';
import type { Request } from '../datagram-request';
import { HandlerError, OptionError } from '../errors';
import { publish } from '../events';
import { nameOf } from '../handler-factory';
import type { MaybePromise } from '../maybe-promise';
import { SharedAnswers } from '../remote/shared-answers';
import { SharedHost } from '../remote/shared-host';
import { type DeadlineOptions, NO_DEADLINES } from '../server-options';
import type { ServerView } from '../server-view';
import { referenceTo } from './handler-module';
import { checkNotWorker } from './loading';
import type { WorkerTask } from './messages';
import type { WorkerLink } from './pooled-worker';
import { WorkerPool } from './worker-pool';
import type { WorkerObserver } from './worker-pool-options';

/** What servers with workers have, whatever those are. */
export interface PooledServer extends AsyncServer {
  /** `serverClose()` waits for handlers that run. @default true */
  blockOnClose: boolean;
  /**
   * Requests after which a worker is given no more, and a fresh one takes its place: against what handlers, or what they
   * use, do not free. It ends with the last of its requests. @default null: never
   */
  recycleAfter: number | null;
}

/** @internal What strategies with workers can ask of their pool. */
export interface PooledInternals extends PooledServer {
  /** Lets workers go that are more than the first ones, and idle. */
  collectWorkers(): void;
  /** Resolves when those have ended that were let go. */
  workersLeft(): Promise<void>;
  /** Whether `serverClose()` waits for handlers that run. */
  waitsAtClose(): boolean;
}

/** What a kind of workers says about itself. */
export interface Workers {
  /** Starts one. */
  start(task: WorkerTask): Promise<WorkerLink>;
  /** How many requests one of them runs at a time. */
  readonly requestsPerWorker: number;
  /** How many there are at first. */
  readonly size: number;
  /** How many there are at most. */
  readonly most: number;
  /** Whether they accept connections by themselves. */
  readonly accepts: boolean;
}

/**
 * A server whose handlers run in workers, and everything else in its own process.
 *
 * @param workersOf what the workers of a server are
 */
export function PooledMixIn<B extends Mixable>(
  Base: B,
  workersOf: (server: object, least: number) => Workers,
): B & (abstract new (...args: any[]) => PooledInternals) {
  abstract class PooledMixed extends AsyncMixIn(Base) {
    blockOnClose = true;
    recycleAfter: number | null = null;

    #pool: WorkerPool | null = null;
    /** Workers accept by themselves. */
    #accepts = false;

    override async serverActivate(): Promise<void> {
      const { clock, workers: size = availableParallelism() } = this.options;
      const { workerSetup } = this.options;
      const source =
        workerSetup === undefined
          ? referenceTo(this.RequestHandlerClass)
          : { setup: workerSetup.file, data: workerSetup.data };
      checkNotWorker(this.constructor.name);
      checkCount('recycleAfter', this.recycleAfter ?? 1);
      await super.serverActivate();
      const host = this.#shareServices();
      const { serverAddress, options } = this;
      const { lifetime: _ends, ...deadlines } = options.deadlines;
      this.checkOpen('serverActivate');
      const workers = workersOf(this, size);
      checkCount('requestsPerWorker', workers.requestsPerWorker);
      checkCount('maxChildren', workers.most);
      this.#accepts = workers.accepts;
      const task = { source, serverAddress, deadlines, services: host.descriptions };
      this.#pool = new WorkerPool({
        size: workers.size,
        most: workers.most,
        requestsPerWorker: workers.requestsPerWorker,
        recycleAfter: this.recycleAfter ?? Infinity,
        clock,
        handlerDeadline: deadlines.handler,
        start: () => workers.start(task),
        answers: (channel) => new SharedAnswers(host, channel),
        sendto: (data, to) => (this.socket as unknown as DatagramSocket).sendto(data, to),
        onTold: (message) => workerSetup?.onTold(message),
        observer: workerEvents(this),
        shutdown: (caller) => this.shutdownFor(caller),
        accepted: (run) => this.acceptedElsewhere(closedSocket(serverAddress), run.clientAddress, run),
        trouble: (error) => this.report(error),
      });
      await this.#pool.start();
    }

    /** Runs the handler in a worker. */
    override finishRequest(request: object, clientAddress: Address): MaybePromise<unknown> {
      const connection = this.connections.get(request);
      if (this.#pool === null || connection === undefined) return super.finishRequest(request, clientAddress);
      return this.#pool.run(connection, request as Request, clientAddress);
    }

    /** Closes the socket and, unless told otherwise, waits until the last handler has ended. Then all workers end. */
    override async serverClose(): Promise<void> {
      const closed = super.serverClose().then(() => this.#pool?.end());
      if (this.waitsAtClose()) await closed;
      else closed.catch((error: unknown) => this.report(error));
    }

    waitsAtClose(): boolean {
      return this.blockOnClose;
    }

    collectWorkers(): void {
      this.#pool?.collect();
    }

    async workersLeft(): Promise<void> {
      await this.#pool?.left();
    }

    override suspend(): void {
      super.suspend();
      if (this.#accepts) this.#pool?.suspend();
    }

    override resume(): void {
      super.resume();
      if (this.#accepts) this.#pool?.resume();
    }

    protected override servingBegins(): void {
      this.#pool?.serve();
      if (this.#accepts && this.isSuspended) this.#pool?.suspend();
    }

    protected override startAccepting(): void {
      if (!this.#accepts) super.startAccepting();
    }

    protected override waitForRequest(ms: number | null): Promise<void> {
      return this.#accepts ? this.intake.sleep(ms) : super.waitForRequest(ms);
    }

    protected override async stopAccepting(): Promise<void> {
      void super.stopAccepting();
      await this.#pool?.drain(this.options.drainTimeout);
    }

    /** The others begin where the handler does. */
    protected override get deadlinesHere(): DeadlineOptions {
      const { handshake, lifetime } = this.options.deadlines;
      return handshake === undefined && lifetime === undefined ? NO_DEADLINES : { handshake, lifetime };
    }

    protected override get handsOver(): boolean {
      return true;
    }

    #shareServices(): SharedHost {
      const { container, options } = this;
      const services = (options.shared ?? []).map(({ token }) => {
        return { name: nameOf(token), instance: container.resolve<object>(token) };
      });
      const names = services.map(({ name }) => name);
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice === undefined) return new SharedHost(services);
      throw new HandlerError(
        `two shared services have the name ${twice}, by which workers know them; give one of their tokens another name`,
      );
    }
  }
  return PooledMixed;
}

function workerEvents(server: ServerView): WorkerObserver {
  return {
    started: (worker) => {
      if (publish.workerStart.hasSubscribers) publish.workerStart.publish({ server, worker });
    },
    stopped: (worker, how) => {
      if (publish.workerStop.hasSubscribers) publish.workerStop.publish({ server, worker, ...how });
    },
    failed: (worker, error, retryMs) => {
      if (publish.workerError.hasSubscribers) publish.workerError.publish({ server, worker, error, retryMs });
    },
  };
}

function checkCount(name: string, value: number): void {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new OptionError(name, value, 'a whole number, 1 or more');
}

/** What stands for a connection that is not in this process. */
function closedSocket(serverAddress: Address): Socket {
  const socket = new Socket(familyOf(serverAddress));
  socket.close();
  return socket;
}
