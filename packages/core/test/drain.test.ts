import { Peer, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  BaseRequestHandler,
  DatagramRequestHandler,
  ManualClock,
  MessageHandler,
  ServerStateError,
  StreamRequestHandler,
  type UDPServer,
  serverClass,
  strategies,
} from '../src';
import { lines } from '@socketserver/framing';
import { Echo } from './handlers';
import { Serving, UdpPeer, settle } from './serving';
import { temporaryFolder } from './temporary-folder';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];
const nothing = { durationMs: 0, finished: 0, cut: [] };

describe.each(strategies)('while a server binds: %s', (strategy) => {
  it.each(['tcp', 'udp', 'unix'] as const)(
    'serverClose() leaves nothing open, and the bind fails: %s',
    async (transport) => {
      using folder = temporaryFolder();
      const address = transport === 'unix' ? folder.file('socket') : anywhere;
      const server = new (serverClass(strategy, transport))(address, Echo as never);
      const bound = Promise.resolve(server.serverBind());
      await server.serverClose();
      await expect(bound).rejects.toMatchObject({ code: 'EBADF' });
      expect(server.fileno()).toBe(-1);
      await expect(server.serveForever()).rejects.toThrow(ServerStateError);
      await server.serverClose();
    },
  );

  it('serverClose() makes listen() reject', async () => {
    const made = moment<{ serverClose(): Promise<void> }>();
    class Known extends serverClass(strategy) {
      override serverBind() {
        made.happen(this);
        return super.serverBind();
      }
    }
    const listening = Known.listen(anywhere, Echo);
    await (await made).serverClose();
    await expect(listening).rejects.toMatchObject({
      code: 'EBADF',
      message: expect.stringContaining('bind') as string,
    });
  });

  it('serverClose() leaves nothing open when the server is bound and not active yet', async () => {
    const asked = moment();
    const go = moment();
    class Slow extends serverClass(strategy) {
      override async serverActivate() {
        asked.happen();
        await go;
        await super.serverActivate();
      }
    }
    const server = new Slow(anywhere, Echo);
    await server.serverBind();
    const activated = server.serverActivate();
    await asked;
    await server.serverClose();
    go.happen();
    await expect(activated).rejects.toMatchObject({ code: 'EBADF' });
    await expect(Peer.connect(server.serverAddress)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('shutdown() is remembered: the next serveForever() returns at once', async () => {
    const server = new (serverClass(strategy))(anywhere, Echo);
    const bound = server.serverBind();
    expect(await server.shutdown()).toEqual(nothing);
    await bound;
    await server.serverActivate();
    expect(await server.serveForever()).toMatchObject({ finished: 0, cut: [] });
    await using test = new Serving(server);
    using peer = await test.connect();
    await peer.send('hello\n');
    expect(await peer.end().readAll()).toBe('hello\n');
  });
});

describe.each(strategies)('a good-bye: %s', (strategy) => {
  const Server = serverClass(strategy);

  class MessageEcho extends MessageHandler<string> {
    override readonly codec = lines();
    override onMessage(line: string) {
      return this.send(line);
    }
  }
  const kinds: [kind: string, Base: new () => BaseRequestHandler][] = [
    ['lines', class extends Echo {}],
    ['messages', MessageEcho as unknown as new () => BaseRequestHandler],
  ];

  it.each(kinds)('that never ends is cut after drainTimeout: %s', async (_kind, Base) => {
    const clock = new ManualClock();
    const begun = moment();
    class Endless extends Base {
      override goodbye() {
        begun.happen();
        return new Promise<void>(() => undefined);
      }
    }
    await using test = new Serving(await Server.listen(anywhere, Endless, { clock, drainTimeout: 1000 }));
    using peer = await test.connect();
    await peer.send('hello\n');
    await peer.read(6);
    await settle();
    const report = test.server.shutdown();
    await begun;
    clock.advance(1000);
    expect(await report).toEqual({ durationMs: 1000, finished: 0, cut: [{ id: 1, clientAddress: peer.address }] });
    await test.running.done;
    await peer.ending();
    await test.events.stopped(1);
    expect(test.events.reasons).toEqual(['shutdown']);
    expect(test.errors).toEqual([]);
  });

  it.each(kinds)('that throws ends its connection with an error, and no other: %s', async (_kind, Base) => {
    const failure = new RangeError('goodbye');
    class Rude extends Base {
      override goodbye(): never {
        throw failure;
      }
    }
    await using test = new Serving(await Server.listen(anywhere, Rude, { clock: new ManualClock() }));
    using peer = await test.connect();
    await peer.send('hello\n');
    await peer.read(6);
    await settle();
    expect(await test.server.shutdown()).toEqual({ durationMs: 0, finished: 1, cut: [] });
    expect(test.events.reasons).toEqual(['error']);
    expect(test.errors).toEqual([failure]);
    await peer.ending();
  });
});

describe.each(strategies)('a drain: %s', (strategy) => {
  it('is one, whoever asks for it and how often: shutdown(), serverClose(), abort(), a handler', async () => {
    const entered = moment();
    const go = moment();
    const reports: unknown[] = [];
    class Asking extends StreamRequestHandler {
      override async handle() {
        entered.happen();
        await go;
        reports.push(await this.server.shutdown());
      }
    }
    const clock = new ManualClock();
    await using test = new Serving(await serverClass(strategy).listen(anywhere, Asking, { clock }));
    using peer = await test.connect();
    await entered;
    const { server } = test;
    const all = [server.shutdown(), server.serverClose(), server.shutdown(), server.serverClose()];
    go.happen();
    await Promise.all(all);
    const report = { durationMs: 0, finished: 1, cut: [] };
    expect(await all[0]).toEqual(report);
    expect(await all[2]).toEqual(report);
    expect(await test.running.done).toEqual(report);
    // For the handler the drain is over when nobody else is left.
    expect(reports).toEqual([nothing]);
    server.abort();
    expect(await server.shutdown()).toEqual(nothing);
    expect(test.events.serverStops).toHaveLength(1);
    await peer.ending();
  });
});

describe.each(strategies)('a request that is cut while it is verified: %s', (strategy) => {
  it('gets no handler, whenever that is over', async () => {
    const [asked, verified] = [moment(), moment<boolean>()];
    let handled = 0;
    class Verifying extends serverClass(strategy) {
      override verifyRequest() {
        asked.happen();
        return Promise.resolve(verified);
      }
    }
    class Counting extends BaseRequestHandler {
      override handle() {
        handled += 1;
      }
    }
    await using test = new Serving(await Verifying.listen(anywhere, Counting, { drainTimeout: 0 }));
    using _peer = await test.connect();
    await asked;
    expect((await test.server.shutdown()).cut).toHaveLength(1);
    verified.happen(true);
    await settle();
    expect(handled).toBe(0);
    expect(test.events.stops.map(({ reason }) => reason)).toEqual(['shutdown']);
  });
});

describe.each(strategies)('the drain of a datagram server: %s', (strategy) => {
  const Server = serverClass(strategy, 'udp');

  function answering() {
    const entered = moment<DatagramRequestHandler>();
    const go = moment();
    class Answering extends DatagramRequestHandler {
      override async handle() {
        entered.happen(this);
        await go;
        await this.wfile.write('answer');
      }
    }
    return { Answering, entered, go };
  }

  it('lets handlers that run still answer when it is closed; a later send fails', async () => {
    const { Answering, entered, go } = answering();
    await using test = new Serving(await Server.listen(anywhere, Answering, { clock: new ManualClock() }));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('question');
    const handler = await entered;
    const closed = test.server.serverClose();
    go.happen();
    expect(await peer.receive()).toBe('answer');
    await closed;
    expect(await test.running.done).toEqual({ durationMs: 0, finished: 1, cut: [] });
    expect(test.events.reasons).toEqual(['finished']);
    await expect(handler.socket.sendto('late', handler.clientAddress)).rejects.toMatchObject({ code: 'EBADF' });
  });

  it('lets a handler answer that waits for serverClose() itself', async () => {
    class Closing extends DatagramRequestHandler {
      declare server: UDPServer;
      override async handle() {
        await this.server.serverClose();
        await this.wfile.write('good-bye');
      }
    }
    await using test = new Serving(await Server.listen(anywhere, Closing));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('stop');
    expect(await peer.receive()).toBe('good-bye');
    await test.running.done;
    expect(test.events.reasons).toEqual(['finished']);
    expect(test.server.fileno()).toBe(-1);
  });

  it('cuts handlers that do not end in time, and reports them; what they answer then is lost quietly', async () => {
    const clock = new ManualClock();
    const { Answering, entered, go } = answering();
    await using test = new Serving(await Server.listen(anywhere, Answering, { clock, drainTimeout: 1000 }));
    using peer = await UdpPeer.to(test.server.serverAddress);
    await peer.send('question');
    await entered;
    const closed = test.server.serverClose();
    clock.advance(1000);
    await closed;
    expect(await test.running.done).toMatchObject({ finished: 0, cut: [{ id: 1, clientAddress: peer.address }] });
    expect(test.events.reasons).toEqual(['shutdown']);
    go.happen();
    await settle();
    expect(test.errors).toEqual([]);
    expect(test.events.requestErrors).toEqual([]);
    expect(test.events.stops).toHaveLength(1);
  });
});
