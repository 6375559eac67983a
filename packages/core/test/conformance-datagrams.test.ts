import { DatagramPeer, RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  BaseServer,
  type DatagramRequest,
  DatagramRequestHandler,
  StreamRequestHandler,
  type UDPServer,
  serverClass,
  strategies,
} from '../src';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

const toHandler = ['getRequest', 'verifyRequest', 'processRequest', 'finishRequest'] as const;
const ofHandler = ['setup', 'handle', 'finish'] as const;
const end = ['shutdownRequest', 'closeRequest'] as const;

/** Answers with all that has come. */
class Echo extends DatagramRequestHandler {
  override async handle() {
    await this.wfile.write(await this.rfile.read());
  }
}

// What Python's `UDPServer` and `DatagramRequestHandler` do.
describe.each(strategies)('datagrams as in Python: %s', (strategy) => {
  const Server = serverClass(strategy, 'udp');

  it('the settings are those of Python', () => {
    const server = new Server(anywhere, Echo);
    expect(server).toMatchObject({
      addressFamily: 2,
      socketType: 2,
      maxPacketSize: 8192,
      allowReuseAddress: false,
      allowReusePort: false,
      timeout: null,
    });
    expect(server).toBeInstanceOf(BaseServer);
    expect(server).toBeInstanceOf(serverClass('sequential', 'udp'));
  });

  it('allowReuseAddress lets two servers have one port, and nothing else does', async () => {
    class Sharing extends Server {
      override allowReuseAddress = true;
    }
    await using first = await Sharing.listen(anywhere, Echo);
    await using second = await Sharing.listen(first.serverAddress, Echo);
    expect(second.serverAddress).toEqual(first.serverAddress);
    await expect(Server.listen(first.serverAddress, Echo)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('a datagram is cut at maxPacketSize, silently', async () => {
    class Short extends Server {
      override maxPacketSize = 5;
    }
    const server = await Short.listen(anywhere, Echo);
    await using _running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await DatagramPeer.connect(server.serverAddress);
    await peer.send('hello world');
    expect(String(await peer.read())).toBe('hello');
    await peer.send('next');
    expect(String(await peer.read())).toBe('next');
    expect([...events.serverErrors, ...events.requestErrors]).toEqual([]);
  });

  it('a request is the packet with the socket of the server', async () => {
    await using server = await Server.listen(anywhere, Echo);
    using peer = await DatagramPeer.connect(server.serverAddress);
    await peer.send('hello');
    const [[packet, socket], clientAddress] = await server.getRequest();
    expect([String(packet), clientAddress]).toEqual(['hello', peer.address]);
    expect(socket).toBe(server.socket);
  });

  it('a handler for streams is refused by serverActivate()', async () => {
    class Reading extends StreamRequestHandler {}
    await expect(Server.listen(anywhere, Reading as never)).rejects.toMatchObject({ code: 'ERR_HANDLER' });
  });

  it('the order of calls is that of a stream, and the socket stays open', async () => {
    const calls: string[] = [];
    const note = <T extends object>(target: T, names: readonly (keyof T & string)[]): T => {
      for (const name of names) {
        const method = target[name] as (...args: unknown[]) => unknown;
        Object.assign(target, { [name]: (...args: unknown[]) => (calls.push(name), method.apply(target, args)) });
      }
      return target;
    };
    class Noting extends Echo {
      constructor() {
        super();
        note<Echo>(this, ofHandler);
      }
    }
    const server: UDPServer = note(await Server.listen(anywhere, Noting), [...toHandler, ...end]);
    await using _running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await DatagramPeer.connect(server.serverAddress);
    for (let count = 1; count <= 2; count += 1) {
      await peer.send('hello');
      expect(String(await peer.read())).toBe('hello');
      await events.stopped(count);
      expect(calls.splice(0)).toEqual([...toHandler, ...ofHandler, ...end]);
      expect(server.fileno()).toBeGreaterThan(0);
    }
  });

  it('an empty datagram is a request', async () => {
    const packets = moment<Buffer>();
    class Looking extends DatagramRequestHandler {
      override async handle() {
        packets.happen(this.packet);
        await this.wfile.write('it came');
      }
    }
    await using running = new RunningServer(await Server.listen(anywhere, Looking));
    using peer = await DatagramPeer.connect(running.address);
    await peer.send('');
    expect(await packets).toHaveLength(0);
    expect(String(await peer.read())).toBe('it came');
  });

  it('a DatagramRequestHandler has packet, socket, rfile and wfile', async () => {
    const seen = moment<unknown[]>();
    class Looking extends DatagramRequestHandler {
      override async handle() {
        const { packet, socket, request, rfile, wfile } = this;
        const lines = [await rfile.readline(), await rfile.readline(), await rfile.readline()].map(String);
        const count = await wfile.write('answer');
        seen.happen([String(packet), [packet, socket], request, lines, count, String(wfile.getvalue())]);
      }
    }
    await using running = new RunningServer(await Server.listen(anywhere, Looking));
    using peer = await DatagramPeer.connect(running.address);
    await peer.send('one\ntwo');
    const [packet, pair, request, ...rest] = await seen;
    expect([packet, ...rest]).toEqual(['one\ntwo', ['one\n', 'two', ''], 6, 'answer']);
    for (const part of [0, 1] as const)
      expect((pair as DatagramRequest)[part]).toBe((request as DatagramRequest)[part]);
    expect(String(await peer.read())).toBe('answer');
  });

  it('what is written is one datagram', async () => {
    class Writing extends DatagramRequestHandler {
      override async handle() {
        for (const part of ['one ', 'two ', 'three']) await this.wfile.write(part);
      }
    }
    await using running = new RunningServer(await Server.listen(anywhere, Writing));
    using peer = await DatagramPeer.connect(running.address);
    await peer.send('?');
    expect(String(await peer.read())).toBe('one two three');
    expect(peer.pending).toBe(0);
  });

  it('what was written before an error is sent', async () => {
    const failure = new RangeError('after writing');
    const handled = moment<unknown>();
    class Failing extends DatagramRequestHandler {
      override async handle() {
        await this.wfile.write('so far');
        throw failure;
      }
    }
    class Quiet extends Server {
      override handleError(error: unknown) {
        handled.happen(error);
      }
    }
    await using running = new RunningServer(await Quiet.listen(anywhere, Failing));
    using peer = await DatagramPeer.connect(running.address);
    await peer.send('?');
    expect(String(await peer.read())).toBe('so far');
    expect(await handled).toBe(failure);
  });

  it('nothing is sent when nothing was written, and an empty datagram when that was', async () => {
    class Terse extends DatagramRequestHandler {
      override async handle() {
        const asked = String(this.packet);
        if (asked !== 'nothing') await this.wfile.write(asked === 'empty' ? '' : asked);
      }
    }
    const server = await Server.listen(anywhere, Terse);
    await using _running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await DatagramPeer.connect(server.serverAddress);
    for (const [index, asked] of ['nothing', 'empty', 'text'].entries()) {
      await peer.send(asked);
      await events.stopped(index + 1);
    }
    expect([String(await peer.read()), String(await peer.read())]).toEqual(['', 'text']);
  });

  it('requests that run when the server closes can still answer', async () => {
    const { Slow, entered, release } = slow();
    const server = await Server.listen(anywhere, Slow);
    await using _running = new RunningServer(server);
    using peer = await DatagramPeer.connect(server.serverAddress);
    await peer.send('?');
    await entered;
    const closing = server.serverClose();
    release.happen();
    expect(String(await peer.read())).toBe('done');
    await closing;
    expect(server.fileno()).toBe(-1);
  });

  it('an answer that comes too late fails', async () => {
    const { Slow, entered, release, outcome } = slow();
    const server = await Server.listen(anywhere, Slow, { drainTimeout: 0 });
    server.handleError = () => undefined;
    await using _running = new RunningServer(server);
    using peer = await DatagramPeer.connect(server.serverAddress);
    await peer.send('?');
    await entered;
    await server.serverClose();
    release.happen();
    expect(await outcome).toMatchObject({ code: 'EBADF' });
    expect(peer.pending).toBe(0);
  });
});

/** A handler that answers when the test lets it; `outcome` is how that went. */
function slow() {
  const entered = moment();
  const release = moment();
  const outcome = moment<unknown>();
  class Slow extends DatagramRequestHandler {
    override async handle() {
      entered.happen();
      await release;
      await this.wfile.write('done');
    }
    override finish() {
      const sent = super.finish();
      outcome.happen(sent.catch((error: unknown) => error));
      return sent;
    }
  }
  return { Slow, entered, release, outcome };
}
