import { isPromise } from '../maybe-promise';
import type { Channel } from './channel';
import { NotCloneableError } from './errors';
import { Outbox } from './outbox';
import { isPrimitive, pack, unpack } from './pack';
import type { SharedHost } from './shared-host';
import type { Call, CallsMessage, Result, ResultsMessage } from './shared-messages';
import { toWire } from './wire-error';

/**
 * Answers the calls of one worker.
 *
 * They begin in the order in which they were made. A result goes when it is there: nothing waits for a slow one. When the
 * worker has gone, what runs for it runs to its end, and nobody is told.
 */
export class SharedAnswers {
  readonly #host: SharedHost;
  readonly #channel: Pick<Channel, 'isClosed' | 'post'>;
  readonly #results: Outbox<Result>;

  constructor(host: SharedHost, channel: Pick<Channel, 'isClosed' | 'post'>) {
    this.#host = host;
    this.#channel = channel;
    this.#results = new Outbox((results) => channel.post({ type: 'results', results } satisfies ResultsMessage));
  }

  /** To be given every message of that type from the worker. */
  receive({ calls }: CallsMessage): void {
    for (const call of calls) this.#begin(call);
  }

  #begin(call: Call): void {
    const [, service, method, args, restores] = call;
    unpack(restores);
    let result: unknown;
    try {
      result = this.#host.call(service, method, args);
      if (isPromise(result)) {
        result.then(
          (value) => this.#succeed(call, value),
          (error: unknown) => this.#fail(call, error),
        );
        return;
      }
    } catch (error) {
      this.#fail(call, error);
      return;
    }
    this.#succeed(call, result);
  }

  #succeed(call: Call, value: unknown): void {
    if (this.#channel.isClosed) return;
    const result: Result = [call[0], value];
    if (isPrimitive(value)) {
      this.#results.add(result);
      return;
    }
    try {
      const restores = pack(result, 1);
      if (restores !== undefined) result.push(restores);
      // A copy of bytes is nobody else's.
      if (ArrayBuffer.isView(value) && result[1] !== value) this.#results.add(result);
      else this.#results.addNow(result);
    } catch (error) {
      const [, service, method] = call;
      this.#fail(call, new NotCloneableError(this.#host.name(service), method, undefined, error));
    }
  }

  #fail(call: Call, error: unknown): void {
    if (!this.#channel.isClosed) this.#results.add([call[0], undefined, undefined, toWire(error)]);
  }
}
