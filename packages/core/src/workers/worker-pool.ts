/**
 * The workers of one server: started together, each given what comes when it has the least to do, replaced when they die.
 *
 * ```
 *   run(request) ─────▶ the worker with the fewest requests ──▶ its handler … ──▶ settles
 *                            │ dies: its requests fail, and no other
 *                            └▶ another one is started; later and later, if they die young
 * ```
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { type Address, type Clock, type ClockTimer, Socket } from '@socketserver/socket';

import type { Connection } from '../connection';
import type { Request } from '../datagram-request';
import { WorkerDiedError } from '../errors';
import type { ShutdownReport } from '../server-view';
import type { Channel } from '../remote/channel';
import type { SharedAnswers } from '../remote/shared-answers';
import { toWire } from '../remote/wire-error';
import type { ReplyMessage, ShutdownMessage, ToWorker } from './messages';
import { PooledWorker, type PooledWorkerListener, type WorkerLink } from './pooled-worker';

/** Milliseconds after which a worker has not died young. */
const YOUNG = 5000;
/** Milliseconds before a worker that died young is replaced: doubled each time, up to the last one. */
const FIRST_DELAY = 100;
const LAST_DELAY = 10_000;

/** Milliseconds before another look at workers that have still to adopt what they were given: of that they do not tell. */
const ADOPTION = 2;

/** What a pool needs of its server. */
export interface WorkerPoolOptions {
  /** How many workers there are at first. */
  readonly size: number;
  /** How many there are when all of them are busy. */
  readonly most: number;
  /** How many requests one runs before it is busy. */
  readonly requestsPerWorker: number;
  readonly clock: Clock;
  /** Starts one. */
  readonly start: () => Promise<WorkerLink>;
  /** What answers the calls of one worker. */
  readonly answers: (channel: Channel) => SharedAnswers;
  /** Sends a datagram by the server's socket, if that is one for datagrams. */
  readonly sendto: (data: Uint8Array, to: Address) => Promise<unknown>;
  /** Is told what the setup of a worker tells. */
  readonly onTold: (message: object) => void;
  /** Tells of a worker that died, or could not be replaced. */
  readonly report: (error: unknown) => void;
  /** Shuts the server down. @param caller the number of a request that is not waited for */
  readonly shutdown: (caller: number | null) => Promise<ShutdownReport>;
}

export class WorkerPool implements PooledWorkerListener {
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Set<PooledWorker>();
  /** Those who wait for a worker with room. */
  #waiting: (() => void)[] = [];
  readonly #retries = new Set<ClockTimer>();
  #delay = FIRST_DELAY;
  #state: ToWorker = { type: 'serve' };
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
  async run(connection: Connection, request: Request, clientAddress: Address): Promise<void> {
    for (;;) {
      const worker = this.#pick();
      if (worker !== undefined)
        return await worker.run(connection, request, clientAddress).finally(() => this.#wakeOne());
      this.#grow();
      await (this.#isAdopting() ? sleep(ADOPTION) : new Promise<void>((resolve) => this.#waiting.push(resolve)));
      // Nobody waits for it any more.
      if (connection.index === -1 || (request instanceof Socket && request.isClosed)) return;
      if (this.#isEnding) throw new WorkerDiedError('every worker', 'the server is closed');
    }
  }

  /** Tells all handlers that the server drains. @param remaining milliseconds that they have */
  drain(remaining: number): void {
    this.#tell({ type: 'drain', remaining });
  }

  /** Takes it back: the server serves again. */
  serve(): void {
    this.#tell({ type: 'serve' });
  }

  /** Ends all workers, now. Idempotent. */
  async end(): Promise<void> {
    this.#isEnding = true;
    for (const retry of this.#retries) retry.cancel();
    this.#retries.clear();
    this.#wakeAll();
    await Promise.all([...this.#workers].map((worker) => worker.kill()));
  }

  ended(worker: PooledWorker): void {
    if (!this.#workers.delete(worker) || this.#isEnding) return;
    const { clock, report } = this.#options;
    report(new WorkerDiedError('a worker', worker.endedBy));
    const wasYoung = clock.now() - worker.startedAt < YOUNG;
    if (!wasYoung) this.#delay = FIRST_DELAY;
    const delay = wasYoung ? this.#delay : 0;
    if (wasYoung) this.#delay = Math.min(2 * this.#delay, LAST_DELAY);
    this.#replace(delay);
  }

  told(message: object): void {
    this.#options.onTold(message);
  }

  reply(worker: PooledWorker, { reply, data, to }: ReplyMessage): void {
    this.#options.sendto(data, to).then(
      () => worker.tell({ type: 'replied', reply }),
      (error: unknown) => worker.tell({ type: 'replied', reply, thrown: toWire(error) }),
    );
  }

  shutdown(worker: PooledWorker, { caller, wish }: ShutdownMessage): void {
    const known = caller !== null && worker.runs(caller) ? caller : null;
    void this.#options.shutdown(known).then((report) => worker.tell({ type: 'shut', wish, report }));
  }

  async #startOne(): Promise<void> {
    const { start, clock, answers, report } = this.#options;
    this.#starting += 1;
    try {
      const link = await start().catch((error: unknown) => {
        // At first listen() hears of it; later nobody would, and nobody try again.
        if (this.#hasStarted && !this.#isEnding) {
          report(error);
          this.#replace(LAST_DELAY);
        }
        throw error;
      });
      const worker = new PooledWorker(link, clock, answers(link.channel), this);
      this.#workers.add(worker);
      if (this.#isEnding) await worker.kill();
      if (this.#state.type === 'drain') worker.tell(this.#state);
      await worker.started;
    } finally {
      this.#starting -= 1;
      this.#wakeAll();
    }
  }

  #replace(delay: number): void {
    const retry = this.#options.clock.setTimeout(() => {
      this.#retries.delete(retry);
      // When it fails, it has ended, and that is told by the way above.
      this.#startOne().catch(() => undefined);
    }, delay);
    retry.unref();
    this.#retries.add(retry);
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
    const { most, report } = this.#options;
    if (this.#isEnding || this.#starting > 0 || this.#retries.size > 0 || this.#workers.size >= most) return;
    this.#startOne().catch(report);
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
  }

  #wakeOne(): void {
    this.#waiting.shift()?.();
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
