/// <reference types="jest" />
/**
 * What every server keeps to its users, whatever its strategy and its transport: one suite for all of them, with each
 * kind of handler.
 *
 * ```ts
 * contract('async over TCP', (handler, options) => AsyncTCPServer.listen(['127.0.0.1', 0], handler, options));
 * ```
 */
import {
  type BaseServer,
  ManualClock,
  type RequestHandlerClass,
  type ServerOptions,
  type Socket,
} from '@socketserver/core';

import { handlerKinds } from './contract-handlers';
import { expectNoLeaks } from './leaks';
import { Peer } from './peer';
import { RecordedEvents } from './recorded-events';
import { RunningServer } from './running-server';
import { until } from './until';

/** Makes a server of the strategy and transport under test, bound and active. */
export type ContractServer = (handler: RequestHandlerClass<Socket>, options?: ServerOptions) => Promise<BaseServer>;

/** Registers the suite with Jest. Call it at the top of a test file. */
export function contract(name: string, listen: ContractServer): void {
  describe(`the contract: ${name}`, () => {
    expectNoLeaks();

    describe.each(handlerKinds)('$kind', ({ Echo }) => {
      /** A server whose errors are kept and not printed. */
      async function serve(options?: ServerOptions) {
        const server = await listen(Echo, options);
        const errors: unknown[] = [];
        server.handleError = (error) => void errors.push(error);
        return { running: new RunningServer(server), server, events: new RecordedEvents(server), errors };
      }

      it('serves three clients, one after the other', async () => {
        const { running, events } = await serve();
        await using _running = running;
        using _events = events;
        for (const text of ['hello world\n', 'one\ntwo\n', 'last\n']) {
          using peer = await running.connect();
          await peer.send(text);
          expect(await peer.end().readAll()).toBe(text);
        }
        await events.stopped(3);
        expect(events.reasons).toEqual(['peer-closed', 'peer-closed', 'peer-closed']);
      });

      it('answers as long as the client asks', async () => {
        const { running } = await serve();
        await using _running = running;
        using peer = await running.connect();
        for (let count = 0; count < 100; count += 1) {
          const text = `${count}\n`;
          await peer.send(text);
          expect(String(await peer.read(text.length))).toBe(text);
        }
      });

      it('echoes a megabyte that comes as fast as it is taken', async () => {
        const { running, events } = await serve();
        await using _running = running;
        using _events = events;
        using peer = await running.connect();
        const text = `${'x'.repeat(999)}\n`.repeat(1000);
        const sent = peer.send(text).then(() => peer.end());
        expect((await peer.readAll()) === text).toBe(true);
        await sent;
        await events.stopped(1);
        expect(events.stops).toMatchObject([{ bytesRead: 1_000_000, bytesWritten: 1_000_000 }]);
      });

      it('serves the next client after a handler has thrown', async () => {
        const { running, events, errors } = await serve();
        await using _running = running;
        using _events = events;
        using failing = await running.connect();
        await failing.send('throw\n');
        await failing.ending();
        await events.stopped(1);
        expect(errors).toMatchObject([{ message: 'the peer asked for it' }]);
        expect(events.reasons).toEqual(['error']);
        using next = await running.connect();
        await next.send('hello\n');
        expect(await next.end().readAll()).toBe('hello\n');
      });

      it('serves the next client after one has reset its connection', async () => {
        const { running, events } = await serve();
        await using _running = running;
        using _events = events;
        using resetting = await running.connect();
        await resetting.send('hello\n');
        await resetting.read(6);
        resetting.reset();
        await events.stopped(1);
        expect(events.reasons).toEqual(['reset']);
        using next = await running.connect();
        await next.send('hello\n');
        expect(await next.end().readAll()).toBe('hello\n');
      });

      it('drains, is shut down, and serves again', async () => {
        const { running, server, events } = await serve();
        await using _running = running;
        using _events = events;
        using peer = await running.connect();
        await peer.send('hello\n');
        await peer.read(6);
        const report = server.shutdown();
        peer.end();
        expect(await report).toMatchObject({ finished: 1, cut: [] });
        await running.done;
        expect(server.activeConnections).toBe(0);
        await using again = new RunningServer(server);
        using next = await again.connect();
        await next.send('hello\n');
        expect(await next.end().readAll()).toBe('hello\n');
      });

      it('cuts what does not end in time, and says whom', async () => {
        const clock = new ManualClock();
        const { running, server, events, errors } = await serve({ clock, drainTimeout: 1000 });
        await using _running = running;
        using _events = events;
        using peer = await running.connect();
        await peer.send('hang\n');
        await until(() => events.starts.length === 1 && server.activeConnections === 1);
        await peer.read(5);
        const report = server.shutdown();
        clock.advance(1000);
        expect(await report).toMatchObject({ durationMs: 1000, finished: 0, cut: [{ clientAddress: peer.address }] });
        await running.done;
        expect(events.reasons).toEqual(['shutdown']);
        expect(errors).toEqual([]);
        await peer.ending();
      });

      it('ends a connection that is idle for too long', async () => {
        const clock = new ManualClock();
        const { running, events } = await serve({ clock, deadlines: { idle: 1000 } });
        await using _running = running;
        using _events = events;
        using peer = await running.connect();
        await peer.send('hello\n');
        await peer.read(6);
        await new Promise(setImmediate);
        clock.advance(1000);
        await peer.ending();
        await events.stopped(1);
        expect(events.reasons).toEqual(['deadline:idle']);
      });

      it('refuses clients once it is closed, and is closed once and for all', async () => {
        const { running, server } = await serve();
        const address = server.serverAddress;
        expect(server.fileno()).toBeGreaterThan(-1);
        await running[Symbol.asyncDispose]();
        expect(server.fileno()).toBe(-1);
        await expect(Peer.connect(address)).rejects.toThrow(/ECONNREFUSED|ENOENT/);
        await expect(server.serveForever()).rejects.toMatchObject({ code: 'ERR_SERVER_STATE' });
      });
    });
  });
}
