/** What the standard library builds on threads and forks: `ThreadingHTTPServer`, `logging.config.listen`, XML-RPC. */
import { RunningServer, expectNoLeaks, until } from '@socketserver/testing';

import { ManualClock, type TCPServer, serverClass, shared, workerStrategies } from '../src';
import {
  Dispatcher,
  LogHandler,
  MemoryRecords,
  Records,
  WorkerPages,
  WorkerXMLRPCHandler,
} from './fixtures/cpython-stdlib';
import { Serving } from './serving';
import { Pages } from './stdlib/pages';
import { isInstalled, runProgram, runPython } from './stdlib/run-program';
import { XMLRPCDispatcherMixIn } from './stdlib/xml-rpc';

expectNoLeaks();

const workers = 2;
const hasAb = isInstalled('ab');
const hasCurl = isInstalled('curl');

/** A test that needs a program, and says so where that is missing. */
const needs = (program: string, isThere: boolean) =>
  [isThere ? it : it.skip, isThere ? '' : ` (skipped: ${program} is not installed)`] as const;

describe.each(workerStrategies)('an HTTP server with workers (%s)', (strategy) => {
  let test: Serving<TCPServer>;
  const url = (path: string): string => `http://127.0.0.1:${test.server.serverAddress[1]}${path}`;

  beforeAll(async () => {
    test = new Serving(await serverClass(strategy).listen(['127.0.0.1', 0], WorkerPages, { workers }));
  });
  afterAll(() => test[Symbol.asyncDispose]());
  afterEach(() => expect([test.errors, test.events.requestErrors]).toEqual([[], []]));

  const [withCurl, becauseOfCurl] = needs('curl', hasCurl);
  const [withAb, becauseOfAb] = needs('ab', hasAb);

  withCurl(`keeps the connection of curl for its next request, in one worker${becauseOfCurl}`, async () => {
    const args = ['-sS', '--max-time', '10', '--write-out', '%{stderr}connects=%{num_connects}\n'];
    const urls = [url('/hello'), url('/numbers'), url('/hello')];
    const { stdout, stderr } = await runProgram('curl', [...args, ...urls]);
    expect(stdout).toBe('hello\none\ntwo\nthree\nhello\n');
    expect(stderr).toBe('connects=1\nconnects=0\nconnects=0\n');
  });

  withCurl(`reads what curl posts in chunks, and sends it a megabyte${becauseOfCurl}`, async () => {
    const body = 'curl reads this from its input\n'.repeat(10_000);
    const chunked = ['--header', 'Transfer-Encoding: chunked', '--header', 'Expect:', '--data-binary', '@-'];
    const posted = await runProgram('curl', ['-sS', '--max-time', '10', ...chunked, url('/echo')], body);
    expect(posted.stdout === body).toBe(true);
    const large = await runProgram('curl', ['-sS', '--max-time', '10', url('/large')]);
    expect(large.stdout === Pages.large.toString()).toBe(true);
  });

  it("serves 100 small requests, chunks both ways and HEAD to Python's http.client on one connection", async () => {
    const connections = test.events.starts.length;
    const body = (text: string) => expect.objectContaining({ status: 200, body: text }) as unknown;
    expect(await runPython('http_client.py', [test.server.serverAddress[1]])).toEqual({
      hundred: Array.from({ length: 100 }, (_, index) => `request ${index}`),
      chunked_response: { status: 200, body: 'one\ntwo\nthree\n', length: null, chunked: true },
      chunked_request: body('part 0\npart 1\npart 2\npart 3\npart 4\n'),
      head: { status: 200, body: '', length: '6', chunked: false },
      large: Pages.large.length,
      missing: { status: 404, body: 'there is no /nothing\n', length: '21', chunked: false },
    });
    expect(test.events.starts).toHaveLength(connections + 1);
  });

  withAb.each([
    ['keeping their connections', ['-k'], 500],
    ['each on its own connection', [], 0],
  ])(`serves 500 requests of ab, 4 at a time, %s${becauseOfAb}`, async (_how, flags, keptAlive) => {
    const { stdout } = await runProgram('ab', ['-q', '-n', '500', '-c', '4', '-s', '10', ...flags, url('/hello')]);
    expect(stdout).toMatch(/^Complete requests: +500$/m);
    expect(stdout).toMatch(/^Failed requests: +0$/m);
    expect(stdout).not.toContain('Non-2xx responses');
    expect(Number(/^Keep-Alive requests: +(\d+)$/m.exec(stdout)?.[1] ?? 0)).toBe(keptAlive);
  });
});

describe.each(workerStrategies)('a receiver of log records with a loop of its own, and workers (%s)', (strategy) => {
  class LogReceiver extends serverClass(strategy) {
    override timeout: number | null = 1000;
    isStopped = false;

    async serveUntilStopped() {
      while (!this.isStopped) await this.handleRequest();
      await this.serverClose();
    }
  }

  it("takes the records of Python's SocketHandler, until its flag is set", async () => {
    const clock = new ManualClock();
    const options = { clock, workers, shared: [shared(Records, MemoryRecords)] };
    await using receiver = await LogReceiver.listen(['127.0.0.1', 0], LogHandler, options);
    const { all } = receiver.container.resolve<MemoryRecords>(Records as never);
    let isOver = false;
    const served = receiver.serveUntilStopped().then(() => (isOver = true));
    const port = receiver.serverAddress[1];
    await Promise.all(['kitchen', 'garden'].map((name) => runPython('logging_client.py', [port, name])));
    await until(() => all.length === 6);
    for (const name of ['kitchen', 'garden']) {
      expect(all.filter((record) => record.name === name)).toEqual([
        { name, level: 'INFO', message: 'started' },
        { name, level: 'WARNING', message: 'temperature 40.2' },
        { name, level: 'ERROR', message: 'x'.repeat(100_000) },
      ]);
    }
    receiver.isStopped = true;
    await until(() => {
      clock.advance(1000);
      return isOver;
    });
    await served;
    expect(receiver.fileno()).toBe(-1);
  });
});

describe.each(workerStrategies)('an XML-RPC server with workers (%s)', (strategy) => {
  class Server extends XMLRPCDispatcherMixIn(serverClass(strategy)) {}

  it("is called by Python's xmlrpc.client, and runs its functions in its own process", async () => {
    /** The server's own dispatcher, for handlers elsewhere. */
    class OwnDispatcher extends Dispatcher {
      override marshaledDispatch(request: string) {
        return running.server.marshaledDispatch(request);
      }
    }
    const options = { workers, shared: [shared(Dispatcher, OwnDispatcher)] };
    const server = await Server.listen(['127.0.0.1', 0], WorkerXMLRPCHandler, options);
    await using running = new RunningServer(server);
    server.registerFunction('add', (a: number, b: number) => a + b);
    server.registerFunction('total', (values: number[][]) => values.flat().reduce((sum, each) => sum + each, 0));
    server.registerFunction('negate', (value: boolean) => !value);
    server.registerFunction('greet', (name: string) => `hello ${name}`);
    server.registerFunction('slow', (text: string) => new Promise((resolve) => setImmediate(resolve, text)));
    server.registerFunction('divide', (a: number, b: number) => {
      if (b === 0) throw new RangeError('division by zero');
      return a / b;
    });
    expect(await runPython('xml_rpc_client.py', [server.serverAddress[1]])).toEqual({
      methods: ['add', 'divide', 'greet', 'negate', 'slow', 'total'],
      add: 42.5,
      total: 10,
      not: false,
      greet: 'hello <Café> & Co',
      slow: 'later',
      unknown: [1, 'TypeError: method "unknown" is not supported'],
      divide: [1, 'RangeError: division by zero'],
      lost: 404,
      many: Array.from({ length: 20 }, (_, index) => index + 1),
    });
  });
});
