import { type Codec, type Decoder, fixedLength, mapped } from '@socketserver/framing';
import { expectNoLeaks, moment, until } from '@socketserver/testing';

import { type Address, ManualClock, MessageHandler, type Socket, TimeoutError, serverClass, strategies } from '../src';
import { Serving, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** Messages end by a full stop, or by 100 ms of silence. */
class Phrases implements Decoder<string> {
  readonly silence = 100;
  #text = '';
  #isOver = false;

  get buffered() {
    return this.#text.length;
  }

  feed(chunk: Buffer) {
    this.#text += String(chunk);
  }

  next() {
    const end = this.#isOver ? this.#text.length : this.#text.indexOf('.') + 1;
    this.#isOver = false;
    if (end === 0) return undefined;
    const phrase = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return phrase;
  }

  lapse() {
    this.#isOver = true;
  }

  end() {
    this.#isOver = true;
  }

  take() {
    return Buffer.from(this.#text);
  }
}

const phrases: Codec<string> = { decoder: () => new Phrases(), encode: (text) => Buffer.from(text) };

class Answer extends MessageHandler<string> {
  override readonly codec = phrases;
  override onMessage(phrase: string): void | Promise<void> {
    return this.send(`<${phrase}>`);
  }
}

describe.each(strategies)('the silence of a codec: %s', (strategy) => {
  let clock: ManualClock;

  async function serve(Handler: new () => MessageHandler<string> = Answer, deadlines = {}) {
    clock = new ManualClock();
    return new Serving(await serverClass(strategy).listen(anywhere, Handler, { clock, deadlines }));
  }

  /** When somebody waits for what ends a phrase. What waits besides is the server's own. */
  async function waits(others: number) {
    await until(() => clock.pending > others);
    await settle();
  }

  it('ends a message that is not whole, and the connection goes on', async () => {
    await using test = await serve();
    using peer = await test.connect();
    await peer.send('one.');
    expect(String(await peer.read(6))).toBe('<one.>');
    const own = clock.pending;
    for (const word of ['two', 'three']) {
      await peer.send(word);
      await waits(own);
      clock.advance(99);
      await settle();
      expect(peer.socket.readableLength).toBe(0);
      clock.advance(1);
      expect(String(await peer.read(word.length + 2))).toBe(`<${word}>`);
    }
    await peer.send('four.');
    expect(String(await peer.read(7))).toBe('<four.>');
    expect(clock.pending).toBe(own);
    expect(test.errors).toEqual([]);
  });

  it('begins anew with each byte', async () => {
    await using test = await serve();
    using peer = await test.connect();
    await peer.send('.');
    await peer.read(3);
    const own = clock.pending;
    for (const byte of 'slow') {
      await peer.send(byte);
      await waits(own);
      clock.advance(99);
      await settle();
    }
    await peer.send('.');
    expect(String(await peer.read(7))).toBe('<slow.>');
  });

  it('does not hold up the message deadline of a peer that drips', async () => {
    await using test = await serve(Answer, { message: 250 });
    using peer = await test.connect();
    await peer.send('.');
    await peer.read(3);
    const own = clock.pending;
    for (const byte of 'dri') {
      await peer.send(byte);
      await waits(own);
      clock.advance(90);
      await settle();
    }
    await peer.ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['deadline:message']);
  });

  it('leaves a timeout of the socket that is shorter', async () => {
    class Hasty extends Answer {
      override setup() {
        (this.request as Socket).settimeout(50);
      }
    }
    await using test = await serve(Hasty);
    using peer = await test.connect();
    await peer.send('ha');
    await until(() => clock.pending > 0);
    await settle();
    clock.advance(50);
    await test.events.stopped(1);
    expect(test.errors).toEqual([expect.any(TimeoutError)]);
  });

  it('is not a limit for what is sent meanwhile', async () => {
    const begun = moment<Answer>();
    class Pushing extends Answer {
      override setup() {
        begun.happen(this);
      }
    }
    await using test = await serve(Pushing);
    using peer = await test.connect();
    const handler = await begun;
    peer.socket.pause();
    await peer.send('half');
    await waits(0);
    const sent = handler.send('x'.repeat(20_000_000));
    clock.advance(100);
    await settle();
    clock.advance(1000);
    expect(String(await peer.read(20_000_000))).toBe('x'.repeat(20_000_000));
    await sent;
    expect(String(await peer.read(6))).toBe('<half>');
    expect(test.errors).toEqual([]);
  });

  it('leaves the timeout of the socket as it was', async () => {
    const timeouts: (number | null)[] = [];
    class Patient extends Answer {
      override setup() {
        (this.request as Socket).settimeout(5000);
      }
      override onMessage(phrase: string) {
        timeouts.push((this.request as Socket).gettimeout());
        return super.onMessage(phrase);
      }
    }
    await using test = await serve(Patient);
    using peer = await test.connect();
    await peer.send('a.b');
    expect(String(await peer.read(4))).toBe('<a.>');
    await waits(0);
    clock.advance(100);
    expect(String(await peer.read(3))).toBe('<b>');
    expect(timeouts).toEqual([5000, 5000]);
  });

  it('lets a server that drains answer what silence ends', async () => {
    await using test = await serve();
    using peer = await test.connect();
    await peer.send('.');
    await peer.read(3);
    const own = clock.pending;
    await peer.send('last');
    await waits(own);
    const closed = test.server.shutdown();
    await settle();
    clock.advance(100);
    expect(await peer.readAll()).toBe('<last>');
    await closed;
  });

  it('counts for what an upgrade goes on with', async () => {
    class Growing extends MessageHandler<Buffer> {
      override readonly codec = fixedLength(2);
      override onMessage() {
        this.upgrade(mapped(phrases, { parse: (phrase) => phrase.toUpperCase(), format: String }), (phrase, send) =>
          send(phrase),
        );
      }
    }
    await using test = await serve(Growing as never);
    using peer = await test.connect();
    await peer.send('goone');
    await until(() => clock.pending > 0);
    await settle();
    clock.advance(100);
    expect(String(await peer.read(3))).toBe('ONE');
  });
});
