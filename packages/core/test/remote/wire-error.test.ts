import { types } from 'node:util';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

import { MalformedMessageError } from '@socketserver/framing';
import { ConnectionResetError, SocketError, TimeoutError } from '@socketserver/socket';

import { DeadlineError, ServerError, registerError } from '../../src';
import { type WireThrown, fromWire, toWire } from '../../src/remote/wire-error';

/** What is thrown at the other side of a channel. */
function sent(thrown: unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(toWire(thrown));
    return fromWire((receiveMessageOnPort(port2) as { message: WireThrown }).message);
  } finally {
    port1.close();
  }
}

const sentError = (thrown: unknown) => sent(thrown) as Error & Record<string, unknown>;

class StorageError extends Error {
  #secret = 'not sent';
  constructor(
    message: string,
    readonly file: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StorageError';
  }
  get secret() {
    return this.#secret;
  }
}
class FullError extends StorageError {}
registerError(StorageError);

describe('an error that goes to another thread or process', () => {
  it('keeps its class, name, message, code, fields and stack', () => {
    const error = new TimeoutError('recv: timed out', 'ETIMEDOUT', { operation: 'recv', address: ['127.0.0.1', 5000] });
    const received = sentError(error);
    expect(received).toBeInstanceOf(TimeoutError);
    expect(received).toBeInstanceOf(SocketError);
    expect(received).toMatchObject({
      name: 'TimeoutError',
      message: 'recv: timed out',
      code: 'ETIMEDOUT',
      operation: 'recv',
      address: ['127.0.0.1', 5000],
      stack: error.stack,
    });
    expect(Object.keys(received).sort()).toEqual(['address', 'code', 'operation']);
  });

  it.each([
    new DeadlineError('idle', 10, ['127.0.0.1', 5000]),
    new MalformedMessageError('no frame', Buffer.from('xyz')),
    new ConnectionResetError('reset', 'ECONNRESET'),
    new RangeError('out of range'),
    Object.assign(new TypeError('wrong'), { code: 'ERR_INVALID_ARG_TYPE' }),
  ])('is of its class again: %s', (error) => {
    const received = sentError(error);
    expect(received.constructor).toBe(error.constructor);
    expect(received).toMatchObject({ ...error, name: error.name, message: error.message });
    expect(String(received)).toBe(String(error));
  });

  it('is an error of an app, when that has registered it', () => {
    const received = sentError(new StorageError('the disk is full', '/var/roll'));
    expect(received).toBeInstanceOf(StorageError);
    expect(received).toMatchObject({ name: 'StorageError', message: 'the disk is full', file: '/var/roll' });
    expect(() => received.secret).toThrow(TypeError);
  });

  it('is of the nearest class that is known', () => {
    const received = sentError(new FullError('no room', '/var/roll'));
    expect(received.constructor).toBe(StorageError);
    class Unknown extends TimeoutError {}
    expect(sentError(new Unknown('late', 'ETIMEDOUT'))).toMatchObject({ constructor: TimeoutError, name: 'Unknown' });
  });

  it('is a plain one with its name and code, when its class is not known', () => {
    class ForeignError extends Error {
      override readonly name = 'ForeignError';
      get code() {
        return 'ERR_FOREIGN';
      }
    }
    const received = sentError(new ForeignError('strange'));
    expect(received).toMatchObject({ constructor: Error, name: 'ForeignError', code: 'ERR_FOREIGN' });
    expect(String(received)).toBe('ForeignError: strange');
  });

  it('is not taken for another class of the same name', () => {
    // Not this package's, which extends SocketError.
    const Homonym = { TimeoutError: class extends Error {} }.TimeoutError;
    Object.defineProperty(Homonym, 'name', { value: 'TimeoutError' });
    expect(sentError(new Homonym('late')).constructor).toBe(Error);
    // A class without a name would be taken for the one that it extends.
    registerError(class extends RangeError {});
    expect(sentError(new RangeError('out')).constructor).toBe(RangeError);
  });

  it('keeps its causes, errors or not', () => {
    const cause = new StorageError('no room', '/tmp', { cause: 'the disk' });
    const received = sentError(new ServerError('failed', 'ERR_X', { cause }));
    expect(received.cause).toBeInstanceOf(StorageError);
    expect(received.cause).toMatchObject({ message: 'no room', cause: 'the disk' });
    expect(Object.keys(received)).toEqual(['code']);
    expect('cause' in sentError(new Error('alone'))).toBe(false);
  });

  it('keeps the errors of an AggregateError', () => {
    const all = [new TimeoutError('late', 'ETIMEDOUT'), new StorageError('full', '/'), 'a text'];
    const received = sentError(new AggregateError(all, 'all failed'));
    expect(received).toBeInstanceOf(AggregateError);
    expect(received).toMatchObject({ message: 'all failed', errors: [{ code: 'ETIMEDOUT' }, { file: '/' }, 'a text'] });
    expect((received as unknown as AggregateError).errors[1]).toBeInstanceOf(StorageError);
  });

  it('brings its bytes at their exact size, as a Buffer', () => {
    const received = sentError(new MalformedMessageError('no frame', Buffer.from('xyz')));
    expect(Buffer.isBuffer(received.bytes)).toBe(true);
    const pooled = Object.assign(new Error('x'), { partial: Buffer.from('abc') });
    const { partial } = sentError(pooled) as unknown as { partial: Buffer };
    expect([String(partial), partial.buffer.byteLength]).toEqual(['abc', 3]);
  });

  it('leaves out what is no data', () => {
    const error = Object.assign(new Error('x'), {
      kept: { list: [1, () => 2, 'three'], at: new Date(4), map: new Map([['a', new Set([1])]]) },
      callback: () => 1,
      symbol: Symbol('x'),
      socket: new (class Socket {
        name = 'x';
      })(),
      big: 5n,
      none: undefined,
    });
    const { ...fields } = sentError(error);
    expect(fields).toEqual({
      kept: { list: [1, 'three'], at: new Date(4), map: new Map([['a', new Set([1])]]) },
      big: 5n,
      none: undefined,
    });
  });

  it('is one that the runtime knows as an error', () => {
    expect(types.isNativeError(sent(new StorageError('x', 'y')))).toBe(true);
  });
});

describe('what else is thrown', () => {
  it.each<[unknown]>([
    ['a text'],
    [undefined],
    [null],
    [0],
    [7n],
    [false],
    [[1, 'two']],
    [{ code: 3, at: new Date(5) }],
    [new Map([[1, 'two']])],
    [new Date(6)],
  ])('passes as it is: %p', (thrown) => {
    expect(sent(thrown)).toEqual(thrown);
  });

  it('passes as its fields, when it is of some class', () => {
    class Refusal {
      readonly status = 403;
      explain() {}
    }
    expect(sent(new Refusal())).toEqual({ status: 403 });
  });

  it('passes with its bytes', () => {
    const thrown = sent({ reason: Buffer.from('abc') }) as { reason: Buffer };
    expect([String(thrown.reason), thrown.reason.buffer.byteLength]).toEqual(['abc', 3]);
  });

  it('is described when it cannot be sent', () => {
    expect(sent(() => 1)).toEqual(new Error('function was thrown, which cannot be sent'));
    expect(sent(Symbol('x'))).toEqual(new Error('symbol was thrown, which cannot be sent'));
  });
});

describe('the limits of what is sent', () => {
  const size = (thrown: unknown) => JSON.stringify(toWire(thrown)).length;

  it('bound a message, a stack, and fields', () => {
    const huge = 'x'.repeat(10_000_000);
    const error = Object.assign(new Error(huge), { huge, stack: huge, bytes: Buffer.alloc(10_000_000), small: 1 });
    const received = sentError(error);
    expect(received.message).toHaveLength(32 * 1024);
    expect(received.stack).toHaveLength(32 * 1024);
    expect(Object.keys(received)).toEqual(['small']);
    expect(size(Object.assign(new Error(), { list: Array.from({ length: 1_000_000 }, () => 0) }))).toBeLessThan(20_000);
    let looked = 0;
    const fields = Object.defineProperties(
      {},
      Object.fromEntries(
        Array.from({ length: 5000 }, (_, index) => {
          const get = () => ((looked += 1), () => index);
          return [`key${index}`, { get, enumerable: true }];
        }),
      ),
    );
    toWire(fields);
    expect(looked).toBeLessThan(2000);
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, index]));
    expect(size(Object.assign(new Error(), many))).toBeLessThan(50_000);
  });

  it('bound causes, and errors in errors', () => {
    const circle = new Error('round');
    circle.cause = circle;
    let depth = 0;
    for (let each: unknown = sent(circle); each instanceof Error; each = each.cause) depth += 1;
    expect(depth).toBe(9);
    const all = new AggregateError([], 'all');
    for (let count = 0; count < 1000; count += 1) all.errors.push(all);
    expect(size(all)).toBeLessThan(1_500_000);
  });

  it('bound the depth of fields, circles included', () => {
    const field: Record<string, unknown> = { name: 'round' };
    field.self = field;
    let levels = 0;
    let each = sentError(Object.assign(new Error('x'), { field })).field as { name: string; self?: typeof each };
    for (; each.self !== undefined; each = each.self) levels += 1;
    expect(levels).toBe(4);
  });
});

describe('hostile things that are thrown', () => {
  const broken = () => {
    throw new Error('not even this');
  };

  it.each<[string, () => unknown]>([
    [
      'a proxy that refuses everything',
      () => new Proxy(new Error('x'), { get: broken, getPrototypeOf: broken, ownKeys: broken }),
    ],
    [
      'a proxy that is revoked',
      () => {
        const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
        revoke();
        return proxy;
      },
    ],
    ['an object that cannot be listed', () => new Proxy({}, { ownKeys: broken, getPrototypeOf: broken })],
  ])('%s are told as something that cannot be read', (_name, make) => {
    expect(sentError(make()).message).toBe('something was thrown that cannot be read');
  });

  it('an error whose fields throw, or are no texts, is told as far as it goes', () => {
    const error = Object.defineProperties(new Error('x'), {
      message: { get: broken },
      name: { value: 5 },
      code: { get: broken, enumerable: true },
      cause: { get: broken },
      errors: { get: broken },
      kept: { value: 1, enumerable: true },
    });
    expect(sentError(error)).toMatchObject({ name: 'Error', message: '', kept: 1 });
  });

  it('an error without a readable stack has a short one', () => {
    expect(sentError(Object.assign(new RangeError('x'), { stack: undefined })).stack).toBe('RangeError: x');
  });

  it('an error with a prototype of its own making is told by its fields', () => {
    const odd = Object.setPrototypeOf(new Error('odd'), null) as Error;
    expect(sentError(odd)).toMatchObject({ message: 'odd' });
    const named = Object.setPrototypeOf(new Error('odd'), { constructor: { name: 5 } }) as Error;
    expect(sentError(named)).toMatchObject({ message: 'odd' });
    const polluting = Object.assign(
      new Error('x'),
      JSON.parse('{ "__proto__": { "polluted": true }, "kept": 1 }') as object,
    );
    expect(sentError(polluting)).toMatchObject({ kept: 1 });
    expect(sentError(polluting)).not.toHaveProperty('polluted');
  });
});
