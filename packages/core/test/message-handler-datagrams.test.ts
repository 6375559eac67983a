import { type Codec, type FramingError, delimiter, fixedLength, lines } from '@socketserver/framing';
import { Peer, expectNoLeaks, moment } from '@socketserver/testing';

import { type Address, MessageHandler, serverClass, strategies } from '../src';
import { Serving, UdpPeer } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** Sends every line back in capitals. */
class Shout extends MessageHandler<string> {
  override readonly codec: Codec<string> = lines({ maxLength: 20 });
  override onMessage(line: string): void | Promise<void> {
    return this.send(line.toUpperCase());
  }
}

describe.each(strategies)('a MessageHandler for datagrams: %s', (strategy) => {
  async function serve(Handler: new () => MessageHandler<never>) {
    const test = new Serving(await serverClass(strategy, 'udp').listen(anywhere, Handler));
    return { test, peer: await UdpPeer.to(test.server.serverAddress) };
  }

  it('answers each message of a datagram with a datagram, in their order', async () => {
    const { test, peer } = await serve(Shout as never);
    await using _test = test;
    using _peer = peer;
    await peer.send('one\ntwo\n\n');
    expect([await peer.receive(), await peer.receive(), await peer.receive()]).toEqual(['ONE\n', 'TWO\n', '\n']);
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['finished']);
  });

  it('is the same class that serves streams', async () => {
    await using streams = new Serving(await serverClass(strategy).listen(anywhere, Shout));
    using peer = await Peer.connect(streams.server.serverAddress);
    await peer.send('one\ntwo\n');
    expect(await peer.end().readAll()).toBe('ONE\nTWO\n');
  });

  it('waits for onMessage() before it handles the next message', async () => {
    const log: string[] = [];
    class Slow extends Shout {
      override async onMessage(line: string) {
        log.push(`begin ${line}`);
        await new Promise(setImmediate);
        log.push(`end ${line}`);
      }
    }
    const { test, peer } = await serve(Slow as never);
    await using _test = test;
    using _peer = peer;
    await peer.send('1\n2\n');
    await test.events.stopped(1);
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it.each([
    ['half a message at its end', 'hello\nhal', 'ERR_TRUNCATED_MESSAGE'],
    ['a message that is too long', `hello\n${'x'.repeat(30)}\n`, 'ERR_MESSAGE_TOO_LONG'],
    ['a message that makes no sense', Buffer.from('hello\n\xff\n', 'latin1'), 'ERR_MALFORMED_MESSAGE'],
  ])('handles what came before %s; its reason is protocol-error', async (_what, packet, code) => {
    const told = moment<FramingError>();
    class Forgiving extends Shout {
      override onFramingError(error: FramingError) {
        told.happen(error);
      }
    }
    const { test, peer } = await serve(Forgiving as never);
    await using _test = test;
    using _peer = peer;
    await peer.send(packet);
    expect(await peer.receive()).toBe('HELLO\n');
    expect(await told).toMatchObject({ code });
    await test.events.stopped(1);
    expect(test.events.stops).toMatchObject([{ reason: 'protocol-error', error: { code } }]);
    expect(test.errors).toEqual([]);
  });

  it('tells handleError() of half a message unless onFramingError() is overridden, and serves the next datagram', async () => {
    const { test, peer } = await serve(Shout as never);
    await using _test = test;
    using _peer = peer;
    await peer.send('half');
    await test.events.stopped(1);
    expect(test.errors).toMatchObject([{ code: 'ERR_TRUNCATED_MESSAGE' }]);
    await peer.send('whole\n');
    expect(await peer.receive()).toBe('WHOLE\n');
  });

  it('never joins two datagrams: a half in each of them is no message', async () => {
    const { test, peer } = await serve(Shout as never);
    await using _test = test;
    using _peer = peer;
    await peer.send('ab');
    await peer.send('c\n');
    expect(await peer.receive()).toBe('C\n');
    await test.events.stopped(2);
    expect(test.events.reasons.sort()).toEqual(['finished', 'protocol-error']);
  });

  it('has no message in an empty datagram', async () => {
    const { test, peer } = await serve(Shout as never);
    await using _test = test;
    using _peer = peer;
    await peer.send('');
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['finished']);
    expect(test.errors).toEqual([]);
  });

  it('gives a last line without its end when the codec accepts that', async () => {
    class Accepting extends Shout {
      override readonly codec = lines({ lastLine: 'accept' });
    }
    const { test, peer } = await serve(Accepting as never);
    await using _test = test;
    using _peer = peer;
    await peer.send('one\nlast');
    expect([await peer.receive(), await peer.receive()]).toEqual(['ONE\n', 'LAST\n']);
  });

  it('goes on with another codec in the middle of a datagram', async () => {
    class Switching extends Shout {
      override onMessage(line: string) {
        if (line !== 'BLOCKS') return this.send(line);
        this.upgrade(fixedLength(3), (block, send) => send(Buffer.from(block).reverse()));
        return undefined;
      }
    }
    const { test, peer } = await serve(Switching as never);
    await using _test = test;
    using _peer = peer;
    await peer.send('one\nBLOCKS\nabcdef');
    expect([await peer.receive(), await peer.receive(), await peer.receive()]).toEqual(['one\n', 'cba', 'fed']);
    await peer.send('BLOCKS\nabcd');
    expect(await peer.receive()).toBe('cba');
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['finished', 'protocol-error']);
  });

  it('tells handleError() of an answer that is longer than a datagram', async () => {
    class Long extends MessageHandler<Buffer> {
      override readonly codec = delimiter('\n', { maxLength: 100_000 });
      override onMessage() {
        return this.send(Buffer.alloc(70_000, 'x'));
      }
    }
    const { test, peer } = await serve(Long as never);
    await using _test = test;
    using _peer = peer;
    await peer.send('x\n');
    await test.events.stopped(1);
    expect(test.errors).toMatchObject([{ code: 'EMSGSIZE' }]);
    expect(test.events.reasons).toEqual(['error']);
  });
});
