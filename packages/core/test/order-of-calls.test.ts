import { SocketError } from '@socketserver/socket';
import { RecordedEvents, RunningServer, expectNoLeaks } from '@socketserver/testing';

import { FatalError, strategies } from '../src';
import { RecordingHandler, recordingServers } from './recording';

expectNoLeaks();

const toHandler = ['getRequest', 'verifyRequest', 'processRequest', 'finishRequest'];
const end = ['shutdownRequest', 'closeRequest'];

// `Lib/socketserver.py`, as CPython was observed to run.
describe.each(strategies)('the order of calls: %s', (strategy) => {
  const Server = recordingServers[strategy];

  /** Serves one client to its end, and gives what was called. */
  async function callsOf(Class: typeof Server, Handler: typeof RecordingHandler = RecordingHandler) {
    await using running = new RunningServer(await Class.listen(['127.0.0.1', 0], Handler));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.ending();
    await events.stopped(1);
    return { calls: running.server.calls, errors: running.server.errors, failures: events.serverErrors, events };
  }

  it('serves a request', async () => {
    const { calls, errors } = await callsOf(Server);
    expect(calls).toEqual([...toHandler, 'setup', 'handle', 'finish', ...end]);
    expect(errors).toEqual([]);
  });

  it('finishes, then tells handleError(), then ends the request when handle() throws', async () => {
    const failure = new RangeError('handle');
    const { calls, errors } = await callsOf(
      Server,
      class extends RecordingHandler {
        override async handle() {
          await super.handle();
          throw failure;
        }
      },
    );
    expect(calls).toEqual([...toHandler, 'setup', 'handle', 'finish', 'handleError', ...end]);
    expect(errors).toEqual([failure]);
  });

  it('calls neither handle() nor finish() when setup() throws', async () => {
    const failure = new RangeError('setup');
    const { calls, errors } = await callsOf(
      Server,
      class extends RecordingHandler {
        override setup() {
          void super.setup();
          throw failure;
        }
      },
    );
    expect(calls).toEqual([...toHandler, 'setup', 'handleError', ...end]);
    expect(errors).toEqual([failure]);
  });

  it('tells handleError() when finish() throws', async () => {
    const { calls } = await callsOf(
      Server,
      class extends RecordingHandler {
        override async finish() {
          await super.finish();
          throw new RangeError('finish');
        }
      },
    );
    expect(calls).toEqual([...toHandler, 'setup', 'handle', 'finish', 'handleError', ...end]);
  });

  it('ends a request that verifyRequest() refuses, exactly once', async () => {
    const { calls, events } = await callsOf(
      class extends Server {
        override verifyRequest(...args: Parameters<InstanceType<typeof Server>['verifyRequest']>) {
          void super.verifyRequest(...args);
          return Promise.resolve(false);
        }
      },
    );
    expect(calls).toEqual(['getRequest', 'verifyRequest', ...end]);
    expect(events.reasons).toEqual(['refused']);
  });

  it('ends a request whose verifyRequest() throws, and leaks nothing', async () => {
    const failure = new RangeError('verify');
    const { calls, errors } = await callsOf(
      class extends Server {
        override verifyRequest(...args: Parameters<InstanceType<typeof Server>['verifyRequest']>): never {
          void super.verifyRequest(...args);
          throw failure;
        }
      },
    );
    expect(calls).toEqual(['getRequest', 'verifyRequest', 'handleError', ...end]);
    expect(errors).toEqual([failure]);
  });

  it('ends the request even when handleError() throws, and reports that', async () => {
    const failure = new RangeError('handleError');
    const { calls, failures } = await callsOf(
      class extends Server {
        override handleError(...args: Parameters<InstanceType<typeof Server>['handleError']>): never {
          super.handleError(...args);
          throw failure;
        }
      },
      class extends RecordingHandler {
        override handle() {
          throw new RangeError('handle');
        }
      },
    );
    expect(calls).toEqual([...toHandler, 'setup', 'finish', 'handleError', ...end]);
    expect(failures.map(({ error }) => error)).toEqual([failure]);
  });

  it('forgets the request even when shutdownRequest() throws, and reports that', async () => {
    const failure = new RangeError('shutdownRequest');
    const { failures, events } = await callsOf(
      class extends Server {
        override shutdownRequest(...args: Parameters<InstanceType<typeof Server>['shutdownRequest']>): never {
          args[0].close();
          throw failure;
        }
      },
    );
    expect(failures.map(({ error }) => error)).toEqual([failure]);
    expect(events.reasons).toEqual(['finished']);
  });

  it('passes handleError() by with a FatalError, and ends the request exactly once', async () => {
    const failure = new FatalError('no disk left');
    class Fatal extends RecordingHandler {
      override handle() {
        throw failure;
      }
    }
    await using running = new RunningServer(await Server.listen(['127.0.0.1', 0], Fatal));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.ending();
    await events.stopped(1);
    expect(running.server.calls).toEqual([...toHandler, 'setup', 'finish', ...end]);
    if (strategy === 'sequential') {
      await expect(running.done).rejects.toBe(failure);
      return;
    }
    // Beside others it ends its own request only, as in one of Python's threads.
    expect(events.serverErrors.map(({ error }) => error)).toEqual([failure]);
    using next = await running.connect();
    expect(await next.ending()).toBe('end');
  });

  it('ends a refused request exactly once when verifyRequest() throws a FatalError', async () => {
    class Fatal extends Server {
      override verifyRequest(): never {
        throw new FatalError('no disk left');
      }
    }
    await using running = new RunningServer(await Fatal.listen(['127.0.0.1', 0], RecordingHandler));
    using events = new RecordedEvents(running.server);
    using peer = await running.connect();
    await peer.ending();
    await events.stopped(1);
    await Promise.resolve();
    expect(running.server.calls).toEqual(['getRequest', ...end]);
  });

  it('goes on after a socket error of getRequest(), and reports it', async () => {
    const failure = new SocketError('accept: no', 'EPROTO');
    class Failing extends Server {
      override getRequest(...args: []) {
        if (this.calls.push('getRequest') > 1) return super.getRequest(...args);
        this.socket.acceptNow()?.[0].close();
        throw failure;
      }
    }
    await using running = new RunningServer(await Failing.listen(['127.0.0.1', 0], RecordingHandler));
    using events = new RecordedEvents(running.server);
    using first = await running.connect();
    await first.ending();
    await events.failed(1);
    expect(events.serverErrors[0]?.error).toBe(failure);
    using second = await running.connect();
    await events.stopped(1);
    expect(await second.ending()).toBe('end');
  });

  it('stops serving at any other error of getRequest(), and releases whoever waits for shutdown()', async () => {
    const failure = new RangeError('getRequest');
    class Failing extends Server {
      override getRequest(): never {
        throw failure;
      }
    }
    await using running = new RunningServer(await Failing.listen(['127.0.0.1', 0], RecordingHandler));
    using peer = await running.connect();
    await expect(running.done).rejects.toBe(failure);
    await running.server.shutdown();
    expect(running.server.calls).toEqual([]);
    await running.server.serverClose();
    expect(await peer.ending()).toBe('reset');
  });
});
