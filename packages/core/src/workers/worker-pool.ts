/**
 * The workers of one server: started together, each given what comes when it has the least to do, replaced when they die
 * or have served their share.
 *
 * ```
 *   run(request) ─────▶ the worker with the fewest requests ──▶ its handler … ──▶ settles
 *                            │ dies: its requests fail, and no other
 *                            ├▶ another one is started; later and later, if they die young
 *                            │
 *                            │ has served its share: it is given nothing more, and ends with its last request
 *                            └▶ another one is started
 * ```
 */
import { type Address, type ClockTimer, Socket, systemClock } from '@socketserver/socket';

import type { Connection } from '../connection';
import type { Request } from '../datagram-request';
import { WorkerDiedError } from '../errors';
import { toWire } from '../remote/wire-error';
import type { ReplyMessage, ToWorker } from './messages';
import { PooledWorker, type PooledWorkerListener } from './pooled-worker';
import type { RemoteRun } from './remote-run';
import type { WorkerPoolOptions } from './worker-pool-options';

/** Milliseconds after which a worker has not died young. */
const YOUNG = 5000;
/** Milliseconds before a worker that died young is replaced: doubled each time, up to the last one. */
const FIRST_DELAY = 100;
const LAST_DELAY = 10_000;

/** Milliseconds without a request after which workers beyond the first ones end. */
const SURPLUS = 10_000;

/** Milliseconds before another look at workers that have still to adopt what they were given: of that they do not tell. */
const ADOPTION = 2;

/** A request that waits for a worker with room. */
interface Waiting {
  readonly connection: Connection;
  readonly request: Request;
  readonly clientAddress: Address;
  readonly resolve: (running?: Promise<void>) => void;
  readonly reject: (error: unknown) => void;
}

export class WorkerPool implements PooledWorkerListener {
  readonly #options: WorkerPoolOptions;
  /** Those that are given requests. */
  readonly #workers = new Set<PooledWorker>();
  /** Those that end with their last request. */
  readonly #leaving = new Set<PooledWorker>();
  /** Those that wait for a worker with room, the first one first. */
  readonly #waiting: Waiting[] = [];
  #look: ClockTimer | null = null;
  readonly #retries = new Set<ClockTimer>();
  #delay = FIRST_DELAY;
  /** What all workers were told last; `null` until the server serves. */
  #state: ToWorker | null = null;
  #isEnding = false;
  /** All workers of the beginning were there. */
  #hasStarted = false;
  /** Workers that are being started. */
  #starting = 0;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Starts all workers. @throws what their handler's file throws, or `HandlerError`; all of them have ended then */
  async start(): Promise<void> {
    const started = Array.from({ length: this.#options.size }, () => this.#startOne());
    try {
      await Promise.all(started);
      this.#hasStarted = true;
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /** Serves a request in one of the workers. Settles when its handler has ended, and rejects with its error. */
  run(connection: Connection, request: Request, clientAddress: Address): Promise<void> {
    // Who waits already comes first.
    const worker = this.#waiting.length === 0 ? this.#pick() : undefined;
    if (worker !== undefined) return this.#runIn(worker, connection, request, clientAddress);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ connection, request, clientAddress, resolve, reject });
      this.#serveWaiting();
    });
  }

  #runIn(worker: PooledWorker, ...[connection, request, clientAddress]: Parameters<WorkerPool['run']>): Promise<void> {
    const running = worker.run(connection, request, clientAddress);
    if (worker.served >= this.#options.recycleAfter) this.#recycle(worker);
    return running;
  }

  /** Gives those that wait to workers, in their order, as long as there is one with room. */
  #serveWaiting(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { connection, request, clientAddress, resolve, reject } = first;
      const isGone = connection.index === -1 || (request instanceof Socket && request.isClosed);
      const worker = isGone ? undefined : this.#pick();
      if (!isGone && worker === undefined && !this.#isEnding) {
        this.#grow();
        this.#lookAgain();
        return;
      }
      this.#waiting.shift();
      if (isGone) resolve();
      else if (worker === undefined) reject(new WorkerDiedError('every worker', 'the server is closed'));
      else {
        try {
          resolve(this.#runIn(worker, connection, request, clientAddress));
        } catch (error) {
          reject(error);
        }
      }
    }
  }

  /** Workers do not tell that they have adopted what they were given. */
  #lookAgain(): void {
    if (this.#look !== null || !this.#isAdopting()) return;
    this.#look = systemClock.setTimeout(() => {
      this.#look = null;
      this.#serveWaiting();
    }, ADOPTION);
  }

  /**
   * Tells all handlers that the server drains.
   *
   * @param remaining milliseconds that they have
   * @returns resolves when those that accept by themselves have told of all that they have taken
   */
  async drain(remaining: number): Promise<void> {
    this.#tell({ type: 'drain', remaining });
    await Promise.all([...this.#workers, ...this.#leaving].map((worker) => worker.quiet()));
  }

  /** The server serves, perhaps again. */
  serve(): void {
    this.#tell({ type: 'serve' });
  }

  /** Workers that accept by themselves take no more, until {@link resume}. Nothing, unless the server serves. */
  suspend(): void {
    if (this.#state?.type === 'serve') this.#tell({ type: 'suspend' });
  }

  resume(): void {
    if (this.#state?.type === 'suspend') this.#tell({ type: 'serve' });
  }

  /** Lets those go that are more than the first ones, and have had nothing to do for a while. */
  collect(): void {
    const { size, clock } = this.#options;
    if (this.#workers.size <= size) return;
    const since = clock.now() - SURPLUS;
    // The last one first: those of the beginning stay.
    for (const worker of [...this.#workers].reverse()) {
      if (this.#workers.size > size && worker.isStarted && worker.load === 0 && worker.idleSince <= since) {
        this.#letGo(worker);
      }
    }
  }

  /** Resolves when all have ended that are to end with their last request. */
  async left(): Promise<void> {
    await Promise.all([...this.#leaving].map((worker) => worker.ended));
  }

  /** Ends all workers: those that run something now, others when they have freed what they hold. Idempotent. */
  async end(): Promise<void> {
    this.#isEnding = true;
    for (const retry of this.#retries) retry.cancel();
    this.#retries.clear();
    this.#serveWaiting();
    await Promise.all([...this.#workers, ...this.#leaving].map((worker) => worker.end()));
  }

  freed(): void {
    this.#serveWaiting();
  }

  ended(worker: PooledWorker): void {
    const { clock, observer } = this.#options;
    const durationMs = clock.now() - worker.startedAt;
    if (worker.isStarted) {
      observer.stopped(worker.name, { reason: worker.endedBy, served: worker.served, durationMs });
    }
    if (this.#leaving.delete(worker)) this.#serveWaiting();
    if (!this.#workers.delete(worker) || this.#isEnding) return;
    this.#failed(worker.name, worker.failure ?? new WorkerDiedError(worker.name, worker.endedBy), durationMs);
  }

  told(message: object): void {
    this.#options.onTold(message);
  }

  reply(worker: PooledWorker, { reply, data, to }: ReplyMessage): void {
    this.#options.sendto(data, to).then(
      () => worker.replied({ type: 'replied', reply }),
      (error: unknown) => worker.replied({ type: 'replied', reply, thrown: toWire(error) }),
    );
  }

  shutdown(worker: PooledWorker, wish: number, caller: number | null): void {
    void this.#options.shutdown(caller).then((report) => worker.tell({ type: 'shut', wish, report }));
  }

  accepted(worker: PooledWorker, run: RemoteRun): number {
    const id = this.#options.accepted(run);
    if (worker.served >= this.#options.recycleAfter && !worker.isRetiring) this.#recycle(worker);
    else if (this.#pick() === undefined) this.#grow();
    return id;
  }

  trouble(error: unknown): void {
    this.#options.trouble(error);
  }

  /** @throws when it cannot be started or load its handler: everybody else has heard of that then */
  async #startOne(): Promise<void> {
    const { start, answers, observer } = this.#options;
    this.#starting += 1;
    try {
      const link = await start().catch((error: unknown) => {
        // At first listen() hears of it; later nobody would, and nobody try again.
        if (this.#hasStarted && !this.#isEnding) this.#failed('a worker', error, 0);
        throw error;
      });
      const worker = new PooledWorker(link, this.#options, answers(link.channel), this);
      this.#workers.add(worker);
      if (this.#isEnding) await worker.kill();
      await worker.started;
      if (this.#state !== null) worker.tell(this.#state);
      observer.started(worker.name);
    } finally {
      this.#starting -= 1;
      this.#serveWaiting();
    }
  }

  /** Tells of one that has died or could not be started, and starts another one: later, if it has not lived long. */
  #failed(name: string, error: unknown, livedMs: number): void {
    const isYoung = livedMs < YOUNG;
    if (!isYoung) this.#delay = FIRST_DELAY;
    const retryMs = isYoung ? this.#delay : 0;
    if (isYoung) this.#delay = Math.min(2 * this.#delay, LAST_DELAY);
    this.#options.observer.failed(name, error, retryMs);
    const retry = this.#options.clock.setTimeout(() => {
      this.#retries.delete(retry);
      this.#startOneMore();
    }, retryMs);
    retry.unref();
    this.#retries.add(retry);
  }

  /** When it fails, that is told and tried again by the way above. */
  #startOneMore(): void {
    this.#startOne().catch(() => undefined);
  }

  /** Puts a fresh one in its place. It may have to serve for long what it still has, and is not counted meanwhile. */
  #recycle(worker: PooledWorker): void {
    // Peers that stay must not make more and more of them: meanwhile it goes on. See `ended()`.
    if (this.#workers.size + this.#leaving.size >= this.#most) return;
    this.#letGo(worker);
    if (!this.#isEnding) this.#startOneMore();
  }

  #letGo(worker: PooledWorker): void {
    this.#workers.delete(worker);
    this.#leaving.add(worker);
    worker.retire();
  }

  /** Whether a worker that is not busy has only to adopt first what is on its way to it. */
  #isAdopting(): boolean {
    const { requestsPerWorker } = this.#options;
    return [...this.#workers].some(
      (worker) => worker.isStarted && worker.endedBy === '' && !worker.hasRoom && worker.load < requestsPerWorker,
    );
  }

  /** One more, if there may be: the last one that was started is not yet ready, as long as none is waited for. */
  #grow(): void {
    const { most } = this.#options;
    if (this.#isEnding || this.#starting > 0 || this.#retries.size > 0) return;
    if (this.#workers.size >= most || this.#workers.size + this.#leaving.size >= this.#most) return;
    this.#startOneMore();
  }

  /** How many there are at most, with those that are recycled: of the first ones, each may be there twice. */
  get #most(): number {
    return Math.max(this.#options.most, 2 * this.#options.size);
  }

  #pick(): PooledWorker | undefined {
    const { requestsPerWorker } = this.#options;
    let least: PooledWorker | undefined;
    for (const worker of this.#workers) {
      if (
        worker.hasRoom &&
        worker.isStarted &&
        worker.load < requestsPerWorker &&
        (least === undefined || worker.load < least.load)
      )
        least = worker;
    }
    return least;
  }

  #tell(message: ToWorker): void {
    this.#state = message;
    for (const worker of this.#workers) worker.tell(message);
    // Those accept no more, whatever the others do.
    if (message.type === 'drain') for (const worker of this.#leaving) worker.tell(message);
  }
}
