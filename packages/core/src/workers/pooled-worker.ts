import type { Address, Clock, ClockTimer, HandOff } from '@socketserver/socket';

import type { CloseReason } from '../close-reason';
import type { Connection, ConnectionEnd, RemoteRequest } from '../connection';
import { type Request, isDatagram } from '../datagram-request';
import { WorkerDiedError, type DeadlineError, type ShutdownError } from '../errors';
import type { Channel } from '../remote/channel';
import type { SharedAnswers } from '../remote/shared-answers';
import type { CallsMessage } from '../remote/shared-messages';
import { fromWire, toWire } from '../remote/wire-error';
import type { CutMessage, EndedMessage, FromWorker, ReplyMessage, ShutdownMessage, ToWorker } from './messages';
import { givePacket } from './packet-parcel';

/** Milliseconds in which a worker has to hear of a cut: one that does not is stuck. */
const DEAF = 1000;

/** A thread or a process that runs handlers, as its starter knows it. */
export interface WorkerLink {
  /** What it is called in messages: `thread 3`. */
  readonly name: string;
  readonly channel: Channel;
  readonly handOff: HandOff;
  /** Ends it now, whatever it does. Resolves when it has ended. Idempotent. */
  kill(): Promise<void>;
  /** Resolves with the reason in words when it has ended, whoever ended it. */
  readonly ended: Promise<string>;
}

/** What a worker tells its pool. */
export interface PooledWorkerListener {
  /** It has ended, and everything of it is told. */
  ended(worker: PooledWorker): void;
  /** Its setup has something to tell. */
  told(message: object): void;
  /** A handler of it answers a datagram. */
  reply(worker: PooledWorker, message: ReplyMessage): void;
  /** A handler of it wants the server to be shut down. */
  shutdown(worker: PooledWorker, message: ShutdownMessage): void;
}

/** One worker, with the requests that it runs. */
export class PooledWorker {
  /** Resolves when it is ready for requests, and rejects when it never will be. */
  readonly started: Promise<void>;
  /** Milliseconds on the clock of the server: when it was started. */
  readonly startedAt: number;
  /** Whether it has loaded its handler. */
  isStarted = false;
  /** Why it has ended, or an empty text as long as it runs. */
  endedBy = '';

  readonly #link: WorkerLink;
  readonly #clock: Clock;
  readonly #listener: PooledWorkerListener;
  readonly #runs = new Map<number, RemoteRun>();
  /** Cuts that it has not heard of yet, by request. */
  readonly #cuts = new Map<number, ClockTimer>();

  /** @param answers answers its calls of shared services */
  constructor(link: WorkerLink, clock: Clock, answers: SharedAnswers, listener: PooledWorkerListener) {
    this.#clock = clock;
    this.#link = link;
    this.startedAt = clock.now();
    this.#listener = listener;
    this.started = new Promise((resolve, reject) => {
      link.channel.onMessage = (message) => {
        const told = message as FromWorker | CallsMessage;
        if (told.type === 'calls') answers.receive(told);
        else if (told.type !== 'started') this.#hear(told);
        else if (told.thrown === undefined) {
          this.isStarted = true;
          resolve();
        } else {
          reject(fromWire(told.thrown));
          // Without a handler it is of no use; a child would stay for its channel's sake.
          void this.kill();
        }
      };
      void link.ended.then((reason) => {
        reject(new WorkerDiedError(link.name, reason));
        this.#ended(reason);
      });
    });
    // Who starts it hears of it.
    this.started.catch(() => undefined);
    link.channel.start();
  }

  /** How many requests it runs. */
  get load(): number {
    return this.#runs.size;
  }

  /** Whether it can be given one more request. */
  get hasRoom(): boolean {
    return this.endedBy === '' && this.#link.handOff.hasRoom;
  }

  /** Gives a request to it. @returns a promise which settles when its handler has ended */
  run(connection: Connection, request: Request, clientAddress: Address): Promise<void> {
    const { id } = connection;
    const { parcel, transfer } = isDatagram(request) ? givePacket(request) : this.#link.handOff.give(request);
    const run = new RemoteRun(id, this, isDatagram(request) ? request[0].length : 0);
    this.#runs.set(id, run);
    connection.handOver(run);
    this.#link.channel.post({ type: 'request', id, clientAddress, parcel } satisfies ToWorker, transfer as never);
    return run.finished;
  }

  /** Whether the request with this number is one of its own. */
  runs(id: number): boolean {
    return this.#runs.has(id);
  }

  tell(message: ToWorker): void {
    this.#link.channel.post(message);
  }

  /** Ends a request in it now; if it does not even hear of that, because something in it never stops, it is killed. */
  cut(message: CutMessage): void {
    this.tell(message);
    if (this.#cuts.has(message.id)) return;
    const timer = this.#clock.setTimeout(() => void this.kill(), DEAF);
    timer.unref();
    this.#cuts.set(message.id, timer);
  }

  kill(): Promise<void> {
    return this.#link.kill();
  }

  #hear(message: FromWorker): void {
    if (message.type === 'started') return;
    if (message.type === 'told') return this.#listener.told(message.message);
    if (message.type === 'reply') return this.#listener.reply(this, message);
    if (message.type === 'shutdown') return this.#listener.shutdown(this, message);
    this.#cuts.get(message.id)?.cancel();
    this.#cuts.delete(message.id);
    if (message.type === 'cut-heard') return;
    this.#runs.get(message.id)?.ended(message);
    this.#runs.delete(message.id);
  }

  #ended(reason: string): void {
    this.endedBy = reason;
    this.#link.handOff.workerEnded();
    const error = new WorkerDiedError(this.#link.name, reason);
    for (const run of this.#runs.values()) run.lost(error);
    this.#runs.clear();
    for (const timer of this.#cuts.values()) timer.cancel();
    this.#cuts.clear();
    this.#listener.ended(this);
  }
}

/** A request whose handler runs in a worker. */
class RemoteRun implements RemoteRequest {
  end: ConnectionEnd | null = null;
  readonly finished: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(
    private readonly id: number,
    private readonly worker: PooledWorker,
    /** Bytes that were read before it was given away. */
    private readonly bytesGiven: number,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** All of a worker's handlers are told at once: see `WorkerPool.drain()`. */
  drain(): void {}

  cut(reason: CloseReason, error: DeadlineError | ShutdownError): void {
    this.worker.cut({ type: 'cut', id: this.id, reason, thrown: toWire(error) });
  }

  ended({ reason, bytesRead, bytesWritten, thrown, isFailure }: EndedMessage): void {
    const error = thrown === undefined ? undefined : fromWire(thrown);
    this.end = { reason, error, bytesRead, bytesWritten };
    if (isFailure) this.#reject(error);
    else this.#resolve();
  }

  lost(error: WorkerDiedError): void {
    this.end = { reason: 'worker-died', error, bytesRead: this.bytesGiven, bytesWritten: 0 };
    this.#reject(error);
  }
}
