import { RecordedEvents, RunningServer, expectNoLeaks } from '@socketserver/testing';

import { serverClass, strategies } from '@socketserver/core';
import { Pages } from './pages';
import { isInstalled, runProgram, runPython } from './run-program';

expectNoLeaks();

const hasAb = isInstalled('ab');
const hasCurl = isInstalled('curl');

describe.each(strategies)('an HTTP server (%s)', (strategy) => {
  async function serve() {
    const running = new RunningServer(await serverClass(strategy, 'tcp').listen(['127.0.0.1', 0], Pages));
    const events = new RecordedEvents(running.server);
    const port = running.server.serverAddress[1];
    return {
      port,
      events,
      url: (path: string) => `http://127.0.0.1:${port}${path}`,
      async [Symbol.asyncDispose]() {
        events[Symbol.dispose]();
        await running[Symbol.asyncDispose]();
      },
    };
  }

  (hasCurl ? describe : describe.skip)(hasCurl ? 'for curl' : 'for curl (skipped: curl is not installed)', () => {
    /** What curl prints, and how many connections it took. */
    async function curl(args: string[], input?: string) {
      const count = ['--write-out', '%{stderr}connects=%{num_connects}\n'];
      const { stdout, stderr } = await runProgram('curl', ['-sS', '--max-time', '10', ...count, ...args], input);
      const connects = [...stderr.matchAll(/^connects=(\d+)$/gm)].map(([, number]) => Number(number));
      return { stdout, stderr, connects };
    }

    it('keeps the connection for the next request', async () => {
      await using site = await serve();
      const { stdout, connects } = await curl([site.url('/hello'), site.url('/numbers'), site.url('/hello')]);
      expect(stdout).toBe('hello\none\ntwo\nthree\nhello\n');
      expect(connects).toEqual([1, 0, 0]);
    });

    it('answers HEAD with a head alone, and goes on', async () => {
      await using site = await serve();
      const { stdout, connects } = await curl(['--head', site.url('/hello'), site.url('/hello')]);
      expect(stdout.match(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)*Content-Length: 6\r\n(.+\r\n)*\r\n/gm)).toHaveLength(2);
      expect(stdout).not.toContain('hello');
      expect(connects).toEqual([1, 0]);
    });

    it('sends a body in chunks when it does not know its length', async () => {
      await using site = await serve();
      const { stdout } = await curl(['--raw', '--include', site.url('/numbers')]);
      expect(stdout).toContain('Transfer-Encoding: chunked\r\n');
      expect(stdout).toMatch(/\r\n\r\n4\r\none\n\r\n4\r\ntwo\n\r\n6\r\nthree\n\r\n0\r\n\r\n$/);
    });

    it('reads a body in chunks', async () => {
      await using site = await serve();
      const body = 'curl reads this from its input\n'.repeat(10_000);
      const args = ['--header', 'Transfer-Encoding: chunked', '--header', 'Expect:', '--data-binary', '@-'];
      const { stdout } = await curl([...args, site.url('/echo')], body);
      expect(stdout).toBe(body);
    });

    it('tells a client that waits for it to go on', async () => {
      await using site = await serve();
      // Longer than --max-time: without the answer this fails.
      const args = ['--verbose', '--header', 'Expect: 100-continue', '--expect100-timeout', '60', '--data', 'a body'];
      const { stdout, stderr } = await curl([...args, site.url('/echo')]);
      expect(stderr).toContain('< HTTP/1.1 100 Continue');
      expect(stdout).toBe('a body');
    });

    it('ends the connection after a request of HTTP/1.0', async () => {
      await using site = await serve();
      const { stdout, connects } = await curl(['--http1.0', site.url('/numbers'), site.url('/hello')]);
      expect(stdout).toBe('one\ntwo\nthree\nhello\n');
      expect(connects).toEqual([1, 1]);
      await site.events.stopped(2);
    });

    it('keeps a connection of HTTP/1.0 when asked to', async () => {
      await using site = await serve();
      const args = ['--http1.0', '--header', 'Connection: keep-alive', site.url('/hello'), site.url('/hello')];
      const { stdout, connects } = await curl(args);
      expect(stdout).toBe('hello\nhello\n');
      expect(connects).toEqual([1, 0]);
    });

    it('sends a megabyte', async () => {
      await using site = await serve();
      const { stdout } = await curl([site.url('/large')]);
      expect(stdout === Pages.large.toString()).toBe(true);
    });
  });

  it("serves 100 small requests, chunks both ways and HEAD to Python's http.client on one connection", async () => {
    await using site = await serve();
    const body = (text: string) => expect.objectContaining({ status: 200, body: text }) as unknown;
    expect(await runPython('http_client.py', [site.port])).toEqual({
      hundred: Array.from({ length: 100 }, (_, index) => `request ${index}`),
      chunked_response: { status: 200, body: 'one\ntwo\nthree\n', length: null, chunked: true },
      chunked_request: body('part 0\npart 1\npart 2\npart 3\npart 4\n'),
      head: { status: 200, body: '', length: '6', chunked: false },
      large: Pages.large.length,
      missing: { status: 404, body: 'there is no /nothing\n', length: '21', chunked: false },
    });
    await site.events.stopped(1);
    expect(site.events.starts).toHaveLength(1);
    expect(site.events.requestErrors).toEqual([]);
  });

  // A client that keeps its connection keeps a sequential server to itself: there the others would wait for ever.
  const kept = strategy === 'sequential' ? 1 : 4;
  const loads = [
    { title: `${kept} at a time, keeping their connections`, concurrency: kept, flags: ['-k'], keptAlive: 500 },
    { title: '4 at a time, each on its own connection', concurrency: 4, flags: [], keptAlive: 0 },
  ];
  describe(hasAb ? 'for ab' : 'for ab (skipped: ab is not installed; it is in apache2-utils)', () => {
    (hasAb ? it : it.skip).each(loads)('serves 500 requests, $title', async ({ concurrency, flags, keptAlive }) => {
      await using site = await serve();
      const args = ['-q', '-n', '500', '-c', String(concurrency), '-s', '10', ...flags, site.url('/hello')];
      const { stdout } = await runProgram('ab', args);
      expect(stdout).toMatch(/^Complete requests: +500$/m);
      expect(stdout).toMatch(/^Failed requests: +0$/m);
      expect(stdout).not.toContain('Non-2xx responses');
      expect(Number(/^Keep-Alive requests: +(\d+)$/m.exec(stdout)?.[1] ?? 0)).toBe(keptAlive);
      expect(site.events.requestErrors).toEqual([]);
    });
  });
});
