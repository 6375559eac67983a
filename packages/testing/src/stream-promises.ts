/// <reference types="jest" />
/** What every server for connections keeps besides: a stream has an end, and a connection lasts. */
import { ManualClock } from '@socketserver/core';

import { ask } from './contract-client';
import type { ContractPromise } from './contract-promise';
import { settled } from './settled';

const halfClose = { stream: 'a datagram has no half-close' };
const connection = { stream: 'a datagram is no connection' };

export const streamPromises: readonly ContractPromise[] = [
  {
    title: 'serves three clients, one after the other, to the end of their streams',
    needs: halfClose,
    async keep(subject) {
      await using served = await subject.serve();
      for (const text of ['hello world\n', 'one\ntwo\n', 'last\n']) {
        using peer = await served.connect();
        await peer.send(text);
        expect(await peer.end().readAll()).toBe(text);
      }
      await served.events.stopped(3);
      expect(served.events.reasons).toEqual(['peer-closed', 'peer-closed', 'peer-closed']);
    },
  },
  {
    title: 'echoes a megabyte that comes as fast as it is taken',
    needs: { stream: 'no datagram is so long' },
    async keep(subject) {
      await using served = await subject.serve();
      using peer = await served.connect();
      const text = `${'x'.repeat(999)}\n`.repeat(1000);
      const sent = peer.send(text).then(() => peer.end());
      expect((await peer.readAll()) === text).toBe(true);
      await sent;
      await served.events.stopped(1);
      expect(served.events.stops).toMatchObject([{ bytesRead: 1_000_000, bytesWritten: 1_000_000 }]);
    },
  },
  {
    title: 'ends the stream of a client whose handler has thrown',
    needs: connection,
    async keep(subject) {
      await using served = await subject.serve();
      using failing = await served.connect();
      await failing.send('throw\n');
      expect(await failing.ending()).toBe('end');
    },
  },
  {
    title: 'ends the stream of a client that it refuses',
    needs: connection,
    async keep(subject) {
      await using served = await subject.listen();
      served.server.verifyRequest = () => false;
      served.serveForever();
      using refused = await served.connect();
      expect(await refused.ending()).toBe('end');
    },
  },
  {
    title: 'serves the next client after one has reset its connection',
    needs: { stream: 'a datagram is no connection', reset: 'a Unix socket knows no reset' },
    async keep(subject) {
      await using served = await subject.serve();
      using resetting = await served.connect();
      await ask(resetting, 'hello\n');
      resetting.reset();
      await served.events.stopped(1);
      expect(served.events.reasons).toEqual(['reset']);
      using next = await served.connect();
      expect(await ask(next, 'hello\n')).toBe('hello\n');
    },
  },
  {
    title: 'drains, is shut down, and serves again',
    needs: connection,
    async keep(subject) {
      await using served = await subject.serve();
      const { server } = served;
      using peer = await served.connect();
      await ask(peer, 'hello\n');
      const report = server.shutdown();
      peer.end();
      expect(await report).toMatchObject({ finished: 1, cut: [] });
      await served.done;
      expect(server.activeConnections).toBe(0);
      served.serveForever();
      using next = await served.connect();
      expect(await ask(next, 'hello\n')).toBe('hello\n');
    },
  },
  {
    title: 'takes nobody once it is shut down, until it serves again',
    needs: connection,
    async keep(subject) {
      await using served = await subject.serve();
      const { server } = served;
      using peer = await served.connect();
      await peer.send('hello\n');
      // Whether the client was taken before that or not: what began has ended, and nothing begins after it.
      const report = server.shutdown();
      server.abort();
      await report;
      await served.done;
      const { length } = served.events.starts;
      await settled();
      expect(server.activeConnections).toBe(0);
      expect(served.events.starts).toHaveLength(length);
      served.serveForever();
      using next = await served.connect();
      peer[Symbol.dispose]();
      expect(await ask(next, 'hello\n')).toBe('hello\n');
    },
  },
  {
    title: 'does not cut those that it serves after it has cut others',
    needs: connection,
    async keep(subject) {
      await using served = await subject.serve();
      const { server, events } = served;
      using cut = await served.connect();
      await ask(cut, 'hello\n');
      const report = server.shutdown();
      using next = await served.connect();
      await next.send('hello\n');
      server.abort();
      await report;
      await served.done;
      served.serveForever();
      expect(String(await next.read(6))).toBe('hello\n');
      await settled();
      expect(server.activeConnections).toBe(1);
      next.end();
      await events.stopped(2);
      expect(events.reasons[1]).toBe('peer-closed');
    },
  },
  {
    title: 'ends the stream of a client that it cuts',
    needs: connection,
    async keep(subject) {
      const clock = new ManualClock();
      await using served = await subject.serve({ clock, drainTimeout: 1000 });
      using peer = await served.connect();
      await ask(peer, 'hang\n');
      const report = served.server.shutdown();
      clock.advance(1000);
      await report;
      await peer.ending();
    },
  },
  {
    title: 'says good-bye to a client that is between two messages',
    needs: {
      stream: 'a datagram is one message, and nobody waits for the next',
      messages: 'only the handler itself knows where its messages end',
    },
    async keep(subject) {
      await using served = await subject.serve();
      using peer = await served.connect();
      await ask(peer, 'hello\n');
      const report = served.server.shutdown();
      expect(await peer.readAll()).toBe('goodbye\n');
      expect(await report).toMatchObject({ finished: 1, cut: [] });
      expect(served.events.reasons).toEqual(['finished']);
    },
  },
  {
    title: 'ends a connection that is idle for too long',
    needs: { stream: 'a datagram has come whole' },
    async keep(subject) {
      const time = subject.time();
      await using served = await subject.serve({ clock: time.clock, deadlines: { idle: time.deadline } });
      using peer = await served.connect();
      await ask(peer, 'hello\n');
      await time.pass();
      await peer.ending();
      await served.events.stopped(1);
      expect(served.events.reasons).toEqual(['deadline:idle']);
    },
  },
  {
    title: 'goes on with a running connection while it is suspended',
    needs: connection,
    async keep(subject) {
      await using served = await subject.serve();
      using peer = await served.connect();
      await ask(peer, 'hello\n');
      served.server.suspend();
      expect(await ask(peer, 'still there\n')).toBe('still there\n');
    },
  },
  {
    title: 'lets clients beyond maxConnections wait, and serves them all',
    needs: { stream: 'for datagrams there is a promise of its own' },
    async keep(subject) {
      await using served = await subject.listen({ maxConnections: 2 });
      const { server, events } = served;
      let most = 0;
      server.verifyRequest = () => ((most = Math.max(most, server.activeConnections)), true);
      served.serveForever();
      const texts = Array.from({ length: 8 }, (_, index) => `client ${index}\n`);
      const peers = await Promise.all(texts.map(() => served.connect()));
      await events.started(1);
      await settled();
      const echoes = peers.map(async (peer, index) => {
        await peer.send(texts[index]!);
        return peer.end().readAll();
      });
      expect(await Promise.all(echoes)).toEqual(texts);
      await events.stopped(8);
      // One at a time, where the strategy has no more.
      expect(most).toBeGreaterThanOrEqual(1);
      expect(most).toBeLessThanOrEqual(2);
      for (const peer of peers) peer[Symbol.dispose]();
    },
  },
  {
    title: 'refuses clients once it is closed',
    needs: { stream: 'nobody answers a datagram that is refused' },
    async keep(subject) {
      await using served = await subject.serve();
      await served.server.serverClose();
      await expect(served.connect()).rejects.toThrow(/ECONNREFUSED|ENOENT/);
    },
  },
];
