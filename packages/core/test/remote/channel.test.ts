import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';

import { Program, endPrograms, expectNoLeaks, moment } from '@socketserver/testing';

import { PortChannel } from '../../src/remote/port-channel';
import { ProcessChannel } from '../../src/remote/process-channel';
import { FarEnd } from './far-end';

expectNoLeaks();
afterEach(endPrograms);

describe.each(['thread', 'child'] as const)('a channel to a %s', (where) => {
  it('brings every message, in order, both ways', async () => {
    await using far = new FarEnd(where);
    far.channel.start();
    const values = Array.from({ length: 1000 }, (_, index) => index);
    for (const value of values) far.tell('echo', { value });
    expect(await far.received(1000)).toEqual(values.map((echo) => ({ echo })));
  });

  it('carries plain data of all kinds', async () => {
    await using far = new FarEnd(where);
    far.channel.start();
    const value = { at: new Date(7), big: 7n, none: undefined, names: new Map([['Ada', new Set([1])]]), not: NaN };
    far.tell('echo', { value });
    expect(await far.received(1)).toEqual([{ echo: value }]);
  });

  it('tells once that the other side has ended it, after the last message', async () => {
    await using far = new FarEnd(where);
    far.channel.start();
    far.tell('leave');
    expect(await far.received(Infinity)).toEqual([{ bye: true }]);
    await far.exited;
    far.channel.close();
    expect(far).toMatchObject({ ends: 1, channel: { isClosed: true } });
  });

  it('tells that the other side has died', async () => {
    await using far = new FarEnd(where);
    far.channel.start();
    far.tell('crash');
    expect(await far.received(Infinity)).toEqual([]);
    expect(await far.exited).toBe(3);
    expect(far.ends).toBe(1);
  });

  it('sends nothing any more once it is closed, and says nothing of it', async () => {
    await using far = new FarEnd(where);
    far.channel.start();
    far.tell('echo', { value: 'open' });
    await far.received(1);
    far.channel.close();
    expect(far).toMatchObject({ ends: 1, channel: { isClosed: true } });
    far.tell('crash');
    far.channel.close();
    far.channel.start();
    expect(far).toMatchObject({ ends: 1, messages: [{ echo: 'open' }] });
  });

  it('refuses what cannot be cloned, and goes on', async () => {
    await using far = new FarEnd(where);
    far.channel.start();
    expect(() => far.tell('echo', { value: () => 1 })).toThrow('could not be cloned');
    far.tell('echo', { value: 'next' });
    expect(await far.received(1)).toEqual([{ echo: 'next' }]);
  });

  it('lets the other side end by itself when that has let go of it', async () => {
    await using far = new FarEnd(where);
    far.channel.start();
    far.tell('let go');
    expect(await far.exited).toBe(0);
  });
});

describe('a channel to a child', () => {
  // Only Linux tells that a child has died before its parent could take note of it.
  (process.platform === 'linux' ? it : it.skip)('says nothing of what a child that has just died misses', async () => {
    const child = fork(join(__dirname, '..', 'fixtures', 'remote-end.js'), { serialization: 'advanced' });
    const channel = new ProcessChannel(child);
    const closed = moment();
    channel.onClose = () => closed.happen();
    channel.start();
    child.kill('SIGKILL');
    while (!/^State:\s+Z/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')));
    expect(channel.isClosed).toBe(false);
    channel.post({ text: 'too late' });
    await closed;
    expect(child.listenerCount('message')).toBe(0);
  });
});

describe('a channel between ports', () => {
  function pair(): [PortChannel, PortChannel] {
    const { port1, port2 } = new MessageChannel();
    return [new PortChannel(port1), new PortChannel(port2)];
  }

  it('keeps what comes before it is started', async () => {
    const [near, far] = pair();
    near.post({ first: 1 });
    near.post({ second: 2 });
    near.close();
    const messages: object[] = [];
    const closed = moment();
    far.onMessage = (message) => messages.push(message);
    far.onClose = () => closed.happen();
    far.start();
    await closed;
    expect(messages).toEqual([{ first: 1 }, { second: 2 }]);
  });

  it('moves what is to be transferred', async () => {
    const [near, far] = pair();
    const bytes = new ArrayBuffer(8);
    const message = moment<object>();
    far.onMessage = (received) => message.happen(received);
    far.start();
    near.post({ bytes }, [bytes]);
    expect(await message).toEqual({ bytes: new ArrayBuffer(8) });
    expect(bytes.byteLength).toBe(0);
    near.close();
  });

  it('leaves no listeners on a port that it has closed', () => {
    const { port1 } = new MessageChannel();
    const names = ['message', 'messageerror', 'close', 'exit'];
    const listeners = () => names.map((name) => port1.listenerCount(name));
    const before = listeners();
    const channel = new PortChannel(port1);
    channel.start();
    expect(listeners()).toEqual(before.map((count) => count + 1));
    channel.close();
    expect(listeners()).toEqual(before);
  });

  it('lets the process end when it is unref’d, before it is started or after', async () => {
    const program = new Program(process.execPath, [join(__dirname, '..', 'fixtures', 'unref-port.js')]);
    expect(await program.ended).toBe(0);
    expect(program.stdout).toBe('received, and open\n');
  });
});

describe('a channel to the parent of a process that has none', () => {
  it('is over as soon as it is started', async () => {
    const listeners = process.listenerCount('message');
    const channel = new ProcessChannel(Object.create(process, { connected: { value: false } }) as NodeJS.Process);
    const closed = moment();
    channel.onClose = () => closed.happen();
    channel.post({});
    channel.start();
    await closed;
    expect(channel.isClosed).toBe(true);
    expect(process.listenerCount('message')).toBe(listeners);
  });
});
