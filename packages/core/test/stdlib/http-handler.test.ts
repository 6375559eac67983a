import { type Peer, RecordedEvents, RunningServer, expectNoLeaks, until } from '@socketserver/testing';

import { ManualClock, type Socket, serverClass, strategies } from '@socketserver/core';
import { Pages } from './pages';

expectNoLeaks();

const get = (path: string, ...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers].map((line) => `${line}\r\n`).join('') + '\r\n';
const post = (headers: string[], body = '') =>
  ['POST /echo HTTP/1.1', 'Host: localhost', ...headers].map((line) => `${line}\r\n`).join('') + '\r\n' + body;

describe.each(strategies)('an HTTP handler (%s)', (strategy) => {
  /** One client of a site, and the handler's side of its connection. */
  async function serve(Handler = Pages) {
    const clock = new ManualClock();
    const requests: Socket[] = [];
    class Server extends serverClass(strategy, 'tcp') {
      override verifyRequest(request: Socket) {
        requests.push(request);
        return true;
      }
    }
    const running = new RunningServer(await Server.listen(['127.0.0.1', 0], Handler, { clock }));
    const events = new RecordedEvents(running.server);
    const peer = await running.connect();
    await until(() => requests.length === 1);
    return {
      clock,
      events,
      peer,
      server: running.server,
      /** The handler has read all that was sent, and waits for more. */
      waits: (bytes: number) =>
        until(() => requests[0]!.bytesRead === bytes && requests[0]!.receiving && requests[0]!.buffered === 0),
      async [Symbol.asyncDispose]() {
        peer[Symbol.dispose]();
        events[Symbol.dispose]();
        await running[Symbol.asyncDispose]();
      },
    };
  }

  /** The statuses of all answers to the end of the stream. */
  async function statuses(peer: Peer): Promise<number[]> {
    return [...(await peer.readAll()).matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
  }

  it('answers requests that come together, in their order', async () => {
    await using site = await serve();
    const body = post(['Content-Length: 5'], 'posted'.slice(0, 5));
    await site.peer.send(get('/hello') + body + get('/nothing') + get('/hello', 'Connection: close') + get('/late'));
    const answers = await site.peer.readAll();
    expect([...answers.matchAll(/\r\n\r\n(.*)/g)].map(([, text]) => text)).toEqual([
      'hello',
      expect.stringMatching(/^poste/),
      'there is no /nothing',
      'hello',
    ]);
    expect(answers.match(/Connection: close/g)).toHaveLength(1);
  });

  it('reads a request that comes byte by byte', async () => {
    await using site = await serve();
    const request = post(
      ['Transfer-Encoding: chunked', 'Connection: close'],
      '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n',
    );
    for (const byte of request) await site.peer.send(byte);
    expect(await site.peer.readAll()).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\nabcde$/);
  });

  it('forgives one empty line before a request', async () => {
    await using site = await serve();
    await site.peer.send('\r\n' + get('/hello', 'Connection: close'));
    expect(await statuses(site.peer)).toEqual([200]);
  });

  it('ends the connection when the body was not read, which would be taken for a request', async () => {
    await using site = await serve();
    const body = get('/hello');
    await site.peer.send(get('/hello', `Content-Length: ${body.length}`) + body);
    expect(await statuses(site.peer)).toEqual([200]);
  });

  it('ends with the stream, without an answer and without an error', async () => {
    await using site = await serve();
    await site.peer.send(get('/hello'));
    expect(await statuses(site.peer.end())).toEqual([200]);
    await site.events.stopped(1);
    expect(site.events.requestErrors).toEqual([]);
    expect(site.events.reasons).toEqual(['peer-closed']);
  });

  it.each([
    ['a target that never ends', 414, `GET /${'a'.repeat(65_536)}`],
    ['a header that never ends', 431, `GET /hello HTTP/1.1\r\nX: ${'a'.repeat(65_536)}`],
    ['more than 100 headers', 431, get('/hello', ...Array.from({ length: 101 }, (_, index) => `X-${index}: 1`))],
    ['a first line that is none', 400, 'hello\r\n\r\n'],
    ['a header without a colon', 400, get('/hello', 'nothing')],
    ['a blank before the colon', 400, get('/hello', 'Name : value')],
    ['a folded header', 400, get('/hello', 'Name: value', ' and more')],
    ['no host', 400, 'GET /hello HTTP/1.1\r\n\r\n'],
    ['two hosts', 400, get('/hello', 'Host: elsewhere')],
    ['a body with two lengths', 400, post(['Content-Length: 5', 'Content-Length: 6'], 'hello')],
    ['a body with a length and chunks', 400, post(['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n')],
    ['a length below zero', 400, post(['Content-Length: -1'])],
    ['a chunk without a size', 400, post(['Transfer-Encoding: chunked'], 'five\r\nhello\r\n')],
    ['a chunk that is longer than it says', 400, post(['Transfer-Encoding: chunked'], '4\r\nhello\r\n')],
    ['a body that is too large', 413, post(['Content-Length: 4194305'])],
    ['chunks that are too large', 413, post(['Transfer-Encoding: chunked'], 'ffffffff\r\n')],
    ['a method that it does not know', 501, get('/hello').replace('GET', 'BREW')],
    ['a name of its own as a method', 501, get('/hello').replace('GET', '__proto__')],
    ['a coding that it does not know', 501, post(['Transfer-Encoding: gzip'])],
    ['a version that it does not speak', 505, 'GET /hello HTTP/2.0\r\n\r\n'],
  ])('answers %s with %i, and ends the connection', async (_what, status, request) => {
    await using site = await serve();
    await site.peer.send(request);
    expect(await statuses(site.peer)).toEqual([status]);
    await site.events.stopped(1);
    expect(site.events.requestErrors).toEqual([]);
  });

  it.each([
    ['the first line', 'GET /hel'],
    ['the headers', 'GET /hello HTTP/1.1\r\nHost: localhost\r\n'],
    ['the body', post(['Content-Length: 5'], 'hel')],
    ['a chunk', post(['Transfer-Encoding: chunked'], '5\r\nhel')],
  ])('answers a stream that ends within %s with 400', async (_where, request) => {
    await using site = await serve();
    await site.peer.send(request);
    expect(await statuses(site.peer.end())).toEqual([400]);
  });

  describe('with a timeout of five seconds', () => {
    class Patient extends Pages {
      override timeout = 5000;
    }

    it('ends a connection on which no further request comes', async () => {
      await using site = await serve(Patient);
      const request = get('/hello');
      await site.peer.send(request);
      await site.waits(request.length);
      site.clock.advance(4999);
      await site.peer.send(request);
      await site.waits(2 * request.length);
      site.clock.advance(5000);
      expect(await statuses(site.peer)).toEqual([200, 200]);
      await site.events.stopped(1);
      expect(site.events.reasons).toEqual(['finished']);
      expect(site.events.requestErrors).toEqual([]);
    });

    it('ends a connection that stays within a request', async () => {
      await using site = await serve(Patient);
      const half = post(['Content-Length: 5'], 'hel');
      await site.peer.send(half);
      await site.waits(half.length);
      site.clock.advance(5000);
      expect(await statuses(site.peer)).toEqual([]);
    });
  });

  it('lets go of a client between two requests when the server shuts down', async () => {
    await using site = await serve();
    const request = get('/hello');
    await site.peer.send(request);
    await site.waits(request.length);
    // The clock stands still: without the handler's help this would wait for the whole drainTimeout.
    expect(await site.server.shutdown()).toMatchObject({ finished: 1, cut: [] });
    expect(await statuses(site.peer)).toEqual([200]);
  });

  it('answers the request it is in when the server shuts down, and says that it was the last', async () => {
    await using site = await serve();
    const [head, body] = [post(['Content-Length: 5']), 'hello'];
    await site.peer.send(head);
    await site.waits(head.length);
    const ended = site.server.shutdown();
    await site.peer.send(body + get('/hello'));
    expect(await site.peer.readAll()).toMatch(
      /^HTTP\/1\.1 200 OK\r\n(.+\r\n)*Connection: close\r\n(.+\r\n)*\r\nhello$/,
    );
    expect(await ended).toMatchObject({ finished: 1, cut: [] });
  });
});
