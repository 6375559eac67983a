import { expectNoLeaks, moment } from '@socketserver/testing';

import { type Address, DatagramRequestHandler, PacketTooLongError, serverClass, strategies } from '../src';
import { PacketWriter } from '../src/packet-writer';
import { Serving, UdpPeer, settle } from './serving';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

describe.each(strategies)('a DatagramRequestHandler: %s', (strategy) => {
  /** Serves with `work`, which is what the handler does. */
  async function serve(work: (handler: DatagramRequestHandler) => unknown) {
    class Working extends DatagramRequestHandler {
      override async handle() {
        await work(this);
      }
    }
    const test = new Serving(await serverClass(strategy, 'udp').listen(anywhere, Working));
    return { test, peer: await UdpPeer.to(test.server.serverAddress) };
  }

  it('reads its packet like a file: lines, blocks, the rest', async () => {
    const parts = moment<string[]>();
    const { test, peer } = await serve(async ({ rfile }) => {
      const read = [await rfile.readline(), await rfile.read(3), await rfile.readline(2), await rfile.read()];
      parts.happen([...read, await rfile.read(), await rfile.readline()].map(String));
    });
    await using _test = test;
    using _peer = peer;
    await peer.send('one\ntwothree\nfour');
    expect(await parts).toEqual(['one\n', 'two', 'th', 'ree\nfour', '', '']);
  });

  it('reads line by line to the end, the last one without its end', async () => {
    const { test, peer } = await serve(async ({ rfile, wfile }) => {
      for await (const line of rfile) await wfile.write(`<${String(line)}>`);
    });
    await using _test = test;
    using _peer = peer;
    await peer.send('one\n\nlast');
    expect(await peer.receive()).toBe('<one\n><\n><last>');
  });

  it('has the packet, the socket and the client’s address', async () => {
    const seen = moment<unknown[]>();
    const { test, peer } = await serve((handler) => {
      seen.happen([String(handler.packet), handler.socket, handler.clientAddress, ...handler.request]);
    });
    await using _test = test;
    using _peer = peer;
    await peer.send('hello');
    const [packet, socket, clientAddress, ...request] = await seen;
    expect(packet).toBe('hello');
    expect(socket).toBe(test.server.socket);
    expect(clientAddress).toEqual(peer.address);
    expect(String(request[0])).toBe('hello');
    expect(request[1]).toBe(socket);
  });

  it('answers with one datagram of all that was written', async () => {
    const { test, peer } = await serve(async ({ wfile }) => {
      expect(await wfile.write('olá ')).toBe(5);
      await wfile.flush();
      expect(await wfile.write(Buffer.from([0x6f, 0x6b]))).toBe(2);
      expect(String(wfile.getvalue())).toBe('olá ok');
    });
    await using _test = test;
    using _peer = peer;
    await peer.send('');
    expect(await peer.receive()).toBe('olá ok');
    expect(test.errors).toEqual([]);
  });

  it('sends nothing when nothing was written, and an empty datagram on purpose', async () => {
    const { test, peer } = await serve(async ({ packet, wfile }) => {
      if (String(packet) === 'empty') await wfile.write('');
    });
    await using _test = test;
    using _peer = peer;
    await peer.send('silent');
    await test.events.stopped(1);
    await peer.send('empty');
    expect(await peer.receive()).toBe('');
    await test.events.stopped(2);
    expect(test.events.reasons).toEqual(['finished', 'finished']);
  });

  it('still answers with what was written when handle() has thrown, as in Python', async () => {
    const { test, peer } = await serve(async ({ wfile }) => {
      await wfile.write('before');
      throw new RangeError('handle');
    });
    await using _test = test;
    using _peer = peer;
    await peer.send('');
    expect(await peer.receive()).toBe('before');
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['error']);
    expect(test.errors).toMatchObject([{ message: 'handle' }]);
  });

  it('fails when no datagram can hold the answer, and says how to send it', async () => {
    const failure = moment<unknown>();
    const { test, peer } = await serve(({ wfile }) =>
      wfile.write(Buffer.alloc(300_000)).catch((error: unknown) => failure.happen(error)),
    );
    await using _test = test;
    using _peer = peer;
    await peer.send('');
    expect(await failure).toBeInstanceOf(PacketTooLongError);
    expect(await failure).toMatchObject({ code: 'ERR_PACKET_TOO_LONG', limit: 262_144 });
    await test.events.stopped(1);
    expect(test.errors).toEqual([]);
  });

  it('tells handleError() when the kernel does not take the answer', async () => {
    const { test, peer } = await serve(({ wfile }) => wfile.write(Buffer.alloc(70_000)));
    await using _test = test;
    using _peer = peer;
    await peer.send('');
    await test.events.stopped(1);
    expect(test.errors).toMatchObject([{ code: 'EMSGSIZE' }]);
    expect(test.events.reasons).toEqual(['error']);
  });

  it('keeps each answer apart from the others', async () => {
    const release = moment();
    const { test, peer } = await serve(async ({ packet, wfile }) => {
      await wfile.write(packet);
      await release;
      await wfile.write(packet);
    });
    await using _test = test;
    using _peer = peer;
    for (const text of ['1', '2', '3']) await peer.send(text);
    await settle();
    release.happen();
    expect([await peer.receive(), await peer.receive(), await peer.receive()].sort()).toEqual(['11', '22', '33']);
  });
});

describe('PacketWriter', () => {
  it('copies what is written: the caller may reuse its buffer', async () => {
    const writer = new PacketWriter();
    const buffer = Buffer.from('one');
    await writer.write(buffer);
    buffer.write('two');
    expect(String(writer.getvalue())).toBe('one');
  });

  it('takes as much as the longest datagram, and not a byte more', async () => {
    const writer = new PacketWriter();
    await writer.write(Buffer.alloc(262_143));
    await writer.write('x');
    await expect(writer.write('x')).rejects.toThrow(
      'an answer is longer than 262144 bytes; send it as several datagrams, with socket.sendto()',
    );
    expect(writer.getvalue()).toHaveLength(262_144);
  });

  it('ends no process by an error that nobody awaits', async () => {
    void new PacketWriter().write(Buffer.alloc(300_000));
    await settle();
  });
});
