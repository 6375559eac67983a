import { type Codec, delimiter, fixedLength, lines } from '@socketserver/framing';
import { expectNoLeaks, moment } from '@socketserver/testing';

import { type Address, ManualClock, MessageHandler, serverClass, strategies } from '../src';
import { Serving, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** A value of one codec that the compiler can tell from a line. */
interface Point {
  readonly x: number;
  readonly y: number;
}
const point: Codec<Point> = fixedLength(2, {
  parse: (bytes) => ({ x: bytes[0]!, y: bytes[1]! }),
  format: ({ x, y }) => Buffer.from([x, y]),
});

/** Lines; `DATA` begins a text that a dot ends, as mail does; `POINTS` changes to points, for good. */
class Changing extends MessageHandler<string> {
  override readonly codec = lines();

  override onMessage(line: string): void | Promise<void> {
    if (line === 'DATA') return this.#readText();
    if (line === 'POINTS') return this.#readPoints();
    return this.send(`line ${line}`);
  }

  #readText(): Promise<void> {
    this.upgrade(delimiter('\r\n.\r\n'), async (text) => {
      this.upgrade(this.codec, (line) => this.onMessage(line));
      await this.send(`text of ${text.length}`);
    });
    return this.send('go ahead');
  }

  #readPoints(): void {
    const send = this.upgrade(point, async ({ x, y }, answer) => {
      await answer({ x: y, y: x });
      if (x === 0) await send({ x: 0xff, y: 0xff });
    });
  }
}

describe.each(strategies)('upgrade(): %s', (strategy) => {
  async function serve(Handler: new () => MessageHandler<string> = Changing) {
    return new Serving(await serverClass(strategy).listen(anywhere, Handler, { clock: new ManualClock() }));
  }

  it('goes on with another codec from the first byte behind the message, and back', async () => {
    await using test = await serve();
    using peer = await test.connect();
    for (const [sent, expected] of [
      ['one\n', 'line one\n'],
      ['DATA\n', 'go ahead\n'],
      ['a\nb\r\n.\r\n', 'text of 3\n'],
      ['two\n', 'line two\n'],
    ] as const) {
      await peer.send(sent);
      expect(String(await peer.read(expected.length))).toBe(expected);
    }
    await peer.end().ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['peer-closed']);
  });

  const dialogue = 'one\nDATA\na\nb\r\n.\r\ntwo\nDATA\n\r\n.\r\nthree\nPOINTS\n\x01\x02\x00\x03';
  const answers =
    'line one\ngo ahead\ntext of 3\nline two\ngo ahead\ntext of 0\nline three\n\x02\x01\x03\x00' +
    Buffer.from([0xff, 0xff]).toString();

  it('does so when all bytes have come already', async () => {
    await using test = await serve();
    using peer = await test.connect();
    await peer.send(dialogue);
    expect(await peer.end().readAll()).toBe(answers);
  });

  it('does so wherever the stream is cut', async () => {
    await using test = await serve();
    for (let at = 1; at < dialogue.length; at += 1) {
      using peer = await test.connect();
      await peer.send(dialogue.slice(0, at));
      await settle();
      await peer.send(dialogue.slice(at));
      expect(await peer.end().readAll()).toBe(answers);
    }
  });

  it('does so byte by byte', async () => {
    await using test = await serve();
    using peer = await test.connect();
    for (const byte of dialogue) await peer.send(byte);
    expect(await peer.end().readAll()).toBe(answers);
  });

  it('waits for the new method before it handles the next message', async () => {
    const log: string[] = [];
    class Slow extends Changing {
      override onMessage() {
        this.upgrade(fixedLength(1), async (byte) => {
          log.push(`begin ${String(byte)}`);
          await new Promise(setImmediate);
          log.push(`end ${String(byte)}`);
        });
      }
    }
    await using test = await serve(Slow);
    using peer = await test.connect();
    await peer.send('x\n12');
    await peer.end().ending();
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('takes a stream that ends in the middle of a new message for a protocol error', async () => {
    await using test = await serve();
    using peer = await test.connect();
    await peer.send('POINTS\n\x01');
    await peer.end().ending();
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'protocol-error', error: { code: 'ERR_TRUNCATED_MESSAGE' } }]);
    expect(test.errors).toMatchObject([{ code: 'ERR_TRUNCATED_MESSAGE' }]);
  });

  it('says good-bye between two messages of the new protocol when the server drains', async () => {
    class Polite extends Changing {
      override goodbye() {
        return this.send('bye');
      }
    }
    await using test = await serve(Polite);
    using peer = await test.connect();
    await peer.send('POINTS\n\x01\x02\x03');
    await peer.read(2);
    await settle();
    const report = test.server.shutdown();
    // A point of which half has come is still answered.
    await peer.send('\x04');
    expect(await peer.readAll()).toBe('\x04\x03bye\n');
    expect(await report).toMatchObject({ finished: 1, cut: [] });
  });

  it('can be made before the first byte, in setup()', async () => {
    class Early extends Changing {
      override setup() {
        this.upgrade(point, ({ x, y }, send) => send({ x: y, y: x }));
      }
    }
    await using test = await serve(Early);
    using peer = await test.connect();
    await peer.send('AB');
    expect(String(await peer.read(2))).toBe('BA');
  });

  it('lets the last message of several that came together be of another protocol than its answer', async () => {
    const sent = moment();
    class Answering extends Changing {
      override onMessage(): void {
        const send = this.upgrade(point, () => undefined);
        void Promise.all([this.send('old'), send({ x: 0x41, y: 0x42 })]).then(() => sent.happen());
      }
    }
    await using test = await serve(Answering);
    using peer = await test.connect();
    await peer.send('x\n');
    expect(String(await peer.read(6))).toBe('old\nAB');
    await sent;
  });
});

/** Never called: the compiler is what tests it. */
export class Typed extends MessageHandler<string> {
  override readonly codec = lines();

  override onMessage() {
    const send = this.upgrade(point, ({ x, y }, answer) => {
      const sum: number = x + y;
      // @ts-expect-error -- a point has no z
      this.upgrade(point, ({ z }) => void z);
      // @ts-expect-error -- points are sent now, and no lines
      void answer('a line');
      return answer({ x: sum, y: sum });
    });
    // @ts-expect-error -- half a point
    void send({ x: 1 });
    // @ts-expect-error -- this.send() still sends lines
    void this.send({ x: 1, y: 2 });
    // @ts-expect-error -- the method takes what the codec gives
    this.upgrade(point, (line: string) => this.send(line));
    return send({ x: 1, y: 2 });
  }
}
