/** Shared services from where handlers are: calls by a proxy, over a channel, to the one instance. */
import { MessageChannel } from 'node:worker_threads';

import { expectNoLeaks, moment, settled } from '@socketserver/testing';

import {
  ChannelClosedError,
  NotCloneableError,
  ServiceCallError,
  TimeoutError,
  TooManyCallsError,
  UnknownMethodError,
} from '../../src';
import { PortChannel } from '../../src/remote/port-channel';
import { SharedAnswers } from '../../src/remote/shared-answers';
import { SharedCalls } from '../../src/remote/shared-calls';
import { SharedHost } from '../../src/remote/shared-host';
import type { CallsMessage, ResultsMessage } from '../../src/remote/shared-messages';
import { sharedProxy } from '../../src/remote/shared-proxy';

expectNoLeaks('test');

/** A service in the server's process, and its proxy in a worker, as far as a channel makes them two. */
function served<T extends object>(instance: T, limit?: number) {
  const { port1, port2 } = new MessageChannel();
  const [near, far] = [new PortChannel(port1), new PortChannel(port2)];
  const host = new SharedHost([{ name: instance.constructor.name, instance }]);
  const answers = new SharedAnswers(host, near);
  const calls = new SharedCalls(far, limit);
  const messages = { calls: 0, results: 0 };
  near.onMessage = (message) => {
    messages.calls += 1;
    answers.receive(message as CallsMessage);
  };
  far.onMessage = (message) => {
    messages.results += 1;
    calls.receive(message as ResultsMessage);
  };
  far.onClose = () => calls.close();
  near.start();
  far.start();
  const proxy = sharedProxy<T>(host.descriptions[0]!, 0, calls);
  return { proxy, calls, near, far, messages, [Symbol.dispose]: () => near.close() };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

class Roll {
  readonly names: string[] = [];
  readonly release = moment();
  async add(name: string) {
    return this.names.push(name);
  }
  async slow(name: string) {
    this.names.push(name);
    await this.release;
    return `${name}, at last`;
  }
  async list(): Promise<unknown> {
    return this.names;
  }
  async take(..._things: unknown[]): Promise<unknown> {
    return undefined;
  }
  async fail() {
    throw new TimeoutError('recv: timed out', 'ETIMEDOUT', { operation: 'recv' });
  }
}

describe('a shared service, called from elsewhere', () => {
  it('does what it is asked, and answers', async () => {
    const roll = new Roll();
    using service = served(roll);
    expect(await service.proxy.add('Ada')).toBe(1);
    expect(await service.proxy.add('Rui')).toBe(2);
    expect(await service.proxy.list()).toEqual(['Ada', 'Rui']);
    expect(await service.proxy.take()).toBeUndefined();
  });

  it('begins with calls in their order, and does not hold one up for another', async () => {
    const roll = new Roll();
    using service = served(roll);
    const slow = service.proxy.slow('Ada');
    expect(await Promise.all([service.proxy.add('Grace'), service.proxy.add('Rui')])).toEqual([2, 3]);
    expect(roll.names).toEqual(['Ada', 'Grace', 'Rui']);
    roll.release.happen();
    expect(await slow).toBe('Ada, at last');
  });

  it('keeps the order of calls with and without objects', async () => {
    const seen: unknown[] = [];
    class Log {
      async note(...things: unknown[]) {
        seen.push(...things);
      }
    }
    using service = served(new Log());
    const { note } = service.proxy;
    await Promise.all([note(1), note({ two: 2 }), note('3', '4'), note(Buffer.from('5')), note([6]), note(7)]);
    expect(seen).toEqual([1, { two: 2 }, '3', '4', Buffer.from('5'), [6], 7]);
  });

  it('is told what an argument was when the call was made', async () => {
    const roll = new Roll();
    const taken: unknown[] = [];
    roll.take = async (...things) => void taken.push(...things);
    using service = served(roll);
    const scratch = { count: 0, bytes: Buffer.from('0'), own: Buffer.allocUnsafeSlow(1) };
    const made = [1, 2].map((count) => {
      scratch.count = count;
      for (const bytes of [scratch.bytes, scratch.own]) bytes.write(String(count));
      return [service.proxy.take(scratch), service.proxy.take(scratch.bytes), service.proxy.take(scratch.own)];
    });
    await Promise.all(made.flat());
    const [first, second] = ['1', '2'].map((digit) => Buffer.from(digit));
    const expected = [
      [{ count: 1, bytes: first, own: first }, first, first],
      [{ count: 2, bytes: second, own: second }, second, second],
    ];
    expect(taken).toEqual(expected.flat());
  });

  it('sends the calls of one turn together, and their results', async () => {
    using service = served(new Roll());
    await Promise.all(Array.from({ length: 100 }, (_, index) => service.proxy.add(`student ${index}`)));
    expect(service.messages).toEqual({ calls: 1, results: 1 });
  });

  it('sends at once what waits, when it is told to', async () => {
    using service = served(new Roll());
    const added = service.proxy.add('Ada');
    service.calls.flush();
    await Promise.all([added, service.proxy.add('Rui')]);
    expect(service.messages.calls).toBe(2);
  });

  it('gets buffers as buffers, and gives them, without the bytes beside them', async () => {
    const taken: Buffer[] = [];
    class Seal {
      async seal(bytes: Buffer, more: { readonly key: Buffer }) {
        taken.push(bytes, more.key);
        return { sealed: Buffer.concat([bytes, more.key]), at: new Date(1) };
      }
    }
    using service = served(new Seal());
    const { sealed, at } = await service.proxy.seal(Buffer.from('text'), { key: Buffer.from('key') });
    expect(taken.map(String)).toEqual(['text', 'key']);
    expect([String(sealed), at.getTime()]).toEqual(['textkey', 1]);
    expect([...taken, sealed].map(Buffer.isBuffer)).toEqual([true, true, true]);
    expect([...taken, sealed].map(({ buffer }) => buffer.byteLength)).toEqual([4, 3, 7]);
  });

  it('has its errors come with class, code, fields and stack', async () => {
    using service = served(new Roll());
    const error = await failure(service.proxy.fail());
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'ETIMEDOUT', operation: 'recv', message: 'recv: timed out' });
    expect((error as Error).stack).toContain('shared-services.test');
  });

  it('may answer or fail at once, or with any promise', async () => {
    class Immediate {
      now(): Promise<number> {
        return 1 as unknown as Promise<number>;
      }
      never(): Promise<number> {
        throw new RangeError('never');
      }
      later(): Promise<string> {
        return { then: (resolve: (value: string) => void) => void resolve('later') } as unknown as Promise<string>;
      }
      broken(): Promise<string> {
        const then = () => {
          throw new TypeError('no promise');
        };
        return { then } as unknown as Promise<string>;
      }
    }
    using service = served(new Immediate());
    expect(await service.proxy.now()).toBe(1);
    expect(await failure(service.proxy.never())).toEqual(new RangeError('never'));
    expect(await service.proxy.later()).toBe('later');
    expect(await failure(service.proxy.broken())).toEqual(new TypeError('no promise'));
  });
});

describe('the proxy of a shared service', () => {
  class Base {
    async inherited() {
      return 'inherited';
    }
    async overridden() {
      return 'base';
    }
  }
  class Service extends Base {
    readonly limit = 3;
    readonly field = async () => `field ${this.limit}`;
    #secret() {
      return 'secret';
    }
    override async overridden() {
      return `own, ${this.#secret()}`;
    }
    override toString() {
      return 'text';
    }
    get accessor() {
      return () => 'accessed';
    }
    async then() {}
  }

  it('has the public methods of the instance and of its classes, and no others', async () => {
    using service = served(new Service());
    const { proxy } = service;
    expect(Object.keys(proxy).sort()).toEqual(['field', 'inherited', 'overridden']);
    expect(await proxy.inherited()).toBe('inherited');
    expect(await proxy.overridden()).toBe('own, secret');
    expect(await proxy.field()).toBe('field 3');
  });

  it('is no promise, so that it can be awaited and injected', async () => {
    using service = served(new Roll());
    expect(await service.proxy).toBe(service.proxy);
    expect(JSON.stringify(service.proxy)).toBe('{}');
    expect(service.messages.calls).toBe(0);
  });

  it.each([
    'constructor',
    'toString',
    'hasOwnProperty',
    '__proto__',
    'then',
    'accessor',
    'limit',
    '#secret',
    'nothing',
  ])('cannot be made to call %s', async (method) => {
    using service = served(new Service());
    const error = await failure(service.calls.call(0, 'Service', method, []));
    expect(error).toBeInstanceOf(UnknownMethodError);
    expect(error).toMatchObject({ service: 'Service', method, code: 'ERR_UNKNOWN_METHOD' });
  });

  it('cannot be made to call a service that is not shared', async () => {
    using service = served(new Service());
    const error = await failure(service.calls.call(1, 'Other', 'field', []));
    expect(error).toMatchObject({ service: 'service 1', method: 'field', code: 'ERR_UNKNOWN_METHOD' });
  });
});

describe('a call that cannot be made', () => {
  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['an object with a function', { done: () => 1 }],
    ['a promise', Promise.resolve()],
    ['something that only the runtime refuses', new Proxy({}, {})],
  ])('says which argument is no data: %s', async (_name, argument) => {
    using service = served(new Roll());
    const others = [service.proxy.add('Ada')];
    const refused = failure(service.proxy.take('good', argument));
    others.push(service.proxy.add('Rui'));
    const error = await refused;
    expect(error).toBeInstanceOf(NotCloneableError);
    expect(error).toBeInstanceOf(ServiceCallError);
    expect(error).toMatchObject({ service: 'Roll', method: 'take', argument: 1, code: 'ERR_NOT_CLONEABLE' });
    expect((error as Error).message).toMatch(/^Roll\.take\(\): argument 1 cannot be sent: .+; send plain data$/);
    expect((error as Error).stack).toContain('shared-services.test');
    // The calls around it are none the worse.
    expect(await Promise.all(others)).toEqual([1, 2]);
  });

  it('says that the result is no data, also when only the runtime knows', async () => {
    const roll = new Roll();
    using service = served(roll);
    for (const value of [() => 1, { list: [Symbol('x')] }, new Proxy({}, {})]) {
      roll.list = async () => value;
      const error = await failure(service.proxy.list());
      expect(error).toBeInstanceOf(NotCloneableError);
      expect(error).toMatchObject({ service: 'Roll', method: 'list', argument: undefined });
      expect((error as Error).message).toContain('the result cannot be sent');
    }
    expect(await service.proxy.add('Ada')).toBe(1);
  });

  it('is one too many, until others have their results', async () => {
    const roll = new Roll();
    using service = served(roll, 2);
    const slow = [service.proxy.slow('Ada'), service.proxy.slow('Grace')];
    const error = await failure(service.proxy.add('Rui'));
    expect(error).toBeInstanceOf(TooManyCallsError);
    expect(error).toMatchObject({ limit: 2, service: 'Roll', method: 'add', code: 'ERR_TOO_MANY_CALLS' });
    roll.release.happen();
    await Promise.all(slow);
    expect(await service.proxy.add('Rui')).toBe(3);
    expect(roll.names).toEqual(['Ada', 'Grace', 'Rui']);
  });

  it('is not counted when it was refused', async () => {
    using service = served(new Roll(), 1);
    for (let count = 0; count < 3; count += 1) {
      expect(await failure(service.proxy.take(() => 1))).toBeInstanceOf(NotCloneableError);
    }
    expect(await service.proxy.add('Ada')).toBe(1);
  });
});

describe('the end of the channel', () => {
  it('rejects the calls that wait, and every later one', async () => {
    const roll = new Roll();
    const service = served(roll);
    const slow = failure(service.proxy.slow('Ada'));
    await service.proxy.add('Rui');
    service.near.close();
    const error = await slow;
    expect(error).toBeInstanceOf(ChannelClosedError);
    expect(error).toMatchObject({ service: 'Roll', method: 'slow', code: 'ERR_CHANNEL_CLOSED' });
    expect(await failure(service.proxy.add('Grace'))).toBeInstanceOf(ChannelClosedError);
    expect(roll.names).toEqual(['Ada', 'Rui']);
  });

  it('lets what runs run to its end, of which nobody is told', async () => {
    const roll = new Roll();
    const service = served(roll);
    const endings = [service.proxy.slow('Ada'), service.proxy.slow('Rui')].map(failure);
    await service.proxy.list();
    roll.list = async () => {
      await roll.release;
      throw new Error('nobody hears this');
    };
    endings.push(failure(service.proxy.list()));
    await service.proxy.add('Grace');
    service.near.close();
    roll.release.happen();
    await settled();
    for (const error of await Promise.all(endings)) expect(error).toBeInstanceOf(ChannelClosedError);
    expect(service.messages.results).toBe(2);
  });
});
