/** Shared services called by a real thread and by a real child. */
import { expectNoLeaks, moment } from '@socketserver/testing';

import { TimeoutError } from '../../src';
import { SharedAnswers } from '../../src/remote/shared-answers';
import { SharedHost } from '../../src/remote/shared-host';
import type { CallsMessage } from '../../src/remote/shared-messages';
import { type WireThrown, fromWire } from '../../src/remote/wire-error';
import { FarEnd } from './far-end';

expectNoLeaks();

class Roll {
  readonly names: string[] = [];
  readonly taken: Buffer[] = [];
  readonly waits = moment();
  async add(name: string) {
    return this.names.push(name);
  }
  async seal(bytes: Buffer) {
    this.taken.push(bytes);
    return Buffer.from(`sealed ${String(bytes)}`);
  }
  async fail() {
    throw new TimeoutError('too late', 'ETIMEDOUT', { operation: 'recv', address: ['127.0.0.1', 5000] });
  }
  async wait() {
    this.waits.happen();
    await new Promise(() => undefined);
  }
}

describe.each(['thread', 'child'] as const)('a shared service that a %s calls', (where) => {
  function serving(roll: Roll): FarEnd {
    const far = new FarEnd(where);
    const host = new SharedHost([{ name: 'Roll', instance: roll }]);
    const answers = new SharedAnswers(host, far.channel);
    const { onMessage } = far.channel;
    far.channel.onMessage = (message) => {
      if ('type' in message) answers.receive(message as CallsMessage);
      else onMessage(message);
    };
    far.channel.start();
    far.tell('learn', { description: host.descriptions[0] });
    return far;
  }

  it('answers', async () => {
    const roll = new Roll();
    await using far = serving(roll);
    far.tell('enrol');
    expect(await far.received(1)).toEqual([{ enrolled: [1, 2, 3] }]);
    expect(roll.names).toEqual(['Ada', 'Grace', 'Rui']);
  });

  it('gets and gives buffers, with no other bytes in their memory', async () => {
    const roll = new Roll();
    await using far = serving(roll);
    far.tell('seal');
    expect(await far.received(1)).toEqual([{ text: 'sealed abc', isBuffer: true, memory: 10 }]);
    const [bytes] = roll.taken;
    expect([Buffer.isBuffer(bytes), String(bytes), bytes!.buffer.byteLength]).toEqual([true, 'abc', 3]);
  });

  it('throws what keeps its class there', async () => {
    await using far = serving(new Roll());
    far.tell('fail');
    expect(await far.received(1)).toEqual([
      { isTimeout: true, name: 'TimeoutError', code: 'ETIMEDOUT', operation: 'recv', address: ['127.0.0.1', 5000] },
    ]);
  });

  it('is none the worse when the caller dies', async () => {
    const roll = new Roll();
    await using far = serving(roll);
    far.tell('wait');
    await roll.waits;
    far.tell('crash');
    expect(await far.exited).toBe(3);
    expect(await far.received(Infinity)).toEqual([]);
  });

  it('is told of errors of the runtime as what they are', async () => {
    await using far = serving(new Roll());
    far.tell('abort');
    const [{ thrown }] = (await far.received(1)) as [{ thrown: WireThrown }];
    const error = fromWire(thrown) as DOMException;
    expect(error).toBeInstanceOf(DOMException);
    expect([error.name, error.message, error.code]).toEqual(['AbortError', 'This operation was aborted', 20]);
  });
});
