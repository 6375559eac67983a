import type { Address, Clock, ClockTimer, Given, HandOff } from '@socketserver/socket';

import type { Connection } from '../connection';
import { type Request, isDatagram } from '../datagram-request';
import { WorkerDiedError } from '../errors';
import type { Channel } from '../remote/channel';
import { Outbox } from '../remote/outbox';
import type { SharedAnswers } from '../remote/shared-answers';
import type { CallsMessage } from '../remote/shared-messages';
import { fromWire } from '../remote/wire-error';
import { DEAF, Heartbeat, afterReading } from './heartbeat';
import type {
  AcceptedMessage,
  CutMessage,
  EndedMessage,
  FromWorker,
  RepliedMessage,
  ReplyMessage,
  RequestMessage,
  StartedMessage,
  ToWorker,
} from './messages';
import { NumberTable } from './number-table';
import { givePacket } from './packet-parcel';
import { RemoteRun } from './remote-run';
import type { Slate } from './slate';

/** A thread or a process that runs handlers, as its starter knows it. */
export interface WorkerLink {
  /** What it is called in messages: `thread 3`. */
  readonly name: string;
  readonly channel: Channel;
  readonly handOff: HandOff;
  /** Whether it accepts connections by itself. */
  readonly accepts: boolean;
  /** What it notes whose handler computes on; `null` when the server need not know. */
  readonly slate: Slate | null;
  /** Ends it now, whatever it does. Resolves when it has ended. Idempotent. */
  kill(): Promise<void>;
  /** Resolves with the reason in words when it has ended, whoever ended it. */
  readonly ended: Promise<string>;
}

/** What all workers of a pool have in common. */
export interface PooledWorkerOptions {
  readonly clock: Clock;
  /** Milliseconds that a handler may compute; `undefined`: as long as it likes. */
  readonly handlerDeadline: number | undefined;
}

/** What a worker tells its pool. */
export interface PooledWorkerListener {
  /** It runs one request less. */
  freed(): void;
  /** It has ended, and everything of it is told. */
  ended(worker: PooledWorker): void;
  /** Its setup has something to tell. */
  told(message: object): void;
  /** A handler of it answers a datagram. */
  reply(worker: PooledWorker, message: ReplyMessage): void;
  /** A handler of it wants the server to be shut down. @param caller the number of its connection, if that is known */
  shutdown(worker: PooledWorker, wish: number, caller: number | null): void;
  /** It has accepted a connection by itself. @returns the number of that connection */
  accepted(worker: PooledWorker, run: RemoteRun): number;
  /** Something failed in it that no request is to blame for. */
  trouble(error: unknown): void;
}

/** One worker, with the requests that it runs. */
export class PooledWorker {
  /** Resolves when it is ready for requests, and rejects when it never will be. */
  readonly started: Promise<void>;
  /** Milliseconds on the clock of the server: when it was started. */
  readonly startedAt: number;
  /** Whether it has loaded its handler. */
  isStarted = false;
  /** What has kept it from starting, if that is known. */
  failure: unknown = null;
  /** Why it has ended, or an empty text as long as it runs. */
  endedBy = '';
  /** How many requests it was given. */
  served = 0;
  /** Milliseconds on the clock of the server: when it last had nothing to do, or was started. */
  idleSince: number;
  /** It is given nothing more, and ends with the last of its requests. */
  isRetiring = false;

  readonly #link: WorkerLink;
  readonly #clock: Clock;
  readonly #listener: PooledWorkerListener;
  readonly #runs = new NumberTable<RemoteRun>();
  /** What comes often: that of one round of the event loop goes together. */
  readonly #outbox: Outbox<RequestMessage | RepliedMessage>;
  /** Cuts that it has not heard of yet, by request. */
  readonly #cuts = new Map<number, ClockTimer>();
  /** Why it was killed; `null` as long as it was not. */
  #killedFor: string | null = null;
  /** `null`: handlers may compute as long as they like. */
  readonly #heartbeat: Heartbeat | null;
  /** How often it has still to say that it accepts no more. */
  #unanswered = 0;
  #onQuiet: (() => void)[] = [];
  #ending: Promise<void> | null = null;

  /** @param answers answers its calls of shared services */
  constructor(link: WorkerLink, options: PooledWorkerOptions, answers: SharedAnswers, listener: PooledWorkerListener) {
    const { clock, handlerDeadline } = options;
    this.#clock = clock;
    this.#link = link;
    this.startedAt = this.idleSince = clock.now();
    this.#heartbeat =
      handlerDeadline === undefined
        ? null
        : new Heartbeat(
            clock,
            handlerDeadline,
            () => this.tell({ type: 'ping' }),
            () => this.#expire(handlerDeadline),
          );
    this.#listener = listener;
    this.#outbox = new Outbox((messages) => {
      link.channel.post(messages.length === 1 ? messages[0]! : { type: 'batch', messages });
    }, setImmediate);
    this.started = new Promise((resolve, reject) => {
      const receive = (told: FromWorker | CallsMessage): void => {
        if (told.type === 'calls') answers.receive(told);
        else if (told.type !== 'started') this.#hear(told);
        else if (told.thrown === undefined) {
          this.isStarted = true;
          resolve();
        } else {
          this.failure = fromWire(told.thrown);
          // Without a handler it is of no use; a child would stay for its channel's sake.
          void this.kill();
        }
      };
      link.channel.onMessage = (message) => {
        try {
          receive(message as FromWorker | CallsMessage);
        } catch (error) {
          // Code in the worker has the same channel: whatever it sends there must end no more than the worker.
          listener.trouble(error);
          void this.kill('it has sent what is no message, and was killed');
        }
      };
      void link.ended.then((reason) => {
        // First of all the pool: who waits for a worker then finds that another one is on its way.
        this.#ended(reason);
        reject(this.failure ?? new WorkerDiedError(link.name, reason));
      });
    });
    // Who starts it hears of it.
    this.started.catch(() => undefined);
    link.channel.start();
  }

  /** Resolves when it has ended. */
  get ended(): Promise<unknown> {
    return this.#link.ended;
  }

  /** What it is called: `thread 3`. */
  get name(): string {
    return this.#link.name;
  }

  /** How many requests it runs. */
  get load(): number {
    return this.#runs.size;
  }

  /** Whether it can be given one more request. */
  get hasRoom(): boolean {
    const { channel, handOff } = this.#link;
    // A child that has disconnected lives on for a second, and hears nothing.
    return this.endedBy === '' && !this.isRetiring && this.#killedFor === null && !channel.isClosed && handOff.hasRoom;
  }

  /** Gives a request to it. @returns a promise which settles when its handler has ended */
  run(connection: Connection, request: Request, clientAddress: Address): Promise<void> {
    const { id } = connection;
    const { parcel, transfer } = isDatagram(request) ? givePacket(request) : this.#link.handOff.give(request);
    const run = new RemoteRun(id, clientAddress, this, isDatagram(request) ? request[0].length : 0);
    run.connectionId = id;
    this.#begins(run);
    connection.handOver(run);
    const message: RequestMessage = { type: 'request', id, clientAddress, parcel };
    if (transfer.length === 0) this.#outbox.add(message);
    else this.#post(message, transfer);
    return run.finished;
  }

  tell(message: ToWorker): void {
    // One that has not started yet hears of it afterwards.
    const isToAnswer = message.type === 'suspend' || message.type === 'drain';
    if (isToAnswer && this.#link.accepts && this.isStarted) this.#unanswered += 1;
    this.#post(message);
  }

  /** Tells what has become of an answer to a datagram. */
  replied(message: RepliedMessage): void {
    this.#outbox.add(message);
  }

  /** Ends a request in it now; if it does not even hear of that, because something in it never stops, it is killed. */
  cut(message: CutMessage): void {
    const { id } = message;
    this.tell(message);
    if (this.#cuts.has(id)) return;
    const isDeaf = (): void => {
      if (this.#cuts.has(id)) void this.kill(`it did not hear for ${DEAF} ms that a request is cut, and was killed`);
    };
    this.#cuts.set(id, afterReading(this.#clock, DEAF, isDeaf));
  }

  /** Gives it nothing more: it ends with the last of its requests. Idempotent. */
  retire(): void {
    if (this.isRetiring) return;
    this.isRetiring = true;
    if (this.#link.accepts) this.tell({ type: 'suspend' });
    this.#endIfIdle();
  }

  /** Resolves when it has told of all that it has accepted by itself, after it was told to accept no more; or has ended. */
  quiet(): Promise<void> {
    if (this.#unanswered === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  /** Ends it: it frees what it holds first, unless it is stuck. Resolves when it has ended. Idempotent. */
  end(): Promise<void> {
    if (this.#runs.size > 0) return this.kill();
    return (this.#ending ??= this.#end());
  }

  #end(): Promise<void> {
    this.isRetiring = true;
    if (!this.isStarted || this.#cuts.size > 0) return this.kill();
    this.tell({ type: 'end' });
    const isStuck = (): void => void this.kill(`it did not end within ${DEAF} ms, and was killed`);
    const timer = afterReading(this.#clock, DEAF, isStuck);
    return this.#link.ended.then(() => timer.cancel());
  }

  /** Ends it now, whatever it does. Resolves when it has ended. Idempotent. @param why in words, if it is to blame */
  kill(why = ''): Promise<void> {
    this.#killedFor ??= why;
    return this.#link.kill();
  }

  /** After all requests that wait. */
  #post(message: ToWorker, transfer?: Given['transfer']): void {
    this.#outbox.flush();
    this.#link.channel.post(message, transfer);
  }

  #hear(message: Exclude<FromWorker, StartedMessage>): void {
    switch (message.type) {
      case 'batch':
        for (const each of message.messages) this.#hear(each);
        return;
      case 'told':
        return this.#listener.told(message.message);
      case 'reply':
        return this.#listener.reply(this, message);
      case 'shutdown':
        return this.#listener.shutdown(this, message.wish, this.#connectionOf(message.caller));
      case 'accepted':
        return this.#accepted(message);
      case 'suspended':
        this.#unanswered = Math.max(0, this.#unanswered - 1);
        this.#isQuiet();
        return this.#endIfIdle();
      case 'trouble':
        return this.#listener.trouble(fromWire(message.thrown));
      case 'pong':
        return this.#heartbeat?.heard();
      case 'cut-heard':
        return this.#heard(message.id);
      case 'ended':
        return this.#requestEnded(message);
    }
  }

  #heard(id: number): void {
    if (this.#cuts.size === 0) return;
    this.#cuts.get(id)?.cancel();
    this.#cuts.delete(id);
  }

  #requestEnded(message: EndedMessage): void {
    const { id } = message;
    this.#heard(id);
    this.#runs.get(id)?.ended(message);
    if (!this.#runs.delete(id)) return;
    this.#listener.freed();
    if (this.#runs.size > 0) return;
    this.#heartbeat?.stop();
    this.idleSince = this.#clock.now();
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.isRetiring && this.#unanswered === 0 && this.#runs.size === 0) void this.end();
  }

  #isQuiet(): void {
    if (this.#unanswered > 0) return;
    for (const resolve of this.#onQuiet) resolve();
    this.#onQuiet = [];
  }

  #accepted({ id, clientAddress }: AcceptedMessage): void {
    const run = new RemoteRun(id, clientAddress, this, 0);
    this.#begins(run);
    run.connectionId = this.#listener.accepted(this, run);
  }

  #begins(run: RemoteRun): void {
    this.#runs.set(run.id, run);
    this.served += 1;
    this.#heartbeat?.start();
  }

  #connectionOf(id: number | null): number | null {
    return id === null ? null : (this.#runs.get(id)?.connectionId ?? null);
  }

  /** A handler in it has computed for too long. Only with the whole worker can that be ended. */
  #expire(ms: number): void {
    const id = this.#link.slate?.read() ?? 0;
    this.#runs.get(id)?.expired(ms);
    this.#runs.delete(id);
    void this.kill(`a handler has computed for more than ${ms} ms, and it was killed`);
  }

  #ended(how: string): void {
    const reason = this.#killedFor === null || this.#killedFor === '' ? how : this.#killedFor;
    this.endedBy = reason;
    this.#link.handOff.workerEnded();
    const error = new WorkerDiedError(this.#link.name, reason);
    for (const run of this.#runs.values()) run.lost(error);
    this.#runs.clear();
    for (const timer of this.#cuts.values()) timer.cancel();
    this.#cuts.clear();
    this.#heartbeat?.stop();
    this.#link.slate?.close();
    this.#unanswered = 0;
    this.#isQuiet();
    this.#listener.ended(this);
  }
}
