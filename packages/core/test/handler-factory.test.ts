import { RecordedEvents, RunningServer, expectNoLeaks, moment } from '@socketserver/testing';

import {
  type Address,
  AsyncTCPServer,
  BaseRequestHandler,
  DatagramRequestHandler,
  CLIENT_ADDRESS,
  Clock,
  HandlerError,
  Lifecycle,
  ManualClock,
  REQUEST,
  SERVER,
  type ServerView,
  Socket,
  container,
  inject,
  injectable,
  scoped,
  shared,
  TCPServer,
  singleton,
} from '../src';

expectNoLeaks();

const anywhere: Address = ['127.0.0.1', 0];

/** Errors are what the tests look at: there is no need to print them. */
class QuietServer extends AsyncTCPServer {
  readonly errors: unknown[] = [];
  override handleError(error: unknown) {
    this.errors.push(error);
  }
}

abstract class Roll {
  abstract add(name: string): Promise<number>;
}

class MemoryRoll extends Roll {
  static made = 0;
  readonly #names: string[] = [];
  constructor() {
    super();
    MemoryRoll.made += 1;
  }
  override async add(name: string) {
    return this.#names.push(name);
  }
}

/** Adds what its peer sends to the roll, and answers how long that is now. */
@injectable()
class Enrolling extends BaseRequestHandler {
  constructor(readonly roll: Roll) {
    super();
  }
  override async handle() {
    const name = String(await this.request.recv(100));
    await this.request.sendall(String(await this.roll.add(name)));
  }
}

async function enrol(running: RunningServer<AsyncTCPServer>, name: string): Promise<string> {
  using peer = await running.connect();
  await peer.send(name);
  return await peer.readAll();
}

/** Lives as long as a connection, and writes down its end. */
const disposals: string[] = [];
let sessions = 0;

@scoped(Lifecycle.ContainerScoped)
class Session {
  readonly id = (sessions += 1);
  dispose() {
    disposals.push(`session ${this.id}`);
  }
}

@scoped(Lifecycle.ContainerScoped)
class Transaction {
  constructor(readonly session: Session) {}
  async [Symbol.asyncDispose]() {
    await Promise.resolve();
    disposals.push(`transaction of ${this.session.id}`);
  }
}

@singleton()
class Settings {
  dispose() {
    disposals.push('settings');
  }
}

@injectable()
class Transacting extends BaseRequestHandler {
  constructor(
    readonly transaction: Transaction,
    readonly session: Session,
    readonly settings: Settings,
  ) {
    super();
  }
  override async handle() {
    expect(this.session).toBe(this.transaction.session);
    const order = String(await this.request.recv(100));
    if (order === 'throw') throw new RangeError('handle');
    await this.request.sendall(String(this.session.id));
  }
}

beforeEach(() => {
  disposals.length = 0;
  sessions = 0;
  MemoryRoll.made = 0;
});

@injectable()
class Known {}

@injectable()
class Interfaced extends BaseRequestHandler {
  constructor(
    readonly known: Known,
    readonly disposable: Disposable,
  ) {
    super();
  }
}

describe('the scope of a server', () => {
  it('has one instance of a shared service for all its connections, made before the first one', async () => {
    const server = await QuietServer.listen(anywhere, Enrolling, { shared: [shared(Roll, MemoryRoll)] });
    expect(MemoryRoll.made).toBe(1);
    await using running = new RunningServer(server);
    expect(await enrol(running, 'Ada')).toBe('1');
    expect(await enrol(running, 'Grace')).toBe('2');
    expect(MemoryRoll.made).toBe(1);
    expect(await server.container.resolve(Roll as never as typeof MemoryRoll).add('Edsger')).toBe(3);
  });

  it('is not shared between two servers', async () => {
    const options = { shared: [shared(Roll, MemoryRoll)] };
    await using one = new RunningServer(await QuietServer.listen(anywhere, Enrolling, options));
    await using other = new RunningServer(await QuietServer.listen(anywhere, Enrolling, options));
    expect(await enrol(one, 'Ada')).toBe('1');
    expect(await enrol(other, 'Grace')).toBe('1');
    expect(container.isRegistered(Roll as never)).toBe(false);
  });

  it('gives the server and its clock', async () => {
    const seen = moment<[ServerView, Clock]>();
    @injectable()
    class Looking extends BaseRequestHandler {
      constructor(@inject(SERVER) view: ServerView, clock: Clock) {
        super();
        seen.happen([view, clock]);
      }
    }
    const clock = new ManualClock();
    await using running = new RunningServer(await QuietServer.listen(anywhere, Looking, { clock }));
    using peer = await running.connect();
    await peer.ending();
    const [view, given] = await seen;
    expect(view).toBe(running.server);
    expect(given).toBe(clock);
  });

  it('is a child of the container that the options name', async () => {
    const own = container.createChildContainer();
    own.register(Roll as never, { useValue: new MemoryRoll() });
    await using running = new RunningServer(await QuietServer.listen(anywhere, Enrolling, { container: own }));
    expect(await enrol(running, 'Ada')).toBe('1');
    expect(await enrol(running, 'Grace')).toBe('2');
    expect(own.isRegistered(SERVER)).toBe(false);
  });

  it('injects the clock and other services into shared services', async () => {
    const clock = new ManualClock();
    @injectable()
    class Timed extends Roll {
      constructor(readonly clock: Clock) {
        super();
      }
      override async add() {
        return this.clock.now();
      }
    }
    clock.advance(77);
    const options = { clock, shared: [shared(Roll, Timed)] };
    await using running = new RunningServer(await QuietServer.listen(anywhere, Enrolling, options));
    expect(await enrol(running, 'Ada')).toBe('77');
  });
});

describe('the scope of a connection', () => {
  it('gives one instance within a connection and another one in the next, disposed once when it ends', async () => {
    const server = await QuietServer.listen(anywhere, Transacting);
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    for (const id of [1, 2]) {
      disposals.length = 0;
      using peer = await running.connect();
      await peer.send('go');
      expect(await peer.readAll()).toBe(String(id));
      await events.stopped(id);
      // What needs another service goes before that; singletons stay.
      expect(disposals).toEqual([`transaction of ${id}`, `session ${id}`]);
    }
  });

  it('ends before shutdownRequest(), so that the connection is still open in finish() and dispose()', async () => {
    const order: string[] = [];
    class Watching extends QuietServer {
      override shutdownRequest(...args: Parameters<QuietServer['shutdownRequest']>) {
        order.push(...disposals, 'shutdownRequest');
        return super.shutdownRequest(...args);
      }
    }
    await using running = new RunningServer(await Watching.listen(anywhere, Transacting));
    using peer = await running.connect();
    await peer.send('go');
    await peer.readAll();
    expect(order).toEqual(['transaction of 1', 'session 1', 'shutdownRequest']);
  });

  it('is disposed once when the handler throws', async () => {
    const server = await QuietServer.listen(anywhere, Transacting);
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    using peer = await running.connect();
    await peer.send('throw');
    await peer.ending();
    await events.stopped(1);
    expect(server.errors).toMatchObject([{ message: 'handle' }]);
    expect(disposals).toEqual(['transaction of 1', 'session 1']);
  });

  it('disposes what was made when the handler itself cannot be made', async () => {
    @injectable()
    class Failing extends BaseRequestHandler {
      constructor(_session: Session, @inject('unknown') _missing: unknown) {
        super();
      }
    }
    const server = await QuietServer.listen(anywhere, Failing);
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await peer.ending();
    expect(server.errors).toHaveLength(1);
    expect(disposals).toEqual(['session 1']);
  });

  it('does not make services at its end that were never asked for', async () => {
    const server = await QuietServer.listen(anywhere, Transacting);
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    // A registration that takes the place of the scoped one.
    server.container.register(Transaction, { useValue: { session: 'none' } as never });
    using peer = await running.connect();
    await peer.end().ending();
    await events.stopped(1);
    expect(disposals).toEqual(['session 1']);
  });

  it('disposes the rest when one service fails to, and tells handleError()', async () => {
    const failure = new RangeError('dispose');
    @scoped(Lifecycle.ContainerScoped)
    class Stubborn {
      dispose() {
        throw failure;
      }
    }
    @injectable()
    class Handler extends BaseRequestHandler {
      constructor(_session: Session, _stubborn: Stubborn) {
        super();
      }
    }
    const server = await QuietServer.listen(anywhere, Handler);
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await peer.ending();
    expect(server.errors).toEqual([failure]);
    expect(disposals).toEqual(['session 1']);
  });

  it('gives the request and where it comes from, also to the services of the connection', async () => {
    const seen = moment<[object, Address]>();
    @scoped(Lifecycle.ContainerScoped)
    class Visitor {
      constructor(
        @inject(REQUEST) readonly request: object,
        @inject(CLIENT_ADDRESS) readonly address: Address,
      ) {}
    }
    @injectable()
    class Looking extends BaseRequestHandler {
      constructor(readonly visitor: Visitor) {
        super();
      }
      override handle() {
        expect(this.visitor.request).toBe(this.request);
        seen.happen([this.visitor.request, this.visitor.address]);
      }
    }
    await using running = new RunningServer(await QuietServer.listen(anywhere, Looking));
    using peer = await running.connect();
    await peer.ending();
    const [request, address] = await seen;
    expect(request).toBeInstanceOf(Socket);
    expect(address).toEqual(peer.address);
  });
});

describe('a handler', () => {
  it('with nothing injected is simply constructed, without a container', async () => {
    const made: unknown[][] = [];
    class Plain extends BaseRequestHandler {
      constructor(...args: unknown[]) {
        super();
        made.push(args);
      }
    }
    const own = container.createChildContainer();
    const resolve = jest.spyOn(own, 'resolve');
    await using running = new RunningServer(await QuietServer.listen(anywhere, Plain, { container: own }));
    const child = jest.spyOn(running.server.container, 'createChildContainer');
    using peer = await running.connect();
    await peer.ending();
    expect(made).toEqual([[]]);
    expect(child).not.toHaveBeenCalled();
    expect(resolve).not.toHaveBeenCalled();
  });

  it('can be given as a token that the container knows', async () => {
    const token = Symbol('handler');
    const own = container.createChildContainer();
    own.register(token, { useClass: Enrolling });
    const options = { container: own, shared: [shared(Roll, MemoryRoll)] };
    await using running = new RunningServer(await QuietServer.listen(anywhere, token, options));
    expect(await enrol(running, 'Ada')).toBe('1');
    expect(await enrol(running, 'Grace')).toBe('2');
  });

  it('can be a class that the container makes in its own way', async () => {
    class Plain extends BaseRequestHandler {
      greeting = 'hello';
      override handle() {
        return this.request.sendall(this.greeting);
      }
    }
    const own = container.createChildContainer();
    own.register(Plain, { useFactory: () => Object.assign(new Plain(), { greeting: 'bonjour' }) });
    await using running = new RunningServer(await QuietServer.listen(anywhere, Plain, { container: own }));
    using peer = await running.connect();
    expect(await peer.readAll()).toBe('bonjour');
  });

  it('gets what its parent class has injected, with or without a decorator of its own', async () => {
    class Undecorated extends Enrolling {
      prefix = 'x';
    }
    @injectable()
    class Decorated extends Enrolling {}
    for (const Handler of [Undecorated, Decorated]) {
      const options = { shared: [shared(Roll, MemoryRoll)] };
      await using running = new RunningServer(await QuietServer.listen(anywhere, Handler, options));
      expect(await enrol(running, 'Ada')).toBe('1');
      expect(running.server.errors).toEqual([]);
    }
  });

  it('gets what its parent class has injected by named tokens', async () => {
    @injectable()
    class Named extends BaseRequestHandler {
      constructor(@inject('greeting') readonly greeting: string) {
        super();
      }
      override handle() {
        return this.request.sendall(this.greeting);
      }
    }
    class Heir extends Named {}
    const own = container.createChildContainer();
    own.register('greeting', { useValue: 'hello' });
    await using running = new RunningServer(await QuietServer.listen(anywhere, Heir, { container: own }));
    using peer = await running.connect();
    expect(await peer.readAll()).toBe('hello');
  });

  it('that needs something unknown fails its request with a HandlerError, and the next one is served', async () => {
    @injectable()
    class Wanting extends BaseRequestHandler {
      constructor(@inject('database') _database: object) {
        super();
      }
    }
    const server = await QuietServer.listen(anywhere, Wanting);
    await using running = new RunningServer(server);
    using events = new RecordedEvents(server);
    for (const count of [1, 2]) {
      using peer = await running.connect();
      await peer.ending();
      await events.stopped(count);
    }
    expect(server.errors).toHaveLength(2);
    expect(server.errors[0]).toBeInstanceOf(HandlerError);
    expect(server.errors[0]).toMatchObject({
      code: 'ERR_HANDLER',
      message: expect.stringMatching(/^Wanting cannot be made: .*"database"/s) as string,
      cause: expect.anything() as unknown,
    });
    expect(events.reasons).toEqual(['error', 'error']);
  });

  it.each([
    [
      'a class that extends nothing',
      class NoHandler {},
      'NoHandler is not a request handler: extend BaseRequestHandler',
    ],
    ['a function', () => undefined, 'is not a request handler: extend BaseRequestHandler'],
    ['nothing', undefined, 'a server needs a request handler'],
    ['a handler that was made already', new BaseRequestHandler(), 'a server needs a request handler'],
    [
      'one for datagrams',
      class Packets extends DatagramRequestHandler {},
      'Packets reads datagrams; for a stream extend',
    ],
    ['that class itself', DatagramRequestHandler, 'DatagramRequestHandler reads datagrams; for a stream extend'],
    [
      'a class that nobody can tell the parameters of',
      class Undecorated extends BaseRequestHandler {
        constructor(readonly name: string) {
          super();
        }
      },
      'Undecorated cannot be made: nothing says what parameter 1 of its constructor is',
    ],
    [
      'a class with an interface beside what can be injected',
      Interfaced,
      'Interfaced cannot be made: nothing says what parameter 2 of its constructor is',
    ],
  ])('is refused when the server starts: %s', async (_what, handler, message) => {
    await expect(TCPServer.listen(anywhere, handler as never)).rejects.toThrow(HandlerError);
    await expect(TCPServer.listen(anywhere, handler as never)).rejects.toThrow(message);
  });

  it('behind a token that is none fails its request with a HandlerError', async () => {
    const own = container.createChildContainer();
    own.register('none', { useValue: { constructor: { name: 'NoHandler' } } });
    const server = await QuietServer.listen(anywhere, 'none', { container: own });
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await peer.ending();
    expect(server.errors).toMatchObject([{ code: 'ERR_HANDLER' }]);
  });

  it('that throws in its constructor fails its request', async () => {
    class Throwing extends BaseRequestHandler {
      constructor() {
        super();
        throw new RangeError('constructor');
      }
    }
    const server = await QuietServer.listen(anywhere, Throwing);
    await using running = new RunningServer(server);
    using peer = await running.connect();
    await peer.ending();
    expect(server.errors).toMatchObject([{ message: 'constructor' }]);
  });

  it('can be made by an override of finishRequest(), as python -m http.server does', async () => {
    class Greeting extends BaseRequestHandler {
      constructor(readonly directory: string) {
        super();
      }
      override handle() {
        return this.request.sendall(this.directory);
      }
    }
    class Own extends QuietServer {
      override finishRequest(...[request, clientAddress]: Parameters<QuietServer['finishRequest']>) {
        const handler = new Greeting('/srv');
        return Object.assign(handler, { request, clientAddress, server: this }).run();
      }
    }
    await using running = new RunningServer(await Own.listen(anywhere, Greeting));
    using peer = await running.connect();
    expect(await peer.readAll()).toBe('/srv');
  });
});
