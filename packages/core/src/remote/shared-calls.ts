import type { Channel } from './channel';
import { ChannelClosedError, NotCloneableError, TooManyCallsError } from './errors';
import { Outbox } from './outbox';
import { type Restore, isExact, isPrimitive, pack, unpack } from './pack';
import type { Call, CallsMessage, ResultsMessage } from './shared-messages';
import { fromWire } from './wire-error';

/** Calls that may wait for their results at once. */
const MAX_IN_FLIGHT = 10_000;

interface Waiting {
  readonly service: string;
  readonly method: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The calls that one worker makes of the services in the server's process. */
export class SharedCalls {
  readonly #limit: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #calls: Outbox<Call>;
  #lastId = 0;
  #isClosed = false;

  /** @param limit how many calls may wait for their results at once */
  constructor(channel: Pick<Channel, 'post'>, limit = MAX_IN_FLIGHT) {
    this.#limit = limit;
    this.#calls = new Outbox((calls) => channel.post({ type: 'calls', calls } satisfies CallsMessage));
  }

  /**
   * Calls a method. The promise is rejected with what the method throws, or with a {@link NotCloneableError}, a
   * {@link TooManyCallsError} or a {@link ChannelClosedError}.
   *
   * @param service the place of the service in the list of the server
   * @param name of the service, for messages
   * @param args an array of its own: what is in it may be replaced
   */
  call(service: number, name: string, method: string, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new ChannelClosedError(name, method);
      if (this.#waiting.size >= this.#limit) throw new TooManyCallsError(name, method, this.#limit);
      const id = (this.#lastId += 1);
      this.#send([id, service, method, args], name);
      this.#waiting.set(id, { service: name, method, resolve, reject });
    });
  }

  /** To be given every message of that type from the server's process. */
  receive({ results }: ResultsMessage): void {
    for (const result of results) {
      const [id, , restores, thrown] = result;
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) continue;
      this.#waiting.delete(id);
      unpack(restores);
      // Not taken out of it before: unpack() may have put another value there.
      if (thrown === undefined) waiting.resolve(result[1]);
      else waiting.reject(fromWire(thrown));
    }
  }

  /** To be called when the channel has closed: no result comes any more. */
  close(): void {
    this.#isClosed = true;
    for (const { service, method, reject } of this.#waiting.values()) reject(new ChannelClosedError(service, method));
    this.#waiting.clear();
  }

  /** Sends what waits for the end of this turn of the code: before something that has to come after it. */
  flush(): void {
    this.#calls.flush();
  }

  #send(call: Call, name: string): void {
    const [, , method, args] = call;
    let restores: Restore[] | undefined;
    let mayWait = true;
    for (let index = 0; index < args.length; index += 1) {
      const argument = args[index];
      if (isPrimitive(argument)) continue;
      // Of a window into a pool a copy goes, which nobody else has.
      if (!ArrayBuffer.isView(argument) || isExact(argument)) mayWait = false;
      try {
        restores = pack(args, index, restores);
      } catch (error) {
        throw new NotCloneableError(name, method, index, error);
      }
    }
    if (restores !== undefined) call.push(restores);
    if (mayWait) {
      this.#calls.add(call);
      return;
    }
    try {
      this.#calls.addNow(call);
    } catch (error) {
      throw new NotCloneableError(name, method, args.findIndex(isNotCloneable), error);
    }
  }
}

/** What only the runtime can tell, such as that it belongs to the system. */
function isNotCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return false;
  } catch {
    return true;
  }
}
