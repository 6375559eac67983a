import { Peer, RecordedEvents, expectNoLeaks } from '@socketserver/testing';

import { type Address, ManualClock, type Socket, serverClass, strategies } from '@socketserver/core';
import {
  type Hook,
  Journal,
  handlerWithAsyncHooks,
  handlerWithHooks,
  withAsyncHooks,
  withHooks,
} from './overridden-hooks';
import { runPython } from './run-program';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

const ways = [
  { way: 'synchronous', hooks: withHooks, handler: handlerWithHooks },
  { way: 'asynchronous', hooks: withAsyncHooks, handler: handlerWithAsyncHooks },
] as const;

/** With a handler that fails: then every hook is called but `handleTimeout()`. */
const order: Hook[] = [
  'serverBind',
  'serverActivate',
  'getRequest',
  'verifyRequest',
  'processRequest',
  'finishRequest',
  'setup',
  'handle',
  'finish',
  'handleError',
  'shutdownRequest',
  'closeRequest',
  'serverClose',
];

const failure = new RangeError('handle');

/** Those that are called at times which clients have no part in are left out. */
const inOrder = ({ calls }: Journal): Hook[] => calls.filter((hook) => hook !== 'serviceActions');

/** `finishRequest` for `finish_request`. */
const camelCase = (name: string): string => name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) await new Promise(setImmediate);
}

describe.each(strategies)('every hook, overridden (%s)', (strategy) => {
  const Server = serverClass(strategy, 'tcp');

  /** Serves one client, from `serverBind()` to `serverClose()`. */
  async function serveOne(Class: typeof Server, Handler: ReturnType<typeof handlerWithHooks>): Promise<void> {
    const server = await Class.listen(anywhere, Handler);
    using events = new RecordedEvents(server);
    const serving = server.serveForever({ pollInterval: 1 });
    using peer = await Peer.connect(server.serverAddress);
    await peer.ending();
    await events.stopped(1);
    await server.serverClose();
    await serving;
  }

  describe.each(ways)('$way', ({ hooks, handler }) => {
    it('is called in its order', async () => {
      const journal = new Journal();
      await serveOne(hooks(Server, journal), handler(journal, null));
      expect(inOrder(journal)).toEqual(order.filter((hook) => hook !== 'handleError'));
    });

    it('is called in its order when the handler fails', async () => {
      const journal = new Journal();
      await serveOne(hooks(Server, journal), handler(journal, failure));
      expect(inOrder(journal)).toEqual(order);
      expect(journal.calls).toContain('serviceActions');
    });

    it('is called in its order when the request is refused', async () => {
      const journal = new Journal();
      class Refusing extends hooks(Server, journal) {
        override verifyRequest(request: Socket, clientAddress: Address) {
          const verified = super.verifyRequest(request, clientAddress);
          return verified === true ? false : Promise.resolve(verified).then(() => false);
        }
      }
      await serveOne(Refusing, handler(journal, null));
      const refused: Hook[] = ['getRequest', 'verifyRequest', 'shutdownRequest', 'closeRequest'];
      expect(inOrder(journal)).toEqual(['serverBind', 'serverActivate', ...refused, 'serverClose']);
    });

    it('is called by handleRequest(), but for serviceActions()', async () => {
      const journal = new Journal();
      const server = await hooks(Server, journal).listen(anywhere, handler(journal, failure));
      using events = new RecordedEvents(server);
      using peer = await Peer.connect(server.serverAddress);
      await server.handleRequest();
      await peer.ending();
      await events.stopped(1);
      await server.serverClose();
      expect(journal.calls).toEqual(order);
    });

    it('is called by handleRequest() when nobody comes', async () => {
      const journal = new Journal();
      const clock = new ManualClock();
      await using server = await hooks(Server, journal).listen(anywhere, handler(journal, null), { clock });
      server.timeout = 10;
      const handled = server.handleRequest();
      clock.advance(10);
      expect(await handled).toBe('timeout');
      expect(journal.calls).toEqual(['serverBind', 'serverActivate', 'handleTimeout']);
    });

    it('is called when the server cannot be activated, so that it can close', async () => {
      const journal = new Journal();
      class Failing extends hooks(Server, journal) {
        override async serverActivate() {
          await super.serverActivate();
          throw failure;
        }
      }
      await expect(Failing.listen(anywhere, handler(journal, null))).rejects.toBe(failure);
      expect(journal.calls).toEqual(['serverBind', 'serverActivate', 'serverClose']);
    });
  });

  it.each(order)('waits for an asynchronous %s() before it calls the next', async (hook) => {
    const journal = new Journal(hook);
    const serving = serveOne(withAsyncHooks(Server, journal), handlerWithAsyncHooks(journal, failure));
    try {
      await journal.entered;
      await rounds(10);
      expect(inOrder(journal)).toEqual(order.slice(0, order.indexOf(hook) + 1));
    } finally {
      journal.release.happen();
      await serving;
    }
    expect(inOrder(journal)).toEqual(order);
  });

  it('waits for an asynchronous serviceActions() before it takes a request', async () => {
    const journal = new Journal('serviceActions');
    const Class = withAsyncHooks(Server, journal);
    await using server = await Class.listen(anywhere, handlerWithAsyncHooks(journal, null));
    using events = new RecordedEvents(server);
    void server.serveForever({ pollInterval: 0 });
    await journal.entered;
    using peer = await Peer.connect(server.serverAddress);
    await rounds(10);
    expect(journal.calls).toEqual(['serverBind', 'serverActivate', 'serviceActions']);
    journal.release.happen();
    await events.stopped(1);
    expect(await peer.ending()).toBe('end');
  });

  it('waits for an asynchronous handleTimeout() before handleRequest() is over', async () => {
    const journal = new Journal('handleTimeout');
    const clock = new ManualClock();
    const Class = withAsyncHooks(Server, journal);
    await using server = await Class.listen(anywhere, handlerWithAsyncHooks(journal, null), { clock });
    server.timeout = 10;
    let isOver = false;
    const handled = server.handleRequest().finally(() => (isOver = true));
    clock.advance(10);
    await journal.entered;
    await rounds(10);
    expect(isOver).toBe(false);
    journal.release.happen();
    expect(await handled).toBe('timeout');
  });

  it("is called in the order of Python's own servers", async () => {
    const peerOf = { sequential: 'TCPServer', async: 'ThreadingTCPServer', selecting: 'ThreadingTCPServer' };
    const python = (await runPython('order_of_calls.py', [peerOf[strategy]])) as Record<string, string[]>;
    const ours: Record<string, string[]> = {};
    for (const [name, thrown] of [
      ['serves', null],
      ['fails', failure],
    ] as const) {
      const journal = new Journal();
      await serveOne(withHooks(Server, journal), handlerWithHooks(journal, thrown));
      ours[name] = inOrder(journal);
    }
    const refusal = new Journal();
    class Refusing extends withHooks(Server, refusal) {
      override verifyRequest(request: Socket, clientAddress: Address) {
        return super.verifyRequest(request, clientAddress) !== true;
      }
    }
    await serveOne(Refusing, handlerWithHooks(refusal, null));
    ours.refuses = inOrder(refusal);
    const theirs = Object.entries(python).map(([name, calls]) => [name, calls.map(camelCase)] as const);
    expect(ours).toEqual(Object.fromEntries(theirs));
  });
});
