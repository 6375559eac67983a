/// <reference types="jest" />
/** What every server keeps, for connections and for datagrams. */
import { ManualClock } from '@socketserver/core';

import { ask } from './contract-client';
import type { ContractPromise } from './contract-promise';
import { settled } from './settled';
import { until } from './until';
import { VISIT_LENGTH, readVisit } from './visited-echoes';

export const commonPromises: readonly ContractPromise[] = [
  {
    title: 'answers as long as the client asks, in order',
    async keep(subject) {
      await using served = await subject.serve();
      using client = await served.client();
      for (let count = 0; count < 100; count += 1) expect(await ask(client, `${count}\n`)).toBe(`${count}\n`);
    },
  },
  {
    title: 'takes what was sent before it served',
    async keep(subject) {
      await using served = await subject.listen();
      using client = await served.client();
      await client.send('early\n');
      served.serveForever();
      expect(String(await client.read(6))).toBe('early\n');
    },
  },
  {
    title: 'serves the next client after a handler has thrown',
    async keep(subject) {
      await using served = await subject.serve();
      using failing = await served.client();
      await failing.send('throw\n');
      await served.events.stopped(1);
      expect(served.errors).toMatchObject([{ message: 'the peer asked for it' }]);
      expect(served.events.reasons).toEqual(['error']);
      using next = await served.client();
      expect(await ask(next, 'hello\n')).toBe('hello\n');
    },
  },
  {
    title: 'serves nobody whom verifyRequest() refuses',
    async keep(subject) {
      await using served = await subject.serve();
      const { server, events } = served;
      let handlers = 0;
      const finishRequest = server.finishRequest.bind(server);
      server.finishRequest = (...args) => ((handlers += 1), finishRequest(...args));
      server.verifyRequest = () => events.starts.length > 1;
      using refused = await served.client();
      // The connection may have ended before anything could be sent.
      await refused.send('hello\n').catch(() => undefined);
      await events.stopped(1);
      expect(events.reasons).toEqual(['refused']);
      expect(handlers).toBe(0);
      using next = await served.client();
      expect(await ask(next, 'hello\n')).toBe('hello\n');
      expect(handlers).toBe(1);
    },
  },
  {
    title: 'cuts what does not end in time, says whom, and serves again',
    async keep(subject) {
      const clock = new ManualClock();
      await using served = await subject.serve({ clock, drainTimeout: 1000 });
      const { server, events, errors } = served;
      using hanging = await served.client();
      expect(await ask(hanging, 'hang\n')).toBe('hung\n');
      const report = server.shutdown();
      clock.advance(1000);
      const { id, clientAddress } = events.starts[0]!;
      expect(await report).toMatchObject({ durationMs: 1000, finished: 0, cut: [{ id, clientAddress }] });
      await served.done;
      expect(events.reasons).toEqual(['shutdown']);
      expect(errors).toEqual([]);
      expect(server.activeConnections).toBe(0);
      served.serveForever();
      using next = await served.client();
      expect(await ask(next, 'hello\n')).toBe('hello\n');
    },
  },
  {
    title: 'tells running handlers by their signal that it drains, and waits for their answers',
    async keep(subject) {
      const clock = new ManualClock();
      await using served = await subject.serve({ clock, drainTimeout: 1000 });
      using client = await served.client();
      await client.send('wait\n');
      expect(String(await client.read(8))).toBe('waiting\n');
      const { signal } = served.server;
      expect(signal.aborted).toBe(false);
      const report = served.server.shutdown();
      expect(signal.reason).toMatchObject({ code: 'ERR_SHUTDOWN', remaining: 1000 });
      expect(String(await client.read(4))).toBe('bye\n');
      client[Symbol.dispose]();
      expect(await report).toMatchObject({ finished: 1, cut: [] });
    },
  },
  {
    title: 'ends a handler that works for too long, and serves the next client',
    async keep(subject) {
      const time = subject.time();
      await using served = await subject.serve({ clock: time.clock, deadlines: { handler: time.deadline } });
      using hanging = await served.client();
      expect(await ask(hanging, 'hang\n')).toBe('hung\n');
      await time.pass();
      await served.events.stopped(1);
      expect(served.events.reasons).toEqual(['deadline:handler']);
      using next = await served.client();
      expect(await ask(next, 'hello\n')).toBe('hello\n');
    },
  },
  {
    title: 'takes nothing while it is suspended, and loses nothing of it',
    async keep(subject) {
      await using served = await subject.serve();
      const { server, events } = served;
      server.suspend();
      expect(server.isSuspended).toBe(true);
      using client = await served.client();
      await client.send('hello\n');
      await settled();
      expect(events.starts).toEqual([]);
      server.resume();
      expect(String(await client.read(6))).toBe('hello\n');
    },
  },
  {
    title: 'handles one request by handleRequest()',
    async keep(subject) {
      await using served = await subject.listen();
      const { server, events } = served;
      for (const [index, text] of ['first\n', 'second\n'].entries()) {
        using client = await served.client();
        await client.send(text);
        await settled();
        expect(events.starts).toHaveLength(index);
        const handled = server.handleRequest();
        expect(String(await client.read(text.length))).toBe(text);
        client[Symbol.dispose]();
        expect(await handled).toBeUndefined();
        await events.stopped(index + 1);
      }
      expect(events.serverStarts).toEqual([]);
    },
  },
  {
    title: 'calls handleTimeout() when nothing comes for handleRequest()',
    async keep(subject) {
      const clock = new ManualClock();
      await using served = await subject.listen({ clock });
      const { server } = served;
      server.timeout = 1000;
      server.handleTimeout = () => 'nobody came';
      const handled = server.handleRequest();
      await until(() => clock.pending > 0);
      clock.advance(1000);
      expect(await handled).toBe('nobody came');
    },
  },
  {
    title: 'tells of every beginning and every end once',
    async keep(subject) {
      await using served = await subject.serve();
      const { server, events } = served;
      for (const text of ['one\n', 'two\n', 'three\n']) {
        using client = await served.client();
        expect(await ask(client, text)).toBe(text);
      }
      await events.stopped(3);
      const report = await server.shutdown();
      expect(await served.done).toEqual(report);
      await server.serverClose();
      const ids = events.starts.map(({ id }) => id);
      expect(new Set(ids).size).toBe(3);
      expect(events.stops.map(({ id }) => id).sort()).toEqual(ids.sort());
      expect(events.serverStarts).toEqual([{ server, address: server.serverAddress }]);
      expect(events.serverStops).toEqual([{ server, report }]);
      expect(events.serverErrors).toEqual([]);
      expect(server.activeConnections).toBe(0);
    },
  },
  {
    title: 'knows its clients by their addresses',
    async keep(subject) {
      await using served = await subject.serve();
      using client = await served.client();
      await ask(client, 'hello\n');
      expect(served.events.starts).toMatchObject([{ clientAddress: client.address }]);
    },
  },
  {
    title: 'makes the services of a connection for each one, and disposes them when it ends',
    async keep(subject) {
      await using served = await subject.serve({}, subject.VisitedEcho);
      const visits: ReturnType<typeof readVisit>[] = [];
      for (const [index, text] of ['visit\n', 'throw\n', 'visit\n', 'visit\n'].entries()) {
        using client = await served.client();
        await client.send(text);
        if (text === 'visit\n') visits.push(readVisit(String(await client.read(VISIT_LENGTH))));
        client[Symbol.dispose]();
        await served.events.stopped(index + 1);
      }
      // Others may have been made before.
      const { made } = visits[0]!;
      expect(visits).toEqual([made, made + 2, made + 3].map((count) => ({ made: count, open: 1 })));
    },
  },
  {
    title: 'is closed once and for all',
    async keep(subject) {
      await using served = await subject.serve();
      const { server } = served;
      expect(server.fileno()).toBeGreaterThan(-1);
      await server.serverClose();
      await served.done;
      expect(server.fileno()).toBe(-1);
      await expect(server.serveForever()).rejects.toMatchObject({ code: 'ERR_SERVER_STATE' });
      await expect(server.handleRequest()).rejects.toMatchObject({ code: 'ERR_SERVER_STATE' });
    },
  },
];
