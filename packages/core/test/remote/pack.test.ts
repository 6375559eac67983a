import { EventEmitter } from 'node:events';
import { Socket as NetSocket } from 'node:net';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

import { Socket } from '../../src';
import { type Restore, pack, unpack } from '../../src/remote/pack';

/** What arrives of a value at the other end of a channel. */
function sent<T>(value: T): T {
  const { port1, port2 } = new MessageChannel();
  try {
    const message: { value: unknown; restores?: Restore[] | undefined } = { value };
    message.restores = pack(message, 'value');
    port1.postMessage(message);
    const { message: received } = receiveMessageOnPort(port2) as { message: { value: T; restores?: Restore[] } };
    unpack(received.restores);
    return received.value;
  } finally {
    port1.close();
  }
}

/** A buffer in the pool that small ones share: what its memory holds beside it is others'. */
function pooled(text: string): Buffer {
  const buffer = Buffer.from(text);
  expect(buffer.buffer.byteLength).toBeGreaterThan(buffer.length);
  return buffer;
}

describe('pack() and unpack()', () => {
  it('send a buffer without the bytes that it shares its memory with', () => {
    const received = sent(pooled('mine'));
    expect(Buffer.isBuffer(received)).toBe(true);
    expect(String(received)).toBe('mine');
    expect(received.buffer.byteLength).toBe(4);
  });

  it('do so wherever buffers are in a value', () => {
    const value = {
      list: [1, pooled('list'), [pooled('deep')]],
      map: new Map<unknown, unknown>([
        ['bytes', pooled('value')],
        [pooled('key'), 'text'],
      ]),
      set: new Set([pooled('member'), 'text']),
      nested: { at: new Date(1), map: new Map([['set', new Set([pooled('far below')])]]) },
    };
    const received = sent(value);
    expect(received).toEqual(value);
    const buffers: Buffer[] = [];
    JSON.stringify(received, (_key, each: unknown) => {
      if (each instanceof Map || each instanceof Set) return [...(each as Set<unknown>)];
      const bytes = (each as { type?: string; data?: number[] } | null)?.type === 'Buffer';
      if (bytes) buffers.push(Buffer.from((each as { data: number[] }).data));
      return each;
    });
    expect(buffers.map(String)).toEqual(['list', 'deep', 'value', 'key', 'member', 'far below']);
    const [first, [second]] = [received.list[1] as Buffer, received.list[2] as [Buffer]];
    const [third] = received.nested.map.get('set')!;
    const memory = [first, second, received.map.get('bytes'), [...received.map.keys()][1], [...received.set][0], third];
    expect(memory.map((buffer) => (buffer as Buffer).buffer.byteLength)).toEqual([4, 4, 5, 3, 6, 9]);
  });

  it.each([
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ])('send a window of %p as just what it shows', (View) => {
    const window = new View([1, 2, 3, 4]).subarray(1, 3);
    const received = sent(window);
    expect(received).toEqual(new View([2, 3]));
    expect(received.buffer.byteLength).toBe(window.byteLength);
  });

  it('send windows of big integers, of anything, and into shared memory', () => {
    expect(sent(new BigInt64Array([1n, 2n, 3n]).subarray(1))).toEqual(new BigInt64Array([2n, 3n]));
    const view = sent(new DataView(new ArrayBuffer(16), 4, 2));
    expect([view.constructor.name, view.byteLength, view.buffer.byteLength]).toEqual(['DataView', 2, 2]);
    const shared = sent(new Uint8Array(new SharedArrayBuffer(4)));
    expect(shared.buffer[Symbol.toStringTag]).toBe('ArrayBuffer');
  });

  it('send empty buffers, and buffers that have their memory for themselves', () => {
    expect(sent(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    const own = Buffer.allocUnsafeSlow(3).fill('x');
    const received = sent(own);
    expect(String(received)).toBe('xxx');
    expect(Buffer.isBuffer(received)).toBe(true);
    expect(String(own)).toBe('xxx');
  });

  it('leave what they are given as it was', () => {
    const value = { list: [pooled('bytes')], map: new Map([['key', pooled('value')]]) };
    const { list, map } = value;
    sent(value);
    expect(value).toEqual({ list: [Buffer.from('bytes')], map: new Map([['key', Buffer.from('value')]]) });
    expect([value.list, value.map]).toEqual([list, map]);
    expect(Buffer.isBuffer(map.get('key'))).toBe(true);
  });

  it('have nothing to say of a value without bytes, and pass it as it is', () => {
    for (const value of [null, undefined, 1, 'text', { a: [1, { b: null }] }, new Map([[1, 2]]), new Date(0), /x/g]) {
      const holder = { value };
      expect(pack(holder, 'value')).toBeUndefined();
      expect(holder.value).toBe(value);
      expect(sent(value)).toEqual(value);
    }
  });

  it('keep one object one, and circles circles', () => {
    const both = { bytes: pooled('both'), self: null as unknown };
    both.self = both;
    const map = new Map([['bytes', both.bytes]]);
    const received = sent({ first: both, second: both, maps: [map, map] });
    expect(received.first).toBe(received.second);
    expect(received.first.self).toBe(received.first);
    expect(received.maps[0]).toBe(received.maps[1]);
    expect(String(received.first.bytes)).toBe('both');
    const round: unknown[] = [];
    round.push([round]);
    expect(sent(round)).toEqual(round);
  });

  it('are quick with objects that are met in many places', () => {
    let value: unknown = { name: 'leaf' };
    for (let level = 0; level < 60; level += 1) value = [value, value];
    expect(pack({ value }, 'value')).toBeUndefined();
  });

  it('refuse what is nested too deep', () => {
    let value: unknown = 1;
    for (let level = 0; level < 66; level += 1) value = [value];
    expect(() => sent(value)).toThrow('it is nested deeper than 64 levels');
  });

  it('refuse a collection that is in itself together with bytes', () => {
    const map = new Map<string, unknown>([['bytes', pooled('x')]]);
    map.set('self', map);
    expect(() => sent(map)).toThrow('a Map or Set in it contains itself, and bytes');
  });

  it.each<[string, unknown]>([
    ['[Function: listener] is no data', function listener() {}],
    ['Symbol(name) is no data', Symbol('name')],
    ['an object of class Socket is no data', Object.create(Socket.prototype)],
    ['an object of class Socket is no data', new NetSocket()],
    ['an object of class EventEmitter is no data', new EventEmitter()],
    ['an object of class AbortSignal is no data', new AbortController().signal],
    ['an object of class Promise is no data', Promise.resolve()],
    ['an object of class WeakMap is no data', new WeakMap()],
    ['an object of class Secret is no data', new (class Secret {})()],
  ])('refuse, wherever it is: %s', (message, value) => {
    const places = [
      value,
      [1, value],
      { a: { b: value } },
      new Map([[1, value]]),
      new Set([value]),
      [Buffer.of(1), value],
    ];
    for (const place of places) expect(() => sent(place)).toThrow(message);
  });

  it('pass on what a getter throws', () => {
    const value = {
      get broken() {
        throw new RangeError('not today');
      },
    };
    expect(() => sent(value)).toThrow('not today');
  });
});
